// Time, from the operating system.

import { performance } from 'node:perf_hooks'; // the global one is a getter, which is asked each time
import type { Clock } from '../session/outside.ts';

const MAX_TIMER_MS = 2_147_483_647; // Node fires a longer timer after 1 ms instead

/**
 * The clock of the machine. Its timers keep the process alive: one that is pending belongs to a session that is not
 * over, and a process that ended under it would skip the session's verdict and record. Whoever stops cancels them.
 */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
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
