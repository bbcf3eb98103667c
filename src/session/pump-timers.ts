// The named timers of an engine, on one timer of the clock. Re-arming is cheap: it only moves a deadline.

import type { Clock } from './outside.ts';

interface Deadline {
  afterMs: number;
  dueAt: number;
  mode: 'total' | 'idle';
}

/** Named timers; `idle` ones start anew with all traffic. */
export class PumpTimers {
  readonly #clock: Clock;
  readonly #elapsed: (name: string) => void;
  readonly #deadlines = new Map<string, Deadline>();
  #lastTraffic: number;
  #armedFor = Infinity;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, elapsed: (name: string) => void) {
    this.#clock = clock;
    this.#elapsed = elapsed;
    this.#lastTraffic = clock.monotonic();
  }

  /** Bytes have passed: idle timers start anew. */
  traffic(): void {
    this.#lastTraffic = this.#clock.monotonic();
  }

  /** Arms, re-arms or (undefined) disarms a timer. */
  set(name: string, afterMs: number | undefined, mode: 'total' | 'idle'): void {
    if (afterMs === undefined) {
      this.#deadlines.delete(name);
      return; // a clock timer that is left over finds nothing due
    }
    const now = this.#clock.monotonic();
    const dueAt = now + afterMs;
    this.#deadlines.set(name, { afterMs, dueAt, mode });
    this.#arm(dueAt, now);
  }

  /** Disarms all. */
  clear(): void {
    this.#deadlines.clear();
    this.#cancel?.();
    this.#cancel = undefined;
    this.#armedFor = Infinity;
  }

  #arm(dueAt: number, now: number): void {
    if (dueAt >= this.#armedFor) return;
    this.#cancel?.();
    this.#armedFor = dueAt;
    this.#cancel = this.#clock.after(Math.max(dueAt - now, 1), () => {
      this.#fire();
    });
  }

  #fire(): void {
    this.#cancel = undefined;
    this.#armedFor = Infinity;
    const now = this.#clock.monotonic();
    const due: string[] = [];
    for (const [name, deadline] of this.#deadlines) {
      const dueAt = this.#dueAt(deadline);
      if (dueAt <= now) due.push(name);
      else this.#arm(dueAt, now);
    }
    for (const name of due) if (this.#deadlines.delete(name)) this.#elapsed(name);
  }

  #dueAt(deadline: Deadline): number {
    if (deadline.mode === 'total') return deadline.dueAt;
    return Math.max(deadline.dueAt, this.#lastTraffic + deadline.afterMs);
  }
}
