// A clock that a test moves: nothing elapses by itself.
import type { Clock } from '../../src/session/outside.ts';

interface Alarm {
  readonly at: number;
  readonly call: () => void;
}

/** Time that passes when the test says so. */
export class ManualClock implements Clock {
  /** When it began, in milliseconds since 1970. */
  readonly #epoch: number;
  #elapsed = 0;
  #alarms: Alarm[] = [];

  constructor(epoch = Date.UTC(2026, 0, 2, 3, 4, 5)) {
    this.#epoch = epoch;
  }

  /** How many timers are armed. */
  get armed(): number {
    return this.#alarms.length;
  }

  now(): number {
    return this.#epoch + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(ms: number, call: () => void): () => void {
    const alarm = { at: this.#elapsed + ms, call };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  /** Lets time pass; what is due meanwhile is called in its order, those at the same moment as they were armed. */
  advance(ms: number): void {
    const until = this.#elapsed + ms;
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.at > until) break;
      this.#alarms = this.#alarms.filter((other) => other !== next);
      this.#elapsed = next.at;
      next.call();
    }
    this.#elapsed = until;
  }

  #next(): Alarm | undefined {
    return this.#alarms.reduce<Alarm | undefined>(
      (first, alarm) => (first === undefined || alarm.at < first.at ? alarm : first),
      undefined,
    );
  }
}
