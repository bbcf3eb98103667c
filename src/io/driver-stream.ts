// A connection of the driver as a Stream. There may be many thousand that do nothing, so each is one small object: bytes,
// buffers and timers belong to nobody in particular.

import type { HoldReason, Move, MoveWatcher, Stream, StreamListener } from '../session/stream.ts';
import type { DescriptorUse } from './descriptor-budget.ts';
import type { DescriptorHandler, Slot, Task } from './driver.ts';
import { STREAM_EVENTS } from './driver.ts';
import type { GatheringSender } from './gathered-writes.ts';
import { addressOf } from './guarded-memory.ts';
import { errorName } from './libc.ts';
import {
  EAGAIN,
  EINTR,
  EPOLLERR,
  EPOLLOUT,
  MSG_MORE,
  MSG_NOSIGNAL,
  SHUT_WR,
} from './linux-constants.ts';
import { kindOf, RestingDescriptor } from './resting-descriptor.ts';
import type { RestingStream, StreamSleeper } from './resting-descriptor.ts';
import { SOCKET_HIGH_WATER_MARK } from './socket-stream.ts';
import { keepAlive, resetOnClose, takeError } from './socket-option.ts';
import { StreamInput } from './stream-input.ts';
import type { StreamShare } from './stream-share.ts';
import { beginMove, StreamMoves } from './stream-moves.ts';
import type { MovableStream } from './stream-moves.ts';
import { BYTES, GATHERS, LENT, NO_LISTENER, READABLE } from './stream-state.ts';
import type { LeftStream, Life, Outgoing } from './stream-state.ts';
import { MIN_DIRECT_BYTES } from './stream-share.ts';
import { WriteQueue } from './write-queue.ts';

/** Who had the events of a socket, and what may become of it. */
export interface FormerHandler {
  readonly slot: Slot;
  readonly handler: DescriptorHandler;
  /** The address family of a socket that may go on to another connection when this one is over. Default: 0, none. */
  readonly plainFamily?: number;
}

/** A connected TCP socket in the driver, which is non-blocking and its own now. Writes after `end` are dropped. */
export class DriverStream
  implements Stream, DescriptorHandler, Task, GatheringSender, MovableStream
{
  readonly #share: StreamShare;
  readonly #descriptor: number;
  readonly #use: DescriptorUse;
  readonly #slot: Slot;
  readonly #input = new StreamInput();
  #listener: StreamListener | undefined;
  #outgoing: Outgoing = 'open';
  #life: Life = 'open';
  /** `write` has said stop. */
  #isFull = false;
  /** A turn has been asked for; `later`: it has read its share, and all others come first. */
  #due: 'no' | 'soon' | 'later' = 'no';
  #queue: WriteQueue | undefined;
  #moves: StreamMoves | undefined;
  #error: string | undefined;
  /** Of a socket that may be a spare one after this connection: its address family; 0 for all others. */
  #plainFamily: number;

  /**
   * Registers a socket, which is counted as `use` until it is closed. `former` is the handler that it is registered for
   * already, with its slot. Throws a SystemCallError when it cannot be registered; then it is not the stream's.
   */
  constructor(
    share: StreamShare,
    descriptor: number,
    use: DescriptorUse,
    former?: FormerHandler,
  ) {
    this.#share = share;
    this.#descriptor = descriptor;
    this.#use = use;
    this.#input.add(NO_LISTENER);
    this.#slot = former?.slot ?? share.driver.register(descriptor, this, STREAM_EVENTS);
    if (former !== undefined) share.driver.hand(former.slot, former.handler, this);
    share.budget.take(use);
    this.#plainFamily = former?.plainFamily ?? 0;
  }

  get ownership(): Stream['ownership'] {
    return LENT;
  }

  get framing(): Stream['framing'] {
    return BYTES;
  }

  get gathers(): boolean {
    return GATHERS;
  }

  get descriptor(): number | undefined {
    return this.#life === 'open' ? this.#descriptor : undefined;
  }

  get socket(): number {
    return this.#descriptor;
  }

  listen(listener: StreamListener): void {
    if (this.#listener !== undefined) throw new Error('A stream has one listener, set once');
    this.#listener = listener;
    this.release(NO_LISTENER);
    if (this.#life === 'closing') this.#ask('soon');
  }

  unlisten(): boolean {
    const isQuiet = this.isFlushed && this.mayBeWritten && this.#input.isQuiet;
    if (!isQuiet || this.#input.isHeld || this.#moves?.isMoving === true) return false;
    this.#listener = undefined;
    this.#input.add(NO_LISTENER);
    return true;
  }

  rest(sleeper: StreamSleeper): RestingStream | undefined {
    if (!this.unlisten()) return undefined;
    this.#life = 'closed'; // all of it is the other's now
    const kind = kindOf(this.#share, this.#use, DriverStream);
    const resting = new RestingDescriptor(kind, this.#descriptor, this.#slot, sleeper);
    this.#share.driver.hand(this.#slot, this, resting);
    return resting;
  }

  write(bytes: Uint8Array): boolean {
    if (!this.mayBeWritten) return !this.#isFull;
    this.#waitForPipe();
    const address = bytes.length < MIN_DIRECT_BYTES ? undefined : addressOf(bytes);
    if (address === undefined) this.#gather(bytes);
    else this.#writeDirectly(bytes, address);
    if (this.#queue !== undefined && this.#queue.byteLength > SOCKET_HIGH_WATER_MARK)
      this.#isFull = true;
    return !this.#isFull;
  }

  end(): void {
    if (!this.mayBeWritten) return;
    this.#outgoing = 'ending';
    this.#moves?.end();
    this.#waitForPipe();
    // Gathered too: so it goes in the packet of the last bytes.
    if (this.#queue === undefined) this.#share.gathered.claim(this);
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
    if (this.#life !== 'open') return;
    this.#share.gathered.flushOf(this); // what was written goes out if it can, also before a reset
    this.#error = undefined; // nobody is told how that went
    if (!this.isOpen) return;
    this.#waitForPipe();
    if (how === 'reset' || this.#queue !== undefined) resetOnClose(this.#share, this.#descriptor);
    this.#moves?.forget();
    this.#close();
  }

  keepAlive(): void {
    if (!this.isOpen) return;
    keepAlive(this.#share, this.#descriptor);
    this.#plainFamily = 0;
  }

  /** Whether all that was written is with the kernel, and no FIN waits for anything. */
  get isFlushed(): boolean {
    this.#share.gathered.flushOf(this);
    return this.#queue === undefined;
  }

  moveTo(target: Stream, length: number, moved: MoveWatcher): Move | undefined {
    const to = target instanceof DriverStream ? target : target.carrier;
    if (!(to instanceof DriverStream)) return undefined;
    return beginMove(this.#share, this, to, { length, moved });
  }

  get moves(): StreamMoves {
    return (this.#moves ??= new StreamMoves(this));
  }

  get isOpen(): boolean {
    return this.#life === 'open';
  }

  get mayBeWritten(): boolean {
    return this.#life === 'open' && this.#outgoing === 'open';
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

  /** While bytes are in the pipe to this stream, an empty queue keeps what is written now behind them. */
  #waitForPipe(): void {
    if (this.#moves?.hasBytes === true) this.#queue ??= new WriteQueue(this.#share.chunks);
  }

  ready(events: number): void {
    if ((events & EPOLLOUT) !== 0) {
      this.#moves?.becameWritable();
      this.sendQueued();
    }
    if ((events & READABLE) !== 0 && this.#life === 'open') this.#noteReadable(events);
    if (this.#input.bulkBytes > 0 && this.#isReading()) this.#ask('later');
    this.#advance();
  }

  #noteReadable(events: number): void {
    this.#input.becameReadable(events);
    // An error is told also while the stream is not read, held or after its end: nothing more comes of the connection.
    if ((events & EPOLLERR) !== 0 && !this.#isReading()) {
      this.fail(takeError(this.#share, this.#descriptor) ?? 'ECONNRESET');
    }
  }

  run(): void {
    this.#due = 'no';
    this.#advance();
  }

  sendGathered(address: number, byteLength: number): void {
    if (byteLength > 0) {
      const sent = this.#send(address, byteLength, this.#outgoing === 'ending' ? MSG_MORE : 0);
      if (sent < byteLength) this.#enqueue(this.#share.gathered.bytes.subarray(sent, byteLength));
    }
    if (this.#queue !== undefined) return;
    this.#sendEnd();
    this.#moves?.becameFlushed();
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
    const { turn } = this.#share;
    const allowed = turn.begin(this.#input.bulkBytes);
    let left = allowed;
    while (left > 0 && this.#isReading()) left -= this.#readOnce(left);
    if (left < allowed) this.#input.bulkBytes = turn.end(allowed - left);
    if (left === 0) this.#ask('later');
  }

  /** Reads so many bytes at most and hands on what came; how much that was. */
  #readOnce(maxBytes: number): number {
    const { libc, incoming } = this.#share;
    const length = libc.recv(this.#descriptor, incoming.address, maxBytes, 0);
    if (length >= 0) {
      this.#input.wasRead(length, maxBytes);
      if (length > 0) this.#listener?.received(this.#share.incomingOf(length));
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
    if (this.#input.hasEnded && this.#outgoing === 'ended' && this.#life === 'open') {
      if (!this.#becomesSpare()) this.#close();
    }
    if (this.#life === 'closing') {
      this.#life = 'closed';
      listener.closed(this.#error);
    }
  }

  /** Gathers bytes, or sends them in pieces where they are too many for that. */
  #gather(bytes: Uint8Array): void {
    const { gathered } = this.#share;
    for (let rest = bytes; rest.length > 0 && this.#life === 'open';) {
      if (this.#queue !== undefined) {
        this.#queue.push(rest);
        return;
      }
      rest = gathered.take(this, rest);
    }
  }

  /** Sends bytes from where they are, such as the memory that they were read or encrypted to. */
  #writeDirectly(bytes: Uint8Array, address: number): void {
    this.#share.gathered.flushOf(this);
    if (this.#life !== 'open') return;
    const sent = this.#queue === undefined ? this.#send(address, bytes.length, 0) : 0;
    if (sent < bytes.length) this.#enqueue(bytes.subarray(sent));
  }

  /** How many bytes the kernel takes; fewer than all: EPOLLOUT comes when there is room, or the connection has failed. */
  #send(address: number, byteLength: number, flags: number): number {
    const { libc } = this.#share;
    const sent = libc.send(this.#descriptor, address, byteLength, flags | MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    const errno = libc.errno();
    if (errno !== EAGAIN) this.fail(errorName(errno));
    return 0;
  }

  #enqueue(bytes: Uint8Array): void {
    if (this.#life !== 'open') return;
    this.#queue ??= new WriteQueue(this.#share.chunks);
    this.#queue.push(bytes);
  }

  sendQueued(): void {
    const queue = this.#queue;
    if (queue === undefined || this.#moves?.hasBytes === true) return;
    for (let length = queue.pieceLength; length > 0; length = queue.pieceLength) {
      const sent = this.#send(queue.address, length, 0);
      if (this.#life !== 'open') return;
      queue.shift(sent);
      if (sent < length) return;
    }
    this.#queue = undefined;
    this.#sendEnd();
    this.#moves?.becameFlushed();
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#listener?.drained();
  }

  /** Sends the FIN if it is time for it. Where the peer has ended too, close(2) does it. */
  #sendEnd(): void {
    if (this.#outgoing !== 'ending' || this.#life !== 'open') return;
    this.#outgoing = 'ended';
    if (this.#input.hasEnded) this.#ask('soon');
    else this.#share.libc.shutdown(this.#descriptor, SHUT_WR);
  }

  fail(error: string): void {
    this.#error = error;
    this.#close();
  }

  /** Leaves the driver: its listener hears nothing more. Undefined: it is closed, or bytes are being moved. */
  leave(): LeftStream | undefined {
    const { budget, driver, gathered } = this.#share;
    gathered.flushOf(this);
    if (!this.isOpen || this.#moves?.isMoving === true) return undefined;
    const unsent = this.#queue?.takeAll() ?? [];
    driver.release(this.#slot, this, this.#descriptor);
    this.#leaveDriver();
    this.#life = 'closed';
    budget.giveBack(this.#use);
    const [calls, descriptor, use] = [this.#share, this.#descriptor, this.#use];
    return { calls, budget, descriptor, use, unsent, isEnding: this.#outgoing === 'ending' };
  }

  /** Closes the descriptor; `closed` is said as soon as nobody is in the middle of a call. */
  #close(): void {
    const { libc, budget } = this.#share;
    this.#leaveDriver();
    libc.close(this.#descriptor);
    budget.giveBack(this.#use);
    this.#ask('soon');
  }

  /** Leaves the socket to the next connection, now that both sides have ended. False: it has to be closed. */
  #becomesSpare(): boolean {
    // Bulk has made the buffers of its socket large.
    if (this.#plainFamily === 0 || this.#moves !== undefined) return false;
    const { spares, budget } = this.#share;
    const spare = {
      descriptor: this.#descriptor,
      slot: this.#slot,
      family: this.#plainFamily,
    };
    if (!spares.keep(spare, this)) return false;
    this.#leaveShare();
    budget.giveBack(this.#use);
    this.#ask('soon');
    return true;
  }

  #leaveDriver(): void {
    this.#leaveShare();
    this.#share.driver.forget(this.#slot, this);
  }

  /** Nothing of the share is the stream's any more. */
  #leaveShare(): void {
    const { gathered } = this.#share;
    this.#life = 'closing';
    this.#moves?.leave();
    gathered.drop(this);
    this.#queue?.clear();
    this.#queue = undefined;
  }

  #ask(due: 'soon' | 'later'): void {
    if (this.#due !== 'no') return;
    this.#due = due;
    this.#share.driver[due](this);
  }
}
