// When to try again what has failed: sooner at first, then ever more rarely, each thing by itself.

import type { Clock } from '../session/outside.ts';

// A tentative address is usable after a second or two; a port that another program has may be free tomorrow.
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

interface Failure {
  readonly why: string;
  readonly waitMs: number;
  readonly cancel: () => void;
}

/** The things that have failed and will be tried again. */
export class RetryTimes {
  readonly #clock: Clock;
  readonly #again: () => void;
  readonly #failures = new Map<string, Failure>();

  /** `again` is called whenever one of them is due; it tries all that are still wanted. */
  constructor(clock: Clock, again: () => void) {
    this.#clock = clock;
    this.#again = again;
  }

  /** Something has failed, perhaps once more. @returns whether it is news: the first time, or for another reason. */
  failed(key: string, error: unknown): boolean {
    const before = this.#failures.get(key);
    before?.cancel();
    const why = error instanceof Error ? error.message : String(error);
    const waitMs =
      before === undefined ? FIRST_RETRY_MS : Math.min(before.waitMs * 2, LONGEST_RETRY_MS);
    const cancel = this.#clock.after(waitMs, this.#again);
    this.#failures.set(key, { why, waitMs, cancel });
    return before?.why !== why;
  }

  /** Something has succeeded. @returns whether it had failed before. */
  succeeded(key: string): boolean {
    this.#failures.get(key)?.cancel();
    return this.#failures.delete(key);
  }

  /** Forgets those that nobody wants any more. */
  keep(isWanted: (key: string) => boolean): void {
    for (const key of [...this.#failures.keys()]) if (!isWanted(key)) this.succeeded(key);
  }

  /** Forgets all. */
  clear(): void {
    this.keep(() => false);
  }
}
