// A Stream over a socket of node:net: what carries a connection wherever Node runs.

import { readSync } from 'node:fs';
import type { Socket } from 'node:net';
import { HoldSet } from '../session/hold-set.ts';
import type { Behind, HoldReason, Ownership, Stream, StreamListener } from '../session/stream.ts';
import { TRUNCATED } from '../session/stream.ts';
import { errorCode } from './error-code.ts';

/**
 * What may wait in this process for one socket before `write` says stop. Node reads up to 64 KiB at once, so a smaller
 * mark would stop the other side at every read; a larger one only keeps more memory for each slow peer.
 */
export const SOCKET_HIGH_WATER_MARK = 65_536;

/**
 * What is read is freed from here on as soon as it is written. Whoever waits for V8 to do that pays for it: the memory of
 * buffers makes it look through its whole heap some fifty times a gigabyte. Freeing a small one costs more than that.
 */
const MIN_FREED_BYTES = 4_096;

/** As much as Node reads at once. */
const NODE_READ_BYTES = 65_536;

const NO_LISTENER: HoldReason = 'no-listener';

/** The two last things to say, `ended` and `closed`: not yet due, due, or said. */
type Saying = 'not-yet' | 'due' | 'said';

/** What is particular to a socket. */
export interface SocketOptions {
  /**
   * A UNIX socket cannot be reset: its peer takes every cut for an end. TLS is reset with its carrier, and its peer sees in any
   * case that the end is missing. Default: `'tcp'`.
   */
  readonly kind?: 'tcp' | 'unix' | 'tls';
  /** Called when a write has failed, while the socket can still be looked at. */
  readonly writeFailed?: () => void;
  /** Whether something may be missing at the end of what the peer sends. The stream is lost then, and has not ended. */
  readonly end?: { isTruncated: boolean };
  /** Has the connection that carries it be reset when it is closed. */
  readonly resetOnClose?: () => void;
  /** Of TLS: whether something has come for it that Node has not read. Default: that is not known. */
  readonly hasUnread?: () => boolean;
}

/**
 * A connected socket as a Stream. It has no descriptor to give away: Node reads ahead while the stream is held, and
 * bytes moved inside the kernel would overtake what it has read. Writes after `end` or `destroy` are dropped.
 */
export class SocketStream implements Stream {
  readonly ownership: Ownership = 'left'; // Node allocates a buffer for every read and never uses it again
  readonly framing = 'bytes';
  readonly descriptor = undefined;

  readonly #socket: Socket;
  readonly #kind: 'tcp' | 'unix' | 'tls';
  readonly #end: SocketOptions['end'];
  readonly #resetOnClose: (() => void) | undefined;
  readonly #hasUnread: (() => boolean) | undefined;
  readonly #written: ((error?: Error | null) => void) | undefined;
  readonly #holds = new HoldSet();
  #listener: StreamListener | undefined;
  #ending: Saying = 'not-yet';
  #closing: Saying = 'not-yet';
  /** How long the last piece was that was handed on. */
  #pieceBytes = 0;
  #isFull = false;
  /** `due`: asked for, and done in a later turn. */
  #ownEnd: 'not-yet' | 'due' | 'done' = 'not-yet';
  #isDestroyed = false;
  #error: string | undefined;
  /** What waited in the kernel when a write failed. */
  #unread: Uint8Array | undefined;

  constructor(socket: Socket, options: SocketOptions = {}) {
    const { kind = 'tcp', writeFailed } = options;
    this.#socket = socket;
    this.#kind = kind;
    this.#end = options.end;
    this.#resetOnClose = options.resetOnClose;
    this.#hasUnread = options.hasUnread;
    const failed = kind === 'tcp' ? (): void => this.#keepUnread() : writeFailed;
    if (failed !== undefined)
      this.#written = (error) => {
        if (error instanceof Error) failed();
      };
    this.#holds.add(NO_LISTENER);
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
    socket.pause();
    socket.on('data', (bytes) => this.#hasReceived(bytes));
    socket.on('end', () => this.#hasEnded());
    socket.on('drain', () => this.#hasDrained());
    // Node says no 'drain' once `end` was called, but whoever was told to stop waits for it all the same.
    socket.on('finish', () => this.#hasDrained());
    socket.on('error', (error) => (this.#error ??= errorCode(error)));
    socket.on('close', () => this.#hasClosed());
  }

  /** Each record of TLS is a piece. */
  get behind(): Behind | undefined {
    if (this.#pieceBytes === NODE_READ_BYTES || this.#socket.readableLength > 0) return 'more';
    return this.#kind === 'tls' ? 'unknown' : undefined;
  }

  listen(listener: StreamListener): void {
    if (this.#listener !== undefined) throw new Error('A stream has one listener, set once');
    this.#listener = listener;
    this.release(NO_LISTENER);
    if (this.#closing === 'due') queueMicrotask(() => this.#sayWhatIsDue());
  }

  unlisten(unread?: 'left'): boolean {
    if (!this.#isAlive || !this.#isQuiet) return false;
    if (unread !== 'left' && !this.#hasNothingUnread()) return false;
    this.#listener = undefined;
    this.hold(NO_LISTENER);
    return true;
  }

  write(bytes: Uint8Array, ownership: Ownership): boolean {
    const isOpen = this.#socket.writable && this.#ownEnd === 'not-yet';
    if (!isOpen || bytes.length === 0) return !this.#isFull;
    // The kernel may take only a part, and Node tells nobody, so lent bytes must always be copied.
    const written = ownership === 'left' ? this.#freeing(bytes) : this.#written;
    this.#socket.write(ownership === 'lent' ? Buffer.from(bytes) : bytes, written);
    if (this.#socket.writableLength > SOCKET_HIGH_WATER_MARK) this.#isFull = true;
    return !this.#isFull;
  }

  /** Frees bytes once they are written, where they are all that is in their memory. */
  #freeing(bytes: Uint8Array): ((error?: Error | null) => void) | undefined {
    const memory = bytes.buffer;
    const isWhole = memory instanceof ArrayBuffer && memory.byteLength === bytes.length;
    if (!isWhole || bytes.length < MIN_FREED_BYTES) return this.#written;
    return (error) => {
      memory.transfer(0);
      this.#written?.(error);
    };
  }

  /**
   * Of TLS in a turn of the loop of its own: Node has OpenSSL look for the closing alert of the peer then, and if that finds
   * more records behind the one that is being told of, it reads none ever after, while Node goes on to keep what comes.
   */
  end(): void {
    if (!this.#socket.writable || this.#ownEnd !== 'not-yet') return;
    this.#ownEnd = 'due';
    if (this.#kind === 'tls') setImmediate(() => this.#endNow());
    else this.#endNow();
  }

  #endNow(): void {
    if (this.#ownEnd !== 'due') return;
    this.#ownEnd = 'done';
    this.#socket.end();
  }

  hold(reason: HoldReason): void {
    if (this.#holds.add(reason)) this.#socket.pause();
  }

  release(reason: HoldReason): void {
    if (!this.#holds.remove(reason) || this.#isDestroyed) return;
    this.#socket.resume(); // Node reads in a later tick, so nothing is received from within this call
    if (this.#ending === 'due') queueMicrotask(() => this.#sayWhatIsDue());
  }

  destroy(how?: 'reset'): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#endNow(); // if that is due: the peer is to be told
    const isReset = how === 'reset' || this.#socket.writableLength > 0;
    if (this.#closing === 'due') queueMicrotask(() => this.#sayWhatIsDue());
    else if (this.#kind === 'tcp' && isReset) resetSocket(this.#socket);
    else {
      if (isReset) this.#resetOnClose?.();
      this.#socket.destroy();
    }
  }

  keepAlive(): void {
    this.#socket.setKeepAlive(true); // when and how often is the system's setting, as for every other program
  }

  #hasReceived(bytes: Uint8Array): void {
    if (this.#isDestroyed) return; // Node still says what it had read before a destroy
    if (!this.#holds.isHeld) {
      this.#pieceBytes = bytes.length;
      this.#listener?.received(bytes);
      return;
    }
    // Node itself resumes the sockets of a child process that has exited.
    this.#socket.pause();
    this.#socket.unshift(bytes);
  }

  get #isAlive(): boolean {
    const isOpen = this.#socket.writable && this.#ownEnd === 'not-yet' && !this.#isDestroyed;
    return isOpen && this.#ending === 'not-yet' && this.#closing === 'not-yet';
  }

  get #isQuiet(): boolean {
    const { readableLength, writableLength } = this.#socket;
    return readableLength === 0 && writableLength === 0 && !this.#holds.isHeld;
  }

  /** Whether nothing waits in the kernel, where Node looks in a later turn of the loop only. */
  #hasNothingUnread(): boolean {
    if (this.#kind === 'tls') return this.#hasUnread?.() !== true;
    try {
      const unread = readDirectly(this.#socket, 1);
      if (unread !== undefined) this.#putBack(unread);
      return unread === undefined;
    } catch (error) {
      // The kernel says it once, and then that there is an end.
      this.#socket.destroy(error instanceof Error ? error : undefined);
      return false;
    }
  }

  /** An end stays where it was. */
  #putBack(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#socket.pause(); // or they were told of from within this call
    this.#socket.unshift(bytes);
    this.#socket.resume();
  }

  /**
   * Whoever refuses an upload answers it, and closes with the rest unread: that resets the connection, and a write fails while
   * the answer waits here (RFC 9112, 9.6). Node throws it away.
   */
  #keepUnread(): void {
    const isRead = this.#ending !== 'not-yet' || this.#socket.readableLength > 0;
    if (isRead || this.#isDestroyed || this.#holds.isHeld || this.#unread !== undefined) return;
    try {
      this.#unread = readDirectly(this.#socket, SOCKET_HIGH_WATER_MARK);
    } catch {
      // The reset is told of as the error of the write.
    }
  }

  #handOnUnread(listener: StreamListener): void {
    const isHeard = !this.#holds.isHeld && !this.#isDestroyed;
    if (this.#unread !== undefined && this.#unread.length > 0 && isHeard)
      listener.received(this.#unread);
  }

  #hasEnded(): void {
    this.#ending = 'due';
    this.#sayWhatIsDue();
  }

  #hasDrained(): void {
    if (!this.#isFull || this.#isDestroyed) return;
    this.#isFull = false;
    this.#listener?.drained();
  }

  #hasClosed(): void {
    this.#closing = 'due';
    // What is lost below takes TLS along without a word.
    if (this.#isCutBelow) this.#cut();
    this.#sayWhatIsDue();
  }

  /** Says `ended` and `closed` as far as they are due, in this order and once each. */
  #sayWhatIsDue(): void {
    if (this.#listener === undefined) return;
    if (this.#ending === 'due' && !this.#isDestroyed && !this.#holds.isHeld) {
      this.#ending = 'said';
      if (this.#end?.isTruncated === true) this.#lose();
      else this.#listener.ended();
    }
    if (this.#closing !== 'due' || this.#owesEnded()) return;
    this.#closing = 'said';
    this.#handOnUnread(this.#listener);
    this.#listener.closed(this.#isDestroyed ? undefined : this.#error);
  }

  get #isCutBelow(): boolean {
    return this.#ending === 'not-yet' && !this.#isDestroyed && this.#error === undefined;
  }

  #cut(): void {
    if (this.#end === undefined) return;
    this.#end.isTruncated = true;
    this.#error = TRUNCATED;
  }

  /** All that came has been handed on, and more may be missing. */
  #lose(): void {
    this.#error ??= TRUNCATED;
    this.#socket.destroy();
  }

  /** A close without an error waits for the end that comes before it; any other one does not. */
  #owesEnded(): boolean {
    return this.#ending === 'due' && !this.#isDestroyed && this.#error === undefined;
  }
}

/**
 * What the kernel has of a socket without telling Node: empty at the end, undefined where there is nothing, or where Node tells
 * nobody the descriptor. Throws the error of the connection.
 */
function readDirectly(socket: Socket, maxBytes: number): Uint8Array | undefined {
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: number } };
  if (handle?.fd === undefined || handle.fd < 0) return undefined;
  const bytes = Buffer.alloc(maxBytes);
  try {
    return bytes.subarray(0, readSync(handle.fd, bytes));
  } catch (error) {
    if (errorCode(error) === 'EAGAIN') return undefined;
    throw error;
  }
}

/**
 * Closes a socket with a TCP RST. While the FIN of an `end` is on its way to the kernel (one turn of the loop), libuv
 * refuses that and Node would leak the descriptor, so it is done right after.
 */
function resetSocket(socket: Socket): void {
  const isSendingFin =
    socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (isSendingFin) socket.once('finish', () => socket.resetAndDestroy());
  else socket.resetAndDestroy();
}
