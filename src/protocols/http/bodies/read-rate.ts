// How fast a client reads the body of a response. What the system has taken in for it counts as read, so that single
// windows say little; many of them do.

import type { Traffic } from '../../../proxy/engine.ts';
import { bytesPerWindow, MAX_CREDIT_WINDOWS } from './body-rate.ts';

/** The measure of one client that reads. */
export class ReadRate {
  readonly #perWindow: number;
  readonly #maxCredit: number;
  #seen: number | undefined;
  /** It begins with what it may be behind: the system takes in much at once, and then nothing until much of it was read. */
  #credit: number;

  /** `minRate` is in bytes a second. */
  constructor(minRate: number) {
    this.#perWindow = bytesPerWindow(minRate);
    this.#maxCredit = MAX_CREDIT_WINDOWS * this.#perWindow;
    this.#credit = this.#maxCredit;
  }

  /**
   * A window is over. Whether the client has taken enough in it, together with what it was ahead; one that has room is
   * not slow.
   */
  isMet({ toClient, clientIsFull }: Traffic): boolean {
    const bytes = toClient - (this.#seen ?? toClient);
    this.#seen = toClient;
    if (!clientIsFull) return true;
    this.#credit = Math.min(this.#credit + bytes - this.#perWindow, this.#maxCredit);
    return this.#credit >= 0;
  }
}
