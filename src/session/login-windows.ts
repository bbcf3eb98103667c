// For how long credentials are good before their user has to type them anew (`max_auth_time` of the original).

import { setNewest } from './bounded-map.ts';
import type { Clock } from './outside.ts';

// Browsers send what they remember on several connections at the same time: the question is for a person, who needs
// longer than this to answer it.
const REFUSED_FOR_MS = 2_000;

// Of credentials that are forgotten the window begins anew: their user is asked later, and nobody gets in by that.
const MAX_WINDOWS = 10_000;

interface LoginWindow {
  readonly since: number;
  /** When its credentials were first refused because their time is over. */
  refusedAt: number | undefined;
}

/** The windows of all credentials at one authentication policy. */
export class LoginWindows {
  readonly #clock: Clock;
  readonly #lengthMs: number;
  readonly #windows = new Map<string, LoginWindow>();

  constructor(clock: Clock, lengthMs: number) {
    this.#clock = clock;
    this.#lengthMs = lengthMs;
  }

  /** Whether these credentials are to be typed anew. The first use opens their window, and so does the one after that. */
  isOver(key: string): boolean {
    const now = this.#clock.monotonic();
    const window = this.#windows.get(key);
    if (window === undefined) {
      this.#open(key, now);
      return false;
    }
    if (now - window.since < this.#lengthMs) return false;
    window.refusedAt ??= now;
    if (now - window.refusedAt < REFUSED_FOR_MS) return true;
    this.#open(key, now);
    return false;
  }

  #open(key: string, now: number): void {
    setNewest(this.#windows, key, { since: now, refusedAt: undefined }, MAX_WINDOWS);
  }
}
