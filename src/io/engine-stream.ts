// What is inside of TLS as a Stream, over any other stream, by OpenSSL (openssl-connection.ts). First it carries the handshake.

import { HoldSet } from '../session/hold-set.ts';
import type { Behind, HoldReason, Ownership, Stream, StreamListener } from '../session/stream.ts';
import { TRUNCATED } from '../session/stream.ts';
import { DriverStream } from './driver-stream.ts';
import type { EngineStreamOptions, HandshakeWatcher } from './engine-stream-options.ts';
import type { OpenSslConnection } from './openssl-connection.ts';
import type { OpenSslShare } from './openssl-share.ts';
import { TAKEN_BYTES, WRITTEN_BYTES } from './openssl-share.ts';

const NO_LISTENER: HoldReason = 'no-listener';
/** Why the stream beneath is not read: this one is held. */
const HELD_ABOVE: HoldReason = 'held-above';
/** What TLS itself has to answer finds no room. */
const ANSWERS_WAIT: HoldReason = 'answers-wait';

/** What the peer sends: more, the end which is to be said, or it has been said. */
type Incoming = 'open' | 'end-due' | 'ended';
type Life = 'handshake' | 'open' | 'closing' | 'closed';

/** A side of TLS. It is the listener of the stream beneath, and owns both that and the connection of OpenSSL. */
export class EngineStream implements Stream, StreamListener {
  readonly ownership: Ownership = 'lent';
  readonly framing = 'bytes';
  readonly descriptor = undefined;

  readonly #share: OpenSslShare;
  readonly #connection: OpenSslConnection;
  readonly #beneath: Stream;
  readonly #options: EngineStreamOptions;
  readonly #holds = new HoldSet();
  #watcher: HandshakeWatcher | undefined;
  #listener: StreamListener | undefined;
  #incoming: Incoming = 'open';
  #isEnding = false;
  #isFull = false;
  /** Whether a `write` has said so: not all that is sent is written by somebody who waits. */
  #owesDrained = false;
  #life: Life = 'handshake';
  #hasTickets = false;
  /** What came while nobody could hear it, as it came. */
  #unread: Uint8Array | undefined;
  /** The end of the stream beneath, which is behind that. */
  #behindUnread: (() => void) | undefined;
  /** Whether a piece of what came was decrypted, and there are others. */
  #isInPieces = false;
  #isScheduled = false;
  #error: string | undefined;
  /** Whether the peer has ended without the closing alert of TLS so far. */
  isTruncated = false;

  /** Whatever the stream beneath knows. */
  get isFlushed(): boolean {
    return !this.#connection.isStuck && this.#beneath.isFlushed === true;
  }

  get behind(): Behind | undefined {
    return this.#isInPieces || this.#hasUnread ? 'more' : this.#beneath.behind;
  }

  /** `begin` must follow. */
  constructor(
    share: OpenSslShare,
    connection: OpenSslConnection,
    beneath: Stream,
    options: EngineStreamOptions,
  ) {
    this.#share = share;
    this.#connection = connection;
    this.#beneath = beneath;
    this.#options = options;
  }

  /** Begins the handshake. The watcher is called once, unless the stream is destroyed before. */
  begin(watcher: HandshakeWatcher): void {
    this.#watcher = watcher;
    this.#beneath.listen(this);
    this.#shake();
  }

  listen(listener: StreamListener): void {
    if (this.#listener !== undefined) throw new Error('A stream has one listener, set once');
    this.#listener = listener;
    this.release(NO_LISTENER);
    if (this.#life === 'closing') this.#schedule();
  }

  unlisten(): boolean {
    const isAlive = this.#life === 'open' && this.#incoming === 'open' && !this.#isEnding;
    const isQuiet = this.#unread === undefined && !this.#holds.isHeld && !this.#isFull;
    // What has come in part of a record was meant for whoever is leaving.
    if (!isAlive || !isQuiet || this.#connection.isWithinRecord) return false;
    if (this.#beneath.unlisten?.() !== true) return false;
    this.#listener = undefined;
    this.hold(NO_LISTENER);
    this.#beneath.listen(this);
    return true;
  }

  write(bytes: Uint8Array): boolean {
    if (this.#life !== 'open' || this.#isEnding || bytes.length === 0) return this.#hasRoom();
    for (let at = 0; at < bytes.length && this.#isOpen; at += WRITTEN_BYTES) {
      const isWhole = bytes.length <= WRITTEN_BYTES;
      this.#connection.write(isWhole ? bytes : bytes.subarray(at, at + WRITTEN_BYTES));
      this.#send();
    }
    if (this.#connection.state === 'failed') this.#lose(this.#connection.error?.code);
    if (this.#connection.isStuck) this.#isFull = true;
    return this.#hasRoom();
  }

  end(): void {
    if (this.#life !== 'open' || this.#isEnding) return;
    this.#isEnding = true;
    this.#connection.end();
    this.#send();
    if (!this.#connection.isStuck) this.#beneath.end();
    if (this.#incoming === 'ended') this.#schedule();
  }

  hold(reason: HoldReason): void {
    if (this.#holds.add(reason)) this.#beneath.hold(HELD_ABOVE);
  }

  release(reason: HoldReason): void {
    if (!this.#holds.remove(reason) || this.#life !== 'open') return;
    if (this.#unread !== undefined || this.#incoming === 'end-due') this.#schedule();
    this.#beneath.release(HELD_ABOVE);
  }

  destroy(how?: 'reset'): void {
    if (this.#life === 'closing' || this.#life === 'closed') return;
    this.#watcher = undefined;
    this.#close(undefined, how);
  }

  keepAlive(): void {
    this.#beneath.keepAlive();
  }

  received(bytes: Uint8Array): void {
    if (this.#life === 'handshake') {
      this.#shakeWith(bytes);
      return;
    }
    if (this.#unread === undefined) {
      this.#hear(bytes);
      return;
    }
    this.#keep(bytes);
    this.#hearUnread();
  }

  ended(): void {
    if (this.#life === 'handshake') {
      this.#giveUpHandshake();
      return;
    }
    this.#behindUnread = () => this.#beneathIsOver('ended');
    this.#hearUnread();
  }

  drained(): void {
    this.#beneath.release(ANSWERS_WAIT);
    if (this.#connection.isStuck) return;
    this.#isFull = false;
    if (this.#isEnding && this.#incoming === 'ended') this.#schedule();
    if (!this.#owesDrained) return;
    this.#owesDrained = false;
    if (this.#isOpen) this.#listener?.drained();
  }

  closed(error?: string): void {
    if (this.#life === 'handshake') {
      this.#giveUpHandshake();
      return;
    }
    if (error !== undefined) this.#lose(error);
    this.#behindUnread = () => this.#beneathIsOver('closed');
    this.#hearUnread();
  }

  /** The stream beneath has ended, or has closed: properly only if TLS has ended before. */
  #beneathIsOver(how: 'ended' | 'closed'): void {
    if (!this.#isOpen) return;
    const isCut = this.#incoming === 'open';
    if (isCut && !(how === 'closed' && this.#isEnding)) this.isTruncated = true; // let go behind our end: not cut
    if (isCut && !this.#options.permitTruncation) this.#lose(TRUNCATED);
    else if (how === 'closed') this.#close(undefined);
    else this.#endIncoming();
  }

  get #isOpen(): boolean {
    return this.#life === 'open';
  }

  #hasRoom(): boolean {
    this.#owesDrained = this.#isFull;
    return !this.#isFull;
  }

  /** Begins a handshake, or goes on with what came, in pieces that find room. What is behind it is kept. */
  #shakeWith(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += TAKEN_BYTES) {
      const piece = bytes.subarray(at, at + TAKEN_BYTES);
      if (this.#life !== 'handshake') this.#keep(piece);
      else {
        this.#share.put(piece);
        this.#shake();
      }
    }
  }

  #shake(): void {
    const connection = this.#connection;
    if (connection.handshake()) {
      this.#isShaken();
      return;
    }
    this.#send();
    if (connection.state !== 'open') this.#giveUpHandshake(connection.error);
  }

  #isShaken(): void {
    const rest = Buffer.from(this.#share.takeBack());
    const last = this.#share.takeOutgoing();
    const isAccepted = this.#watcher?.accepts() === true;
    if (!isAccepted || this.#life !== 'handshake') {
      this.#giveUpHandshake();
      return;
    }
    this.#life = 'open';
    this.hold(NO_LISTENER);
    this.#sendBytes(last);
    if (rest.length > 0) this.#keep(rest);
    this.#takeWatcher()?.secured();
  }

  #giveUpHandshake(error?: Error): void {
    if (this.#life !== 'handshake') return;
    const watcher = this.#takeWatcher();
    this.#close(undefined);
    watcher?.failed(error);
  }

  #takeWatcher(): HandshakeWatcher | undefined {
    const watcher = this.#watcher;
    this.#watcher = undefined;
    return watcher;
  }

  #hear(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += TAKEN_BYTES) {
      if (this.#life !== 'open' || this.#incoming !== 'open') return;
      const rest = bytes.length <= TAKEN_BYTES ? bytes : bytes.subarray(at);
      if (this.#holds.isHeld) {
        this.#keep(rest);
        return;
      }
      this.#isInPieces = rest.length > TAKEN_BYTES;
      this.#decrypt(rest.length <= TAKEN_BYTES ? rest : rest.subarray(0, TAKEN_BYTES));
    }
  }

  #keep(bytes: Uint8Array): void {
    this.#unread = Buffer.concat(this.#unread === undefined ? [bytes] : [this.#unread, bytes]);
  }

  get #hasUnread(): boolean {
    return this.#unread !== undefined;
  }

  /** Hears what came before, as far as nobody holds it, and then what is behind it. */
  #hearUnread(): void {
    const unread = this.#unread;
    if (unread !== undefined) {
      if (this.#holds.isHeld) return;
      this.#unread = undefined;
      this.#hear(unread);
      if (this.#hasUnread) return;
    }
    const behind = this.#behindUnread;
    this.#behindUnread = undefined;
    behind?.();
  }

  /** Decrypts one piece whole, since it goes through memory that is shared, and hands on what is inside. */
  #decrypt(bytes: Uint8Array): void {
    this.#share.put(bytes);
    const wasStuck = this.#connection.isStuck;
    const decrypted = this.#share.decrypted(this.#connection);
    const { state, error } = this.#connection;
    this.#share.lend(decrypted, () => this.#handOn(decrypted, wasStuck));
    if (state === 'ended') this.#endIncoming();
    if (state === 'failed') this.#lose(error?.code);
  }

  /** The answer may already call somebody, over a link: who uses that memory, or destroys this stream. */
  #handOn(decrypted: Uint8Array, wasStuck: boolean): void {
    const hasRoom = this.#answer();
    if (wasStuck && this.#isOpen && !this.#connection.isStuck) {
      if (this.#isEnding) this.#beneath.end();
      else if (hasRoom) this.drained();
    }
    if (decrypted.length === 0 || !this.#isOpen) return;
    this.#takeTickets();
    this.#listener?.received(decrypted);
  }

  #takeTickets(): void {
    if (this.#hasTickets) return;
    this.#hasTickets = true;
    this.#options.tickets?.();
  }

  /** Sends what TLS has to answer by itself. A peer that makes it answer is not read while it does not take the answers. */
  #answer(): boolean {
    const hasRoom = this.#send();
    if (!hasRoom) this.#beneath.hold(ANSWERS_WAIT);
    return hasRoom;
  }

  /** Sends what OpenSSL has written. False: stop until `drained`. */
  #send(): boolean {
    return this.#sendBytes(this.#share.takeOutgoing());
  }

  #sendBytes(outgoing: Uint8Array): boolean {
    if (outgoing.length === 0) return true;
    // Only the driver is sure to call nobody who makes TLS use that memory again.
    const isSafe = (this.#beneath.carrier ?? this.#beneath) instanceof DriverStream;
    const hasRoom = isSafe
      ? this.#beneath.write(outgoing, 'lent')
      : this.#beneath.write(Buffer.from(outgoing), 'given');
    if (!hasRoom) this.#isFull = true;
    return hasRoom;
  }

  #endIncoming(): void {
    if (this.#incoming !== 'open' || !this.#isOpen) return;
    this.#takeTickets();
    this.#incoming = 'end-due';
    this.#sayEnded();
  }

  #sayEnded(): void {
    if (this.#incoming !== 'end-due' || this.#holds.isHeld || !this.#isOpen) return;
    this.#incoming = 'ended';
    this.#listener?.ended();
    if (this.#isEnding) this.#closeIfFlushed();
  }

  /** Both have ended: a peer that keeps its connection all the same is not waited for. */
  #closeIfFlushed(): void {
    if (this.#isOpen && this.isFlushed) this.#close(undefined);
  }

  /** All that came has been handed on, and TLS is broken, or cut. */
  #lose(error: string | undefined): void {
    if (this.#isOpen) this.#close(error ?? 'ECONNRESET');
  }

  #close(error: string | undefined, how?: 'reset'): void {
    this.#life = 'closing';
    this.#error = error;
    this.#unread = undefined;
    this.#behindUnread = undefined;
    this.#connection.free();
    this.#beneath.destroy(how);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#listener === undefined) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#sayWhatIsDue();
    });
  }

  #sayWhatIsDue(): void {
    if (this.#isOpen) {
      this.#hearUnread();
      this.#sayEnded();
      if (this.#isEnding && this.#incoming === 'ended') this.#closeIfFlushed();
    }
    if (this.#life !== 'closing') return;
    this.#life = 'closed';
    this.#listener?.closed(this.#error);
  }
}
