// How fast a body comes from its client. Only the client counts: while what it sends has no room it is not slow.

import type { Traffic } from '../../../proxy/engine.ts';

/** The name of the timer that ends each window. */
export const RATE_TIMER = 'http.rate';

/** One window, in milliseconds: short stops, as when a telephone changes its cell, are no reason to end. As in Apache. */
export const RATE_WINDOW_MS = 20_000;

/** Who was fast may stop for five minutes: a train in a tunnel. It is also what timeoutMs allows by default. */
export const MAX_CREDIT_WINDOWS = 15;

const MS_PER_SECOND = 1_000;

/** What a window must bring at `minRate` bytes a second. */
export function bytesPerWindow(minRate: number): number {
  return minRate * (RATE_WINDOW_MS / MS_PER_SECOND);
}

/** The measure of one body. */
export class BodyRate {
  readonly #perWindow: number;
  readonly #from: number;
  #seen: number;
  #credit = 0;

  /** `minRate` is in bytes a second; `from` counts the bytes of the client that came before the body. */
  constructor(minRate: number, from: number) {
    this.#perWindow = bytesPerWindow(minRate);
    this.#from = from;
    this.#seen = from;
  }

  /** Whether anything of the body has come. */
  hasBegun({ fromClient }: Traffic): boolean {
    return fromClient > this.#from;
  }

  /** A window is over. Whether the client has sent enough in it, together with what it was ahead. */
  isMet({ fromClient, clientWaits }: Traffic): boolean {
    const bytes = fromClient - this.#seen;
    this.#seen = fromClient;
    if (clientWaits) return true;
    const credit = this.#credit + bytes - this.#perWindow;
    this.#credit = Math.min(credit, MAX_CREDIT_WINDOWS * this.#perWindow);
    return credit >= 0;
  }
}
