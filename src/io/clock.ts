// Time, from the operating system.

import { performance } from 'node:perf_hooks'; // the global one is a getter, which is asked each time
import type { Clock } from '../session/outside.ts';

// To ask the system costs ten times as much as to go on with the clock that never runs backwards.
const ASK_AGAIN_MS = 1000;

const MAX_TIMER_MS = 2_147_483_647; // Node fires a longer timer after 1 ms instead

/**
 * The clock of the machine. Its timers keep the process alive: one that is pending belongs to a session that is not
 * over, and a process that ended under it would skip the session's verdict and record. Whoever stops cancels them.
 */
export class SystemClock implements Clock {
  /** The time since 1970 at moment 0 of the other clock, as it was when the system was asked last. */
  #beginning = 0;
  #askAgainAt = -Infinity;

  /** Whole milliseconds. Where somebody sets the clock of the system, this follows within a second. */
  now(at = performance.now()): number {
    if (at >= this.#askAgainAt) {
      this.#beginning = Date.now() - at;
      this.#askAgainAt = at + ASK_AGAIN_MS;
    }
    return Math.floor(this.#beginning + at);
  }

  monotonic(): number {
    return performance.now();
  }

  after(ms: number, call: () => void): () => void {
    if (ms > MAX_TIMER_MS) return this.#afterLong(ms, call);
    const timer = setTimeout(call, Math.max(ms, 0)); // what is late already is due now
    return () => clearTimeout(timer);
  }

  #afterLong(ms: number, call: () => void): () => void {
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      timer = setTimeout(
        () => (leftMs > MAX_TIMER_MS ? arm(leftMs - MAX_TIMER_MS) : call()),
        Math.min(leftMs, MAX_TIMER_MS),
      );
    };
    arm(ms);
    return () => clearTimeout(timer);
  }
}
