// Why a stream is not read, as a set: with a plain pause and resume, the end of one reason reopens a stream that another
// one still holds.

import { EMPTY_LIST, withItem, withoutItem } from './short-list.ts';
import type { HoldReason } from './stream.ts';

/** The reasons that hold a stream. It begins empty. */
export class HoldSet {
  #reasons: readonly HoldReason[] = EMPTY_LIST;

  /** Whether there is any reason. */
  get isHeld(): boolean {
    return this.#reasons.length > 0;
  }

  /** The reasons, oldest first, for logs and tests. */
  get reasons(): readonly HoldReason[] {
    return [...this.#reasons];
  }

  /** Adds a reason. True when it is the first one: reading stops now. A reason that is there already stays one. */
  add(reason: HoldReason): boolean {
    if (this.#reasons.includes(reason)) return false;
    this.#reasons = withItem(this.#reasons, reason);
    return this.#reasons.length === 1;
  }

  /** Takes a reason away. True exactly when it was there and was the last one: reading goes on. */
  remove(reason: HoldReason): boolean {
    const before = this.#reasons;
    this.#reasons = withoutItem(before, reason);
    return this.#reasons !== before && this.#reasons.length === 0;
  }
}
