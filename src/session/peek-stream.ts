// A stream whose first bytes are looked at before anybody knows who will get it. Whoever listens later hears them again.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../proxy/engine.ts';
import type { Behind } from '../proxy/proxy-event.ts';
import { HoldSet } from './hold-set.ts';
import type {
  Framing,
  HoldReason,
  Move,
  MoveWatcher,
  Ownership,
  Stream,
  StreamListener,
} from './stream.ts';

const LOOKED_AT: HoldReason = 'looked-at';

// Pieces kept beside the bound on bytes: datagrams may be empty, and a peer may send as many of those as it likes.
const MAX_PEEKED_PIECES = 256;

/** Who looks at the first bytes. */
export interface PeekWatcher {
  /** All bytes so far, at most as many as asked for; `isComplete` if no more are to be seen. Valid until it returns. */
  peeked(bytes: Bytes, input: { readonly isComplete: boolean }): void;
  /** The stream is gone. */
  lost(): void;
}

/** A stream that can be looked into. It is a Stream itself, which begins with the bytes that were looked at. */
export class PeekStream implements Stream, StreamListener {
  readonly ownership: Ownership;
  readonly framing: Framing;
  readonly #inner: Stream;
  readonly #maxBytes: number;
  readonly #holds = new HoldSet();
  #watcher: PeekWatcher | undefined;
  #listener: StreamListener | undefined;
  /** What was looked at and has not been heard again, as it came: datagrams are heard again one by one. */
  #peeked: Bytes[] = [];
  #hasEnded = false;
  #isEndTold = false;
  #closed: { readonly error: string | undefined } | undefined;
  #isScheduled = false;
  /** Whether what is beneath has this as its listener. */
  #hears = false;

  /** Wraps a stream that has no listener; not more than `maxBytes` of it are looked at. */
  constructor(inner: Stream, maxBytes: number) {
    this.#inner = inner;
    this.#maxBytes = maxBytes;
    this.ownership = inner.ownership;
    this.framing = inner.framing;
  }

  get descriptor(): number | undefined {
    return this.#isPassing ? this.#inner.descriptor : undefined;
  }

  get isFlushed(): boolean {
    return this.#inner.isFlushed === true;
  }

  get behind(): Behind | undefined {
    return this.#peeked.length > 0 ? 'more' : this.#inner.behind;
  }

  get carrier(): Stream {
    return this.#inner.carrier ?? this.#inner;
  }

  /** What was looked at and has not been heard again: who takes the connection of the carrier over begins with it. */
  get unheard(): readonly Bytes[] {
    const beneath = this.#inner instanceof PeekStream ? this.#inner.unheard : [];
    return [...this.#peeked, ...beneath];
  }

  /** Begins to look. */
  watch(watcher: PeekWatcher): void {
    this.#watcher = watcher;
    this.#hear();
  }

  /**
   * Looks no more; nothing comes out of the stream until somebody listens, and the first `length` bytes, which were looked
   * at, never do.
   */
  stopWatching(length = 0): void {
    this.#watcher = undefined;
    if (length > 0) this.#leaveOut(length);
    this.#inner.hold(LOOKED_AT);
  }

  #leaveOut(length: number): void {
    const rest = Buffer.concat(this.#peeked).subarray(length);
    this.#peeked = rest.length === 0 ? [] : [rest];
  }

  listen(listener: StreamListener): void {
    if (this.#listener !== undefined) throw new Error('A stream has one listener, set once');
    this.#watcher = undefined;
    this.#listener = listener;
    this.#inner.release(LOOKED_AT);
    if (!this.#hears) this.#hear();
    this.#schedule();
  }

  /** Not before all that was looked at has been heard, and then as what is beneath can. */
  unlisten(unread?: 'left'): boolean {
    if (!this.#isPassing || this.#hasEnded || this.#closed !== undefined) return false;
    if (this.#inner.unlisten?.(unread) !== true) return false;
    this.#listener = undefined;
    this.#hears = false;
    return true;
  }

  #hear(): void {
    this.#hears = true;
    this.#inner.listen(this);
  }

  write(bytes: Bytes, ownership: Ownership): boolean {
    return this.#inner.write(bytes, ownership);
  }

  end(): void {
    this.#inner.end();
  }

  hold(reason: HoldReason): void {
    this.#holds.add(reason);
    this.#inner.hold(reason);
  }

  release(reason: HoldReason): void {
    this.#holds.remove(reason);
    this.#inner.release(reason);
    if (!this.#isPassing) this.#schedule();
  }

  destroy(how?: 'reset'): void {
    this.#peeked = [];
    this.#inner.destroy(how);
  }

  keepAlive(): void {
    this.#inner.keepAlive();
  }

  moveTo(target: Stream, length: number, moved: MoveWatcher): Move | undefined {
    return this.#isPassing ? this.#inner.moveTo?.(target, length, moved) : undefined;
  }

  received(bytes: Bytes): void {
    if (this.#isPassing) {
      this.#listener?.received(bytes);
      return;
    }
    if (this.framing === 'bytes') this.#peeked = [Buffer.concat([...this.#peeked, bytes])];
    else this.#peeked.push(Buffer.from(bytes));
    if (this.#watcher === undefined) this.#schedule();
    else this.#look();
  }

  ended(): void {
    this.#hasEnded = true;
    if (this.#watcher === undefined) this.#say();
    else this.#look();
  }

  drained(): void {
    this.#listener?.drained();
  }

  closed(error?: string): void {
    this.#closed = { error };
    this.#peeked = [];
    this.#watcher?.lost();
    this.#say();
  }

  /** Whether everything that was looked at has been heard, so that bytes just pass. */
  get #isPassing(): boolean {
    return this.#listener !== undefined && this.#peeked.length === 0;
  }

  #look(): void {
    const all = Buffer.concat(this.#peeked);
    const isFull = all.length >= this.#maxBytes || this.#peeked.length >= MAX_PEEKED_PIECES;
    if (isFull) this.#inner.hold(LOOKED_AT);
    const bytes = all.subarray(0, this.#maxBytes);
    this.#watcher?.peeked(bytes, { isComplete: isFull || this.#hasEnded });
  }

  /** A stream never calls its listener from within a call of its own methods. */
  #schedule(): void {
    if (this.#isScheduled || this.#listener === undefined) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#say();
    });
  }

  /** Says what is due: the bytes that were looked at, the end, the loss. */
  #say(): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    for (let bytes = this.#nextPeeked(); bytes !== undefined; bytes = this.#nextPeeked())
      listener.received(bytes);
    if (this.#hasEnded && !this.#isEndTold && this.#isPassing && this.#mayTellEnd) {
      this.#isEndTold = true;
      listener.ended();
    }
    if (this.#closed !== undefined) this.#tellClosed(listener, this.#closed.error);
  }

  #nextPeeked(): Bytes | undefined {
    return this.#holds.isHeld ? undefined : this.#peeked.shift();
  }

  get #mayTellEnd(): boolean {
    return !this.#holds.isHeld && this.#closed === undefined;
  }

  #tellClosed(listener: StreamListener, error: string | undefined): void {
    this.#closed = undefined;
    listener.closed(error);
  }
}
