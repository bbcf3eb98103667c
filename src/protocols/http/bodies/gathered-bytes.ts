// Gathers what leaves of bytes that came: what stays as it is leaves as a slice of them, and small pieces that were changed
// leave in one buffer, so that a million chunks of a byte cost no more objects than one.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../../../proxy/engine.ts';

/** Shorter slices are copied: that is cheaper than an action, and a system call, for each. */
const COPY_BELOW_BYTES = 4_096;

/** From here on the machine's own copying is faster than ours, with the object that it takes. */
const SET_FROM_BYTES = 64;

/** How much longer what leaves may be than what came: the beginning of one piece of framing may have come before. */
const SLACK_BYTES = 32;

/** What leaves of the bytes of one event; `emit` gets it in order. */
export class GatheredBytes {
  readonly #emit: (bytes: Bytes) => void;
  readonly #bytes: Bytes;
  /** Bytes of the event that leave as they are, and were not given to anybody yet. */
  #start: number;
  #end: number;
  /** Room for what is copied: given away up to `#emitted`, filled up to `#filled`. */
  #room: Buffer | undefined;
  #emitted = 0;
  #filled = 0;

  /** Of the bytes of an event from `from` on. */
  constructor(bytes: Bytes, from: number, emit: (bytes: Bytes) => void) {
    this.#bytes = bytes;
    this.#start = from;
    this.#end = from;
    this.#emit = emit;
  }

  /** Bytes that leave as they came. */
  pass(from: number, to: number): void {
    if (from !== this.#end) {
      this.#settle();
      this.#start = from;
    }
    this.#end = to;
  }

  /**
   * These bytes in place of those from `from` to `to`; they may be changed afterwards. All that is written is at most
   * `SLACK_BYTES` longer than what it takes the place of.
   */
  write(made: Bytes, from: number, to: number): void {
    if (this.#isSame(made, from, to)) {
      this.pass(from, to);
      return;
    }
    this.#settle();
    this.#copy(made, 0, made.length);
  }

  /** Bytes of our own, however long, which nobody changes any more. */
  add(made: Bytes): void {
    this.flush();
    this.#emit(made);
  }

  /** Gives away all that was gathered. */
  flush(): void {
    if (this.#filled > this.#emitted) this.#settle();
    this.#giveRoom();
    this.#giveRun();
  }

  #isSame(made: Bytes, from: number, to: number): boolean {
    if (to - from !== made.length) return false;
    for (let index = 0; index < made.length; index++)
      if (this.#bytes[from + index] !== made[index]) return false;
    return true;
  }

  /** Puts an end to the bytes that leave as they are: something else comes behind them. */
  #settle(): void {
    if (this.#end - this.#start < COPY_BELOW_BYTES) this.#copy(this.#bytes, this.#start, this.#end);
    else {
      this.#giveRoom();
      this.#giveRun();
    }
    this.#start = this.#end;
  }

  #copy(bytes: Bytes, from: number, to: number): void {
    this.#room ??= Buffer.allocUnsafe(this.#bytes.length - this.#start + SLACK_BYTES);
    if (to - from >= SET_FROM_BYTES) this.#room.set(bytes.subarray(from, to), this.#filled);
    else
      for (let index = from, at = this.#filled; index < to; index++, at++)
        this.#room[at] = bytes[index] as number; // it is inside
    this.#filled += to - from;
  }

  #giveRoom(): void {
    if (this.#room === undefined || this.#filled === this.#emitted) return;
    this.#emit(this.#room.subarray(this.#emitted, this.#filled));
    this.#emitted = this.#filled;
  }

  #giveRun(): void {
    if (this.#end > this.#start) this.#emit(this.#bytes.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
