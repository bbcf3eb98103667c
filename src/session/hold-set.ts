// Why a stream is not read, as a set: with a plain pause and resume, the end of one reason reopens a stream that another
// one still holds.

import type { HoldReason } from './stream.ts';

/** The reasons that hold a stream. It begins empty. */
export class HoldSet {
  readonly #reasons = new Set<HoldReason>();

  /** Whether there is any reason. */
  get isHeld(): boolean {
    return this.#reasons.size > 0;
  }

  /** The reasons, oldest first, for logs and tests. */
  get reasons(): readonly HoldReason[] {
    return [...this.#reasons];
  }

  /** Adds a reason. True when it is the first one: reading stops now. A reason that is there already stays one. */
  add(reason: HoldReason): boolean {
    const wasFree = this.#reasons.size === 0;
    this.#reasons.add(reason);
    return wasFree;
  }

  /** Takes a reason away. True exactly when it was there and was the last one: reading goes on. */
  remove(reason: HoldReason): boolean {
    return this.#reasons.delete(reason) && this.#reasons.size === 0;
  }
}
