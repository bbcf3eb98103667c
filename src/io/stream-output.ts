// What goes out of a stream of the driver: small writes are gathered, what the kernel does not take waits in a queue, and
// the end follows. It is a base of the stream, and no object of its own: there may be many thousand.

import type { GatheringSender } from './gathered-writes.ts';
import { addressOf } from './guarded-memory.ts';
import { errorName } from './libc.ts';
import { EAGAIN, MSG_MORE, MSG_NOSIGNAL } from './linux-constants.ts';
import { SOCKET_HIGH_WATER_MARK } from './socket-stream.ts';
import { MIN_DIRECT_BYTES } from './stream-share.ts';
import type { StreamShare } from './stream-share.ts';
import type { StreamMoves } from './stream-moves.ts';
import { WriteQueue } from './write-queue.ts';

/** Whether more may be written, the FIN follows what is queued, or it is with the kernel. */
type Outgoing = 'open' | 'ending' | 'ended';

/** The outgoing direction of a stream. Writes after `end` are dropped. */
export abstract class StreamOutput implements GatheringSender {
  protected readonly share: StreamShare;
  /** Its descriptor. */
  readonly socket: number;
  #outgoing: Outgoing = 'open';
  /** `write` has said stop. */
  #isFull = false;
  #queue: WriteQueue | undefined;

  constructor(share: StreamShare, socket: number) {
    this.share = share;
    this.socket = socket;
  }

  /** Whether it has its descriptor. */
  abstract get isOpen(): boolean;
  /** What is moved into it goes between what is written. Undefined: nothing ever was. */
  protected abstract get knownMoves(): StreamMoves | undefined;
  /** All that was written is with the kernel, and the FIN follows it. */
  protected abstract sendEnd(): void;
  /** There is room again after `write` has said stop. */
  protected abstract drained(): void;
  /** The connection is lost. */
  abstract fail(error: string): void;

  get mayBeWritten(): boolean {
    return this.isOpen && this.#outgoing === 'open';
  }

  /** Whether all that was written is with the kernel, and no FIN waits for anything. */
  get isFlushed(): boolean {
    this.share.gathered.flushOf(this);
    return this.#queue === undefined;
  }

  /** Whether the end has been asked for and not been sent. */
  protected get isEnding(): boolean {
    return this.#outgoing === 'ending';
  }

  /** Whether the end has been sent. */
  protected get hasSentEnd(): boolean {
    return this.#outgoing === 'ended';
  }

  /** Whether the kernel has not taken all of what was to be sent so far; what is gathered does not count. */
  protected get hasQueued(): boolean {
    return this.#queue !== undefined || this.knownMoves?.hasBytes === true;
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
    this.knownMoves?.end();
    this.#waitForPipe();
    // Gathered too: so it goes in the packet of the last bytes.
    if (this.#queue === undefined) this.share.gathered.claim(this);
  }

  sendGathered(start: number, byteLength: number): void {
    // What it gathered before may have failed just when it claimed this: then its descriptor may be another stream's.
    if (!this.isOpen) return;
    if (byteLength > 0) {
      const { address, bytes } = this.share.gathered.memory;
      const flags = this.isEnding ? MSG_MORE : 0;
      const sent = this.#send(address + start, byteLength, flags);
      if (sent < byteLength) this.#enqueue(bytes.subarray(start + sent, start + byteLength));
    }
    if (this.#queue !== undefined) return;
    this.#endIfDue();
    this.knownMoves?.becameFlushed();
  }

  sendQueued(): void {
    const queue = this.#queue;
    if (queue === undefined || this.knownMoves?.hasBytes === true) return;
    for (let length = queue.pieceLength; length > 0; length = queue.pieceLength) {
      const sent = this.#send(queue.address, length, 0);
      if (!this.isOpen) return;
      queue.shift(sent);
      if (sent < length) return;
    }
    this.#queue = undefined;
    this.#endIfDue();
    this.knownMoves?.becameFlushed();
    if (!this.#isFull) return;
    this.#isFull = false;
    this.drained();
  }

  /** Takes what waits in the queue. */
  protected takeQueued(): readonly Uint8Array[] {
    return this.#queue?.takeAll() ?? [];
  }

  /** Drops what has not been sent: the stream has its descriptor no longer. */
  protected dropUnsent(): void {
    this.share.gathered.drop(this);
    this.#queue?.clear();
    this.#queue = undefined;
  }

  /** While bytes are in the pipe to this stream, an empty queue keeps what is written now behind them. */
  #waitForPipe(): void {
    if (this.knownMoves?.hasBytes === true) this.#queue ??= new WriteQueue(this.share.chunks);
  }

  /** Gathers bytes, or sends them in pieces where they are too many for that. Nothing is gathered while a queue waits. */
  #gather(bytes: Uint8Array): void {
    const { gathered } = this.share;
    for (let rest = bytes; rest.length > 0;) {
      // Sends what it wrote before others did, which may find no room, or the connection lost.
      if (this.#queue === undefined) gathered.claim(this);
      if (!this.isOpen) return;
      if (this.#queue !== undefined) {
        this.#queue.push(rest);
        return;
      }
      rest = gathered.take(rest);
    }
  }

  /** Sends bytes from where they are, such as the memory that they were read or encrypted to. */
  #writeDirectly(bytes: Uint8Array, address: number): void {
    this.share.gathered.flushOf(this);
    if (!this.isOpen) return;
    const sent = this.#queue === undefined ? this.#send(address, bytes.length, 0) : 0;
    if (sent < bytes.length) this.#enqueue(bytes.subarray(sent));
  }

  /** How many bytes the kernel takes; fewer than all: EPOLLOUT comes when there is room, or the connection has failed. */
  #send(address: number, byteLength: number, flags: number): number {
    const { libc } = this.share;
    const sent = libc.send(this.socket, address, byteLength, flags | MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    const errno = libc.errno();
    if (errno !== EAGAIN) this.fail(errorName(errno));
    return 0;
  }

  #enqueue(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    this.#queue ??= new WriteQueue(this.share.chunks);
    this.#queue.push(bytes);
  }

  #endIfDue(): void {
    if (!this.isEnding || !this.isOpen) return;
    this.#outgoing = 'ended';
    this.sendEnd();
  }
}
