// What comes in at a stream of the driver: whether there may be more, what holds it, and how much is read in one turn.

import { HoldSet } from '../session/hold-set.ts';
import { MORE_TO_READ } from './stream-state.ts';

/** The incoming direction. It is the set of its holds as well: each of many thousand streams has one object for both. */
export class StreamInput extends HoldSet {
  /** What may be read in the next turn, behind everybody else, while much comes; otherwise 0. See `ReadTurn`. */
  bulkBytes = 0;
  /** What is known of bytes to come: none now; maybe some; the end, which is not said yet; or it has been said. */
  #state: 'quiet' | 'ready' | 'end-due' | 'ended' = 'quiet';
  /** A short read is not the last one. */
  #hasMore = false;

  /** Whether bytes may be there, and nobody holds them. */
  get mayBeRead(): boolean {
    return this.#state === 'ready' && !this.isHeld;
  }

  /** Whether neither bytes nor an end is known of. */
  get isQuiet(): boolean {
    return this.#state === 'quiet';
  }

  /** Whether the end is to be said now. */
  get isEndDue(): boolean {
    return this.#state === 'end-due' && !this.isHeld;
  }

  /** Whether the end has been said. */
  get hasEnded(): boolean {
    return this.#state === 'ended';
  }

  /** When to go on with what nobody holds any more; undefined: there is nothing. */
  get due(): 'soon' | 'later' | undefined {
    if (this.#state === 'ready') return this.bulkBytes > 0 ? 'later' : 'soon';
    return this.#state === 'end-due' ? 'soon' : undefined;
  }

  /** An event of epoll(7) says that reading may bring something. */
  becameReadable(events: number): void {
    if ((events & MORE_TO_READ) !== 0) this.#hasMore = true;
    if (this.#state === 'quiet') this.#state = 'ready';
  }

  /** A read has brought so many of the bytes that it might have brought; none is the end. */
  wasRead(length: number, maxBytes: number): void {
    if (length === 0) this.cameToEnd();
    else if (length < maxBytes && !this.#hasMore) this.#state = 'quiet';
  }

  /** There is nothing more: the next event tells of more. */
  wasEmptied(): void {
    this.#state = 'quiet';
    this.#hasMore = false;
  }

  /** The peer has ended. */
  cameToEnd(): void {
    this.#state = 'end-due';
  }

  /** The end is being said. */
  takeEnd(): void {
    this.#state = 'ended';
  }
}
