// The named timers of an engine, on one timer of the clock. Re-arming is cheap: it only moves a deadline.

import type { Clock } from './outside.ts';
import { EMPTY_LIST, withItem, withoutItem } from './short-list.ts';

interface Deadline {
  readonly name: string;
  readonly afterMs: number;
  readonly dueAt: number;
  readonly isIdle: boolean;
}

/** Who is told of timers. */
export interface TimerOwner {
  timerElapsed(name: string): void;
}

/** Named timers; `idle` ones start anew with all traffic. */
export class PumpTimers {
  readonly #clock: Clock;
  readonly #owner: TimerOwner;
  /** Few, so that a list is searched faster than a map is kept. */
  #deadlines: readonly Deadline[] = EMPTY_LIST;
  #maxIdleMs = Infinity;
  #idleCount = 0;
  #lastTraffic = 0;
  #armedFor = Infinity;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, owner: TimerOwner) {
    this.#clock = clock;
    this.#owner = owner;
  }

  /** Bytes have passed: idle timers start anew. */
  traffic(): void {
    if (this.#idleCount > 0) this.#lastTraffic = this.#clock.monotonic();
  }

  /** From now on no `idle` timer runs longer than this, whatever is asked for. */
  limitIdle(maxIdleMs: number): void {
    this.#maxIdleMs = maxIdleMs;
  }

  /** Arms, re-arms or (undefined) disarms a timer. */
  set(name: string, givenMs: number | undefined, mode: 'total' | 'idle'): void {
    this.#remove(name);
    if (givenMs === undefined) return; // a clock timer that is left over finds nothing due
    const now = this.#clock.monotonic();
    const isIdle = mode === 'idle';
    const afterMs = isIdle ? Math.min(givenMs, this.#maxIdleMs) : givenMs;
    const dueAt = now + afterMs;
    this.#deadlines = withItem(this.#deadlines, { name, afterMs, dueAt, isIdle });
    if (isIdle) this.#idleCount++;
    this.#arm(dueAt, now);
  }

  /** Disarms all. */
  clear(): void {
    this.#deadlines = EMPTY_LIST;
    this.#idleCount = 0;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#armedFor = Infinity;
  }

  #remove(name: string): void {
    const deadline = this.#deadlines.find((one) => one.name === name);
    if (deadline === undefined) return;
    if (deadline.isIdle) this.#idleCount--;
    this.#deadlines = withoutItem(this.#deadlines, deadline);
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
    const due: Deadline[] = [];
    for (const deadline of this.#deadlines) {
      const dueAt = this.#dueAt(deadline);
      if (dueAt <= now) due.push(deadline);
      else this.#arm(dueAt, now);
    }
    for (const deadline of due) {
      if (!this.#deadlines.includes(deadline)) continue; // set anew or disarmed by what came before
      this.#remove(deadline.name);
      this.#owner.timerElapsed(deadline.name);
    }
  }

  #dueAt({ isIdle, dueAt, afterMs }: Deadline): number {
    return isIdle ? Math.max(dueAt, this.#lastTraffic + afterMs) : dueAt;
  }
}
