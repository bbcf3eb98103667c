// What a policy leaves behind when another one has come: its TLS contexts above all, which are memory of OpenSSL. V8 does not
// know how much that is, and would leave it for as long as there is little of its own.

import type { Clock } from './outside.ts';

// By then the kept connections of the policy have ended; and whoever reloads every few seconds pays for one collection
// in a while.
const COLLECTED_AFTER_MS = 10_000;

/** Has garbage collected some time after a policy was replaced. */
export class PolicyGarbage {
  readonly #clock: Clock;
  readonly #collect: () => void;
  /** Gives up the collection that is due. */
  #giveUp: (() => void) | undefined;

  constructor(clock: Clock, collect: () => void) {
    this.#clock = clock;
    this.#collect = collect;
  }

  /** A policy was replaced. */
  note(): void {
    this.#giveUp ??= this.#clock.after(COLLECTED_AFTER_MS, () => {
      this.#giveUp = undefined;
      this.#collect();
    });
  }

  /** Collects nothing any more. */
  stop(): void {
    this.#giveUp?.();
    this.#giveUp = undefined;
  }
}
