// The named timers of an engine, on one alarm. Re-arming is cheap: it only moves a deadline.

import { AWAKE } from './alarm-queue.ts';
import type { AlarmQueue, Sleeper } from './alarm-queue.ts';
import { EMPTY_LIST, withItem, withoutItem } from './short-list.ts';

/** An armed timer; to arm it anew changes it. */
interface Deadline {
  readonly name: string;
  afterMs: number;
  dueAt: number;
  isIdle: boolean;
}

/** Who is told of timers. */
export interface TimerOwner {
  timerElapsed(name: string): void;
}

/** Named timers; `idle` ones start anew with all traffic. */
export class PumpTimers implements Sleeper {
  place = AWAKE;
  wakeAt = 0;
  readonly #alarms: AlarmQueue;
  readonly #owner: TimerOwner;
  /** Few, so that a list is searched faster than a map is kept. */
  #deadlines: readonly Deadline[] = EMPTY_LIST;
  #maxIdleMs = Infinity;
  #idleCount = 0;
  #lastTraffic = 0;

  constructor(alarms: AlarmQueue, owner: TimerOwner) {
    this.#alarms = alarms;
    this.#owner = owner;
  }

  /** Bytes have passed: idle timers start anew. */
  traffic(): void {
    if (this.#idleCount > 0) this.#lastTraffic = this.#alarms.now();
  }

  /** From now on no `idle` timer runs longer than this, whatever is asked for. */
  limitIdle(maxIdleMs: number): void {
    this.#maxIdleMs = maxIdleMs;
  }

  /** Arms, re-arms or (undefined) disarms a timer. */
  set(name: string, givenMs: number | undefined, mode: 'total' | 'idle'): void {
    const armed = this.#find(name);
    if (givenMs === undefined) {
      if (armed !== undefined) this.#remove(armed); // an alarm that is left over finds nothing due
      return;
    }
    const isIdle = mode === 'idle';
    const afterMs = isIdle ? Math.min(givenMs, this.#maxIdleMs) : givenMs;
    const dueAt = this.#alarms.now() + afterMs;
    if (isIdle) this.#idleCount++;
    if (armed === undefined)
      this.#deadlines = withItem(this.#deadlines, { name, afterMs, dueAt, isIdle });
    else {
      if (armed.isIdle) this.#idleCount--;
      armed.afterMs = afterMs;
      armed.dueAt = dueAt;
      armed.isIdle = isIdle;
    }
    this.#wakeBy(dueAt);
  }

  /** Disarms all. */
  clear(): void {
    this.#deadlines = EMPTY_LIST;
    this.#idleCount = 0;
    this.#alarms.remove(this);
  }

  #find(name: string): Deadline | undefined {
    for (const deadline of this.#deadlines) if (deadline.name === name) return deadline;
    return undefined;
  }

  #remove(deadline: Deadline): void {
    if (deadline.isIdle) this.#idleCount--;
    this.#deadlines = withoutItem(this.#deadlines, deadline);
  }

  #wakeBy(dueAt: number): void {
    if (this.place === AWAKE || dueAt < this.wakeAt) this.#alarms.set(this, dueAt);
  }

  wake(): void {
    const now = this.#alarms.now();
    const due: Deadline[] = [];
    for (const deadline of this.#deadlines) {
      const dueAt = this.#dueAt(deadline);
      if (dueAt <= now) due.push(deadline);
      else this.#wakeBy(dueAt);
    }
    for (const deadline of due) {
      // What came before may have disarmed it or armed it anew.
      if (!this.#deadlines.includes(deadline) || this.#dueAt(deadline) > now) continue;
      this.#remove(deadline);
      this.#owner.timerElapsed(deadline.name);
    }
  }

  #dueAt({ isIdle, dueAt, afterMs }: Deadline): number {
    return isIdle ? Math.max(dueAt, this.#lastTraffic + afterMs) : dueAt;
  }
}
