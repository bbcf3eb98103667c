// The alarms of all sessions, on one timer of the clock. A session arms and disarms some for each thing it waits for, and
// nearly none ever goes off: only those that are there when the timer goes off get a place in a heap.

import type { Clock } from './outside.ts';

/** The place of a sleeper that no alarm is set for. */
export const AWAKE = -1;

/** Whoever is to be woken. It has one alarm at most. */
export interface Sleeper {
  /** Where it is in the queue, which alone writes this; AWAKE where no alarm is set, as at first. */
  place: number;
  /** When it is to be woken, on the clock that never runs backwards; the queue alone writes this. */
  wakeAt: number;
  /** It is time. The alarm is over, and may be set anew. */
  wake(): void;
}

/** Sleepers: a list of those that are new, and of the others a binary heap, the next one to be woken on top. */
export class AlarmQueue {
  readonly #clock: Clock;
  /** Those whose alarms were set since the timer went off, in no order; the timer is armed for each, or for earlier. */
  readonly #fresh: Sleeper[] = [];
  readonly #heap: Sleeper[] = [];
  #armedFor = Infinity;
  /** When alarms went off last: none is set for then or before. */
  #wentOffAt = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds that never run backwards; whole ones, which V8 keeps without an object for each. */
  now(): number {
    return Math.ceil(this.#clock.monotonic());
  }

  /** Sets the alarm of a sleeper, or moves it. One for now or before goes off in a millisecond. */
  set(sleeper: Sleeper, at: number): void {
    const wakeAt = Math.max(at, this.#wentOffAt + 1); // so that who is woken for now again is not woken now
    const { place } = sleeper;
    sleeper.wakeAt = wakeAt;
    if (place === AWAKE) sleeper.place = freshPlace(this.#fresh.push(sleeper) - 1);
    else if (place > AWAKE) this.#settle(sleeper);
    if (wakeAt < this.#armedFor) this.#arm(wakeAt);
  }

  /** Takes the alarm of a sleeper away, if it has one. */
  remove(sleeper: Sleeper): void {
    const { place } = sleeper;
    if (place === AWAKE) return;
    sleeper.place = AWAKE;
    if (place < AWAKE) this.#takeFresh(sleeper, place);
    else this.#takeFromHeap(sleeper, place);
    // An armed timer keeps the process alive.
    if (this.#heap.length === 0 && this.#fresh.length === 0) this.#disarm();
  }

  #takeFresh(sleeper: Sleeper, place: number): void {
    const last = this.#fresh.pop();
    if (last === undefined || last === sleeper) return;
    last.place = place;
    this.#fresh[freshPlace(place)] = last;
  }

  #takeFromHeap(sleeper: Sleeper, place: number): void {
    const last = this.#heap.pop();
    if (last === undefined || last === sleeper) return;
    last.place = place;
    this.#heap[place] = last;
    this.#settle(last);
  }

  /** Moves a sleeper towards the top or the bottom, to where it belongs. */
  #settle(sleeper: Sleeper): void {
    if (!this.#rise(sleeper)) this.#sink(sleeper);
  }

  #rise(sleeper: Sleeper): boolean {
    const heap = this.#heap;
    const from = sleeper.place;
    for (let place = from; place > 0; place = sleeper.place) {
      const above = heap[(place - 1) >> 1];
      if (above === undefined || above.wakeAt <= sleeper.wakeAt) break;
      this.#swap(above, sleeper);
    }
    heap[sleeper.place] = sleeper;
    return sleeper.place !== from;
  }

  #sink(sleeper: Sleeper): void {
    const heap = this.#heap;
    for (;;) {
      const left = heap[2 * sleeper.place + 1];
      const right = heap[2 * sleeper.place + 2];
      const next =
        right !== undefined && left !== undefined && right.wakeAt < left.wakeAt ? right : left;
      if (next === undefined || next.wakeAt >= sleeper.wakeAt) return;
      this.#swap(sleeper, next);
    }
  }

  /** Exchanges a sleeper with one that is just below it. */
  #swap(upper: Sleeper, lower: Sleeper): void {
    const { place } = upper;
    upper.place = lower.place;
    lower.place = place;
    this.#heap[upper.place] = upper;
    this.#heap[place] = lower;
  }

  /** A timer that is armed for earlier than needed finds nothing due: cheaper than to arm it anew each time. */
  #arm(at: number): void {
    this.#disarm();
    this.#armedFor = at;
    const afterMs = Math.max(1, at - this.#clock.monotonic());
    this.#cancel = this.#clock.after(afterMs, () => {
      this.#goOff();
    });
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#armedFor = Infinity;
  }

  #goOff(): void {
    this.#cancel = undefined;
    this.#armedFor = Infinity;
    const now = this.now();
    this.#wentOffAt = now;
    this.#sort();
    try {
      for (
        let next = this.#heap[0];
        next !== undefined && next.wakeAt <= now;
        next = this.#heap[0]
      ) {
        this.remove(next);
        next.wake();
      }
    } finally {
      const next = this.#heap[0]; // whatever a sleeper throws, the others are woken
      if (next !== undefined && next.wakeAt < this.#armedFor) this.#arm(next.wakeAt);
    }
  }

  /** Gives those that are new their place among the others. */
  #sort(): void {
    for (const sleeper of this.#fresh.splice(0)) {
      sleeper.place = this.#heap.push(sleeper) - 1;
      this.#settle(sleeper);
    }
  }
}

/** The place of a sleeper in the list of new ones, which must not look like one in the heap; and the other way round. */
function freshPlace(index: number): number {
  return AWAKE - 1 - index;
}
