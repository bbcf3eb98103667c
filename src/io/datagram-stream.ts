// A Stream over a UDP socket that is connected: each `received` is one datagram, each `write` sends one.

import { HoldSet } from '../session/hold-set.ts';
import type { HoldReason, Ownership, Stream, StreamListener } from '../session/stream.ts';
import type { DatagramSystem } from './datagram-socket.ts';
import { DatagramQueue } from './datagram-queue.ts';
import type { PeerWords } from './datagram-memory.ts';
import type { DescriptorHandler, Driver, Slot, Task } from './driver.ts';
import { errorName } from './libc.ts';
import * as linux from './linux-constants.ts';

const NO_LISTENER: HoldReason = 'no-listener';

// So that one busy session does not keep the others waiting; the rest is read after everybody else had a turn.
const MAX_READS_IN_TURN = 32;

/** What did not get through, by the reason; only those that occurred. */
export type DroppedDatagrams = Readonly<Record<string, number>>;

/** The driver, and the memory that datagrams go through. */
export interface DatagramDriver extends DatagramSystem {
  readonly driver: Pick<Driver, 'register' | 'forget' | 'soon'>;
}

/** What a stream is made of. */
export interface DatagramStreamParts {
  readonly system: DatagramDriver;
  /** Bound and connected; the stream closes it. */
  readonly descriptor: number;
  /** Whom it is connected to. Before it was, anybody could send to it. */
  readonly peer: PeerWords;
  /** Takes the datagram that the memory has from somebody else. Default: it is dropped and counted. */
  readonly strange?: (length: number) => void;
  /** It has closed, and its descriptor is free; what was dropped. */
  readonly gone: (dropped: DroppedDatagrams) => void;
}

/** Datagrams of one peer. Throws a SystemCallError when the driver cannot take its descriptor, which is closed then. */
export class DatagramStream implements Stream, DescriptorHandler, Task {
  readonly ownership: Ownership = 'lent'; // one piece of memory takes the datagrams of all
  readonly framing = 'datagrams';
  readonly descriptor = undefined; // what is moved inside the kernel has no boundaries
  readonly #parts: DatagramStreamParts;
  readonly #slot: Slot;
  readonly #holds = new HoldSet();
  /** What came before this socket was there, or beside it: it is said first. */
  readonly #inbox = new DatagramQueue();
  readonly #outbox = new DatagramQueue();
  readonly #dropped: Record<string, number> = {};
  #listener: StreamListener | undefined;
  #state: 'open' | 'ending' | 'closed' = 'open';
  #mayRead = false; // the driver says so at once where there is something
  /** Why nothing gets through any more; told when all that came before it has been read. */
  #error: string | undefined;
  #closing: 'not-yet' | 'due' | 'said' = 'not-yet';
  #isScheduled = false;

  constructor(parts: DatagramStreamParts) {
    this.#parts = parts;
    this.#holds.add(NO_LISTENER);
    const { system, descriptor } = parts;
    try {
      this.#slot = system.driver.register(descriptor, this, linux.EPOLLIN | linux.EPOLLOUT);
    } catch (error) {
      system.libc.close(descriptor);
      throw error;
    }
  }

  listen(listener: StreamListener): void {
    if (this.#listener !== undefined) throw new Error('A stream has one listener, set once');
    this.#listener = listener;
    this.release(NO_LISTENER);
    if (this.#closing === 'due') queueMicrotask(() => this.#sayClosed());
  }

  write(bytes: Uint8Array): boolean {
    if (this.#state !== 'open') return true;
    if (!this.#outbox.isEmpty) this.#queue(bytes);
    else this.#send(bytes);
    return true;
  }

  end(): void {
    if (this.#state !== 'open') return;
    if (this.#outbox.isEmpty) this.destroy();
    else this.#state = 'ending';
  }

  hold(reason: HoldReason): void {
    this.#holds.add(reason);
  }

  release(reason: HoldReason): void {
    if (this.#holds.remove(reason)) this.#schedule();
  }

  destroy(): void {
    this.#error = undefined;
    this.#close();
  }

  keepAlive(): void {
    // There is no connection to keep.
  }

  /** A datagram of the peer that came elsewhere: it is said before all that is still to be read. */
  push(datagram: Uint8Array): void {
    if (this.#state !== 'open') return;
    if (this.#inbox.add(datagram)) this.#schedule();
    else this.#drop('queue-full');
  }

  /** Called by the driver: something can be read or written, or an error is to be fetched. */
  ready(events: number): void {
    if (this.#state === 'closed') return;
    if ((events & linux.EPOLLOUT) !== 0) this.#flush();
    if ((events & (linux.EPOLLIN | linux.EPOLLERR)) === 0) return;
    this.#mayRead = true;
    this.#read();
  }

  /** Called by the driver: what was due. */
  run(): void {
    this.#isScheduled = false;
    this.#read();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#listener === undefined || this.#state === 'closed') return;
    this.#isScheduled = true;
    this.#parts.system.driver.soon(this);
  }

  get #isReading(): boolean {
    return this.#state !== 'closed' && !this.#holds.isHeld;
  }

  #read(): void {
    for (let reads = 0; this.#isReading; reads++) {
      if (reads === MAX_READS_IN_TURN) {
        this.#schedule();
        return;
      }
      const pushed = this.#inbox.shift();
      if (pushed !== undefined) this.#listener?.received(pushed);
      else if (!this.#readOne()) return;
    }
  }

  /** Reads one datagram; false if there is none. */
  #readOne(): boolean {
    if (!this.#mayRead) return false;
    const { system, descriptor, peer, strange } = this.#parts;
    const { memory } = system;
    const length = memory.receive(descriptor);
    if (length < 0) return this.#hasFailed(-length);
    if (!memory.isFrom(peer)) {
      if (strange === undefined) this.#drop('stranger');
      else strange(length);
    } else if (memory.isTruncated) this.#drop('truncated');
    else this.#listener?.received(memory.received(length));
    return true;
  }

  /** The kernel tells an error before the datagrams that came earlier, and tells it once. */
  #hasFailed(errno: number): boolean {
    if (errno !== linux.EAGAIN && this.#error === undefined) {
      this.#error = errorName(errno);
      return true;
    }
    this.#mayRead = false;
    if (this.#error !== undefined) this.#close();
    return false;
  }

  #send(bytes: Uint8Array): void {
    const { system, descriptor } = this.#parts;
    const errno = system.memory.send(descriptor, bytes);
    if (errno === 0) return;
    if (errno === linux.EAGAIN) this.#queue(bytes);
    else this.#refused(errno);
  }

  #queue(bytes: Uint8Array): void {
    if (!this.#outbox.add(bytes)) this.#drop('queue-full');
  }

  #flush(): void {
    const { system, descriptor } = this.#parts;
    for (let next = this.#outbox.first; next !== undefined; next = this.#outbox.first) {
      const errno = system.memory.send(descriptor, next);
      if (errno === linux.EAGAIN) return;
      this.#outbox.shift();
      if (errno !== 0) this.#refused(errno);
    }
    if (this.#state === 'ending') this.destroy();
  }

  /** The system does not send a datagram: one is lost, or nothing gets through any more. */
  #refused(errno: number): void {
    const name = errorName(errno);
    this.#drop(name);
    if (LOST_ONES.includes(errno)) return;
    this.#error ??= name;
    this.#mayRead = true; // what had come by then is said before the end
    this.#schedule();
  }

  #drop(reason: string): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1;
  }

  #close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    const { system, descriptor, gone } = this.#parts;
    system.driver.forget(this.#slot, this);
    system.libc.close(descriptor);
    this.#inbox.clear();
    this.#outbox.clear();
    gone(this.#dropped);
    this.#closing = 'due';
    queueMicrotask(() => this.#sayClosed()); // nothing is said from within a call of the stream's own methods
  }

  #sayClosed(): void {
    if (this.#closing !== 'due' || this.#listener === undefined) return;
    this.#closing = 'said';
    this.#listener.closed(this.#error);
  }
}

// The network or the packet filter took this one; others may get through. Everything else is about the peer.
const LOST_ONES: readonly number[] = [linux.EMSGSIZE, linux.ENOBUFS, linux.EPERM, linux.EINTR];
