// What sessions leave behind when they go to rest has got old meanwhile, and V8 collects old objects only when there are
// many new ones: for whoever has many idle connections, never. So that is asked for when there is a pause.

import type { Clock } from './outside.ts';

/** Sessions after whose rest a collection pays: they have left some 2 MiB. */
export const MIN_RESTED = 1_000;

/** Or a part of all sessions, since a collection looks at each of them. */
const MIN_SHARE = 0.1;

// While sessions still go to rest, more is to come; and where much is going on, V8 collects by itself.
const PAUSE_MS = 100;

/** Counts sessions that go to rest, and has garbage collected when it pays. */
export class RestGarbage {
  readonly #clock: Clock;
  readonly #collect: () => void;
  readonly #sessions: { readonly size: number };
  #count = 0;
  #isWaiting = false;

  /** `sessions`: all that run. */
  constructor(clock: Clock, collect: () => void, sessions: { readonly size: number }) {
    this.#clock = clock;
    this.#collect = collect;
    this.#sessions = sessions;
  }

  /** One more session has gone to rest. */
  note(): void {
    this.#count++;
    const isEnough = this.#count >= Math.max(MIN_RESTED, this.#sessions.size * MIN_SHARE);
    if (isEnough && !this.#isWaiting) this.#wait();
  }

  /** Waits until no further one has gone to rest for a while. */
  #wait(): void {
    const before = this.#count;
    this.#isWaiting = true;
    this.#clock.after(PAUSE_MS, () => {
      this.#isWaiting = false;
      if (this.#count !== before) {
        this.#wait();
        return;
      }
      this.#count = 0;
      this.#collect();
    });
  }
}
