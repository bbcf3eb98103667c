// A connection of the driver as a Stream. There may be many thousand that do nothing, so each is one small object: bytes,
// buffers and timers belong to nobody in particular.

import type { SocketAddress } from '../address/socket-address.ts';
import type {
  Behind,
  HoldReason,
  Move,
  MoveWatcher,
  Stream,
  StreamListener,
} from '../session/stream.ts';
import type { DescriptorUse } from './descriptor-budget.ts';
import type { DescriptorHandler, Slot, Task } from './driver.ts';
import { STREAM_EVENTS } from './driver.ts';
import { errorName } from './libc.ts';
import { EAGAIN, EINTR, EPOLLERR, EPOLLOUT, MSG_PEEK, SHUT_WR } from './linux-constants.ts';
import { kindOf, RestingDescriptor } from './resting-descriptor.ts';
import type { RestingStream, StreamSleeper } from './resting-descriptor.ts';
import { keepAlive, resetOnClose, takeError } from './socket-option.ts';
import { StreamInput } from './stream-input.ts';
import { beginMove, StreamMoves } from './stream-moves.ts';
import type { MovableStream } from './stream-moves.ts';
import { StreamOutput } from './stream-output.ts';
import type { StreamShare } from './stream-share.ts';
import { BYTES, GATHERS, LENT, NO_LISTENER, READABLE } from './stream-state.ts';
import type { LeftStream, Life } from './stream-state.ts';
import { CHUNK_BYTES } from './write-queue.ts';

/** Who had the events of a socket, and what may become of it. */
export interface FormerHandler {
  readonly slot: Slot;
  readonly handler: DescriptorHandler;
  /** The server that it is connected to, if it may go on to the next connection there. Default: it is closed. */
  readonly spareFor?: SocketAddress | undefined;
}

/** A connected TCP socket in the driver, which is non-blocking and its own now. Writes after `end` are dropped. */
export class DriverStream
  extends StreamOutput
  implements Stream, DescriptorHandler, Task, MovableStream
{
  readonly #use: DescriptorUse;
  readonly #slot: Slot;
  readonly #input = new StreamInput();
  #listener: StreamListener | undefined;
  #life: Life = 'open';
  /** A turn has been asked for; `later`: it has read its share, and all others come first. */
  #due: 'no' | 'soon' | 'later' = 'no';
  #moves: StreamMoves | undefined;
  #error: string | undefined;
  /** What had come when the connection was lost. */
  #unread: Buffer | undefined;
  #spareFor: SocketAddress | undefined;

  /**
   * Registers a socket, which is counted as `use` until it is closed. `former` is the handler that it is registered for
   * already, with its slot. Throws a SystemCallError when it cannot be registered; then it is not the stream's.
   */
  constructor(share: StreamShare, descriptor: number, use: DescriptorUse, former?: FormerHandler) {
    super(share, descriptor);
    this.#use = use;
    this.#input.add(NO_LISTENER);
    this.#slot = former?.slot ?? share.driver.register(descriptor, this, STREAM_EVENTS);
    if (former !== undefined) share.driver.hand(former.slot, former.handler, this);
    share.budget.take(use);
    this.#spareFor = former?.spareFor;
  }

  get ownership(): Stream['ownership'] {
    return LENT;
  }

  get framing(): Stream['framing'] {
    return BYTES;
  }

  get behind(): Behind | undefined {
    return this.#input.isQuiet ? undefined : 'more';
  }

  get gathers(): boolean {
    return GATHERS;
  }

  get descriptor(): number | undefined {
    return this.#life === 'open' ? this.socket : undefined;
  }

  listen(listener: StreamListener): void {
    if (this.#listener !== undefined) throw new Error('A stream has one listener, set once');
    this.#listener = listener;
    this.release(NO_LISTENER);
    if (this.#life === 'closing') this.#ask('soon');
  }

  unlisten(unread?: 'left'): boolean {
    const isQuiet = this.isFlushed && this.mayBeWritten && this.#input.isQuiet;
    if (!isQuiet || this.#input.isHeld || this.#moves?.isMoving === true) return false;
    if (unread !== 'left' && !this.#hasNothingUnread()) return false;
    this.#listener = undefined;
    this.#input.add(NO_LISTENER);
    return true;
  }

  rest(sleeper: StreamSleeper): RestingStream | undefined {
    if (!this.unlisten()) return undefined;
    this.#life = 'closed'; // all of it is the other's now
    const kind = kindOf(this.share, this.#use, DriverStream);
    const resting = new RestingDescriptor(kind, this.socket, this.#slot, sleeper);
    this.share.driver.hand(this.#slot, this, resting);
    return resting;
  }

  hold(reason: HoldReason): void {
    this.#input.add(reason);
  }

  release(reason: HoldReason): void {
    if (!this.#input.remove(reason) || this.#life !== 'open') return;
    const { due } = this.#input;
    if (due !== undefined) this.#ask(due);
  }

  destroy(how?: 'reset'): void {
    this.#error = undefined;
    this.#unread = undefined;
    if (this.#life !== 'open') return;
    this.share.gathered.flushOf(this); // what was written goes out if it can, also before a reset
    this.#error = undefined; // nobody is told how that went
    this.#unread = undefined;
    if (!this.isOpen) return;
    const isReset = how === 'reset' || this.hasQueued;
    if (isReset) resetOnClose(this.share, this.socket);
    this.#moves?.forget();
    if (!isReset && this.#endsAsSpare()) this.#ask('soon');
    else this.#close();
  }

  keepAlive(): void {
    if (!this.isOpen) return;
    keepAlive(this.share, this.socket);
    this.#spareFor = undefined;
  }

  moveTo(target: Stream, length: number, moved: MoveWatcher): Move | undefined {
    const to = target instanceof DriverStream ? target : target.carrier;
    if (!(to instanceof DriverStream)) return undefined;
    return beginMove(this.share, this, to, { length, moved });
  }

  get moves(): StreamMoves {
    return (this.#moves ??= new StreamMoves(this));
  }

  protected override get knownMoves(): StreamMoves | undefined {
    return this.#moves;
  }

  override get isOpen(): boolean {
    return this.#life === 'open';
  }

  get mayBeRead(): boolean {
    return this.#life === 'open' && this.#input.mayBeRead;
  }

  #isReading(): boolean {
    return this.mayBeRead && this.#moves?.isMovingOut !== true;
  }

  isEmptied(): void {
    this.#input.wasEmptied();
  }

  moveIsOver(end?: { readonly error?: string }): void {
    this.#moves?.outIsOver();
    if (end?.error === undefined) {
      if (end !== undefined) this.#input.cameToEnd();
    } else if (this.isOpen) this.fail(end.error);
    this.#ask('soon');
  }

  ready(events: number): void {
    if ((events & EPOLLOUT) !== 0) {
      this.#moves?.becameWritable();
      this.sendQueued();
    }
    if ((events & READABLE) !== 0 && this.#life === 'open') this.#noteReadable(events);
    if (this.#input.bulkBytes > 0 && this.#isReading()) this.#ask('later');
    this.#advance();
    // Where a reset came with the end, reading has brought the end and nothing of the reset.
    if ((events & EPOLLERR) !== 0 && this.#input.hasEnded && this.isOpen) this.#failNow();
  }

  #noteReadable(events: number): void {
    this.#input.becameReadable(events);
    // An error is told also while the stream is not read, held or after its end: nothing more comes of the connection.
    if ((events & EPOLLERR) !== 0 && !this.#isReading()) this.#failNow();
  }

  #failNow(): void {
    this.fail(takeError(this.share, this.socket) ?? 'ECONNRESET');
  }

  run(): void {
    this.#due = 'no';
    this.#advance();
  }

  /** Reads as far as it may, and says what is due. */
  #advance(): void {
    this.#read();
    // What was moved is told of first.
    if (this.#moves?.isMovingOut !== true) this.#sayWhatIsDue();
  }

  #read(): void {
    this.#moves?.run();
    if (this.#due === 'later') return; // however much more comes meanwhile
    const { turn } = this.share;
    const allowed = turn.begin(this.#input.bulkBytes);
    let left = allowed;
    while (left > 0 && this.#isReading()) left -= this.#readOnce(left);
    if (left < allowed) this.#input.bulkBytes = turn.end(allowed - left);
    if (left === 0) this.#ask('later');
  }

  /** Reads so many bytes at most and hands on what came; how much that was. */
  #readOnce(maxBytes: number): number {
    const { libc, incoming } = this.share;
    const length = libc.recv(this.socket, incoming.address, maxBytes, 0);
    if (length >= 0) {
      this.#input.wasRead(length, maxBytes);
      if (length > 0) this.#listener?.received(this.share.incomingOf(length));
      return length;
    }
    const errno = libc.errno();
    if (errno === EAGAIN) this.isEmptied();
    else if (errno !== EINTR) this.fail(errorName(errno));
    return 0;
  }

  #sayWhatIsDue(): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    if (this.#input.isEndDue && this.#life === 'open') {
      this.#input.takeEnd();
      listener.ended();
    }
    if (this.#input.hasEnded && this.hasSentEnd && this.#life === 'open') {
      if (!this.#becomesSpare()) this.#close();
    }
    if (this.#life === 'closing') this.#sayClosed(listener);
  }

  #sayClosed(listener: StreamListener): void {
    this.#life = 'closed';
    if (this.#unread !== undefined && !this.#input.isHeld) listener.received(this.#unread);
    listener.closed(this.#error);
  }

  /** Where the peer has ended too, close(2) sends the FIN, unless the socket may stay open as a spare one. */
  protected override sendEnd(): void {
    const { hasEnded } = this.#input;
    if (!hasEnded || this.#mayBeSpare) this.share.libc.shutdown(this.socket, SHUT_WR);
    if (hasEnded) this.#ask('soon');
  }

  protected override drained(): void {
    this.#listener?.drained();
  }

  override fail(error: string): void {
    this.#error = error;
    this.#keepUnread();
    this.#close();
  }

  /**
   * Whoever refuses an upload answers it, and closes with the rest unread: that resets the connection, and a write fails while
   * the answer waits here (RFC 9112, 9.6). It is read to memory of its own: what is in that of all streams may be in use.
   */
  #keepUnread(): void {
    const { isHeld, isEndDue, hasEnded } = this.#input;
    if (isHeld || isEndDue || hasEnded) return;
    const { libc, chunks } = this.share;
    const chunk = chunks.take();
    const length = libc.recv(this.socket, chunk.address, CHUNK_BYTES, 0);
    if (length > 0) this.#unread = Buffer.from(chunk.bytes.subarray(0, length));
    chunks.giveBack(chunk);
  }

  /** Leaves the driver: its listener hears nothing more. Undefined: it is closed, or bytes are being moved. */
  leave(): LeftStream | undefined {
    const { budget, driver, gathered } = this.share;
    gathered.flushOf(this);
    if (!this.isOpen || this.#moves?.isMoving === true) return undefined;
    const unsent = this.takeQueued();
    driver.release(this.#slot, this, this.socket);
    this.#leaveDriver();
    this.#life = 'closed';
    budget.giveBack(this.#use);
    const [calls, descriptor, use] = [this.share, this.socket, this.#use];
    return { calls, budget, descriptor, use, unsent, isEnding: this.isEnding };
  }

  /** Closes the descriptor; `closed` is said as soon as nobody is in the middle of a call. */
  #close(): void {
    const { libc, budget } = this.share;
    this.#leaveDriver();
    libc.close(this.socket);
    budget.giveBack(this.#use);
    this.#ask('soon');
  }

  get #mayBeSpare(): boolean {
    return this.#spareFor !== undefined && this.share.spares.hasRoom;
  }

  /** Ends the connection and leaves the socket to the next one, if nothing but the FIN is left to do. */
  #endsAsSpare(): boolean {
    if (!this.#mayBeSpare || !this.#isReadToTheEnd()) return false;
    if (!this.hasSentEnd) this.share.libc.shutdown(this.socket, SHUT_WR);
    return this.#becomesSpare();
  }

  /** Whether the peer has ended and nothing of it is unread: close(2) would reset the connection if there were. */
  #isReadToTheEnd(): boolean {
    if (this.#input.hasEnded || this.#input.isQuiet) return this.#input.hasEnded;
    return this.#peek() === 0;
  }

  /** Whether nothing has come that no event has told of yet. To ask for an error takes it away, so it is told. */
  #hasNothingUnread(): boolean {
    if (this.#peek() !== -1) return false;
    const errno = this.share.libc.errno();
    if (errno !== EAGAIN) this.fail(errorName(errno));
    return errno === EAGAIN;
  }

  /** Whether there is a byte to read, 0 at the end, or -1. */
  #peek(): number {
    const { libc, parameters } = this.share;
    return libc.recv(this.socket, parameters.address, 1, MSG_PEEK);
  }

  /** Leaves the socket to the next connection, now that both sides have ended. False: it has to be closed. */
  #becomesSpare(): boolean {
    const remote = this.#spareFor;
    if (remote === undefined) return false;
    const { spares, budget } = this.share;
    const socket = { descriptor: this.socket, slot: this.#slot, remote };
    if (!spares.keep(socket, this)) return false;
    this.#leaveShare();
    budget.giveBack(this.#use);
    return true;
  }

  #leaveDriver(): void {
    this.#leaveShare();
    this.share.driver.forget(this.#slot, this);
  }

  /** Nothing of the share is the stream's any more. */
  #leaveShare(): void {
    this.#life = 'closing';
    this.#moves?.leave();
    this.dropUnsent();
  }

  #ask(due: 'soon' | 'later'): void {
    if (this.#due !== 'no') return;
    this.#due = due;
    this.share.driver[due](this);
  }
}
