// Why a stream is not read, as a set: with a plain pause and resume, the end of one reason reopens a stream that another
// one still holds.

import { EMPTY_LIST, withItem, withoutItem } from './short-list.ts';
import type { HoldReason } from './stream.ts';

/** The reasons that hold a stream. It begins empty. */
export class HoldSet {
  /** Undefined, one reason, or a list: there is nearly always one at most, and a stream is held for each message. */
  #reasons: HoldReason | readonly HoldReason[] | undefined;

  /** Whether there is any reason. */
  get isHeld(): boolean {
    return this.#reasons !== undefined;
  }

  /** The reasons, oldest first, for logs and tests. */
  get reasons(): readonly HoldReason[] {
    const reasons = this.#reasons ?? EMPTY_LIST;
    return typeof reasons === 'string' ? [reasons] : [...reasons];
  }

  /** Adds a reason. True when it is the first one: reading stops now. A reason that is there already stays one. */
  add(reason: HoldReason): boolean {
    const before = this.#reasons;
    if (before === undefined) {
      this.#reasons = reason;
      return true;
    }
    if (typeof before === 'string') this.#reasons = before === reason ? before : [before, reason];
    else if (!before.includes(reason)) this.#reasons = withItem(before, reason);
    return false;
  }

  /** Takes a reason away. True exactly when it was there and was the last one: reading goes on. */
  remove(reason: HoldReason): boolean {
    const before = this.#reasons;
    if (before === undefined || typeof before === 'string') {
      if (before === reason) this.#reasons = undefined;
      return before === reason;
    }
    const left = withoutItem(before, reason);
    this.#reasons = left.length === 1 ? left[0] : left;
    return false;
  }
}
