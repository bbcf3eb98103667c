// The named timers of an engine, on one alarm. Re-arming is cheap: it only moves a deadline.

import type { ProxyEvent } from '../proxy/engine.ts';
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
  /** Nothing has been armed for a while, or something has just elapsed: there may be nothing to do any more. */
  quiet?(): void;
}

/** The only timer of a session at rest; it has a name if there is one. */
export interface RestingTimer {
  readonly name: string | undefined;
  readonly dueAt: number;
}

// UDP does not say when a client has gone. As in the original: longer than answers take, and short enough for a table that
// anybody can fill with forged addresses.
/** How long a session over UDP may be idle at most. */
export const MAX_DATAGRAM_IDLE_MS = 60_000;

/**
 * How long nothing must have been armed before a session may rest. Whoever asks for one page after the other asks for the
 * next thing within this time, and shall not pay for sleeping and waking in between.
 */
export const REST_AFTER_MS = 500;

const NO_TIMER: RestingTimer = { name: undefined, dueAt: Infinity };

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
  readonly #restAfterMs: number;
  #restAt = Infinity;

  /** `restAfterMs`: after how long `quiet` is told. Default: never. */
  constructor(alarms: AlarmQueue, owner: TimerOwner, restAfterMs = Infinity) {
    this.#alarms = alarms;
    this.#owner = owner;
    this.#restAfterMs = restAfterMs;
  }

  /** What is to be kept at rest; undefined: that would be more than one timer, or one that traffic moves. */
  get resting(): RestingTimer | undefined {
    const [first, second] = this.#deadlines;
    if (second !== undefined || first?.isIdle === true) return undefined;
    return first ?? NO_TIMER;
  }

  /** Goes on after a rest. */
  goOn({ name, dueAt }: RestingTimer): void {
    if (name !== undefined) this.#deadlines = [{ name, afterMs: 0, dueAt, isIdle: false }];
    this.#restAt = this.#alarms.now() + this.#restAfterMs;
    this.#wakeBy(Math.min(dueAt, this.#restAt));
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
    const now = this.#alarms.now();
    const dueAt = now + afterMs;
    this.#restAt = now + this.#restAfterMs;
    if (isIdle) this.#idleCount++;
    if (armed === undefined)
      this.#deadlines = withItem(this.#deadlines, { name, afterMs, dueAt, isIdle });
    else {
      if (armed.isIdle) this.#idleCount--;
      armed.afterMs = afterMs;
      armed.dueAt = dueAt;
      armed.isIdle = isIdle;
    }
    this.#wakeBy(Math.min(dueAt, this.#restAt));
  }

  /** Disarms all. */
  clear(): void {
    this.#restAt = Infinity;
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
    if (dueAt === Infinity) return;
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
    this.#tellOfQuiet(now, due.length > 0);
  }

  #tellOfQuiet(now: number, hasElapsed: boolean): void {
    const isDue = this.#restAt <= now;
    if (isDue) this.#restAt = Infinity;
    if ((isDue || hasElapsed) && this.#restAfterMs !== Infinity) this.#owner.quiet?.();
    this.#wakeBy(this.#restAt);
  }

  #dueAt({ isIdle, dueAt, afterMs }: Deadline): number {
    return isIdle ? Math.max(dueAt, this.#lastTraffic + afterMs) : dueAt;
  }
}

/** Events without what was told of a timer: it is armed anew. */
export function withoutElapsed(
  events: readonly ProxyEvent[],
  timer: string,
): readonly ProxyEvent[] {
  return events.filter((event) => event.type !== 'elapsed' || event.timer !== timer);
}
