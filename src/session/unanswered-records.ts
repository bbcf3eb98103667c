// Records of datagrams that nobody answered. Whoever forges addresses makes as many such sessions as he likes, and without
// a bound each would be a record, until the log has no room for those of others.

import type { Log } from '../log/log.ts';
import type { Clock } from './outside.ts';

// What a network brings of scans and of clients that nobody permits is far below, and 40 KB of records each second are
// more than anybody reads.
const MAX_RECORDS = 50;
const WINDOW_MS = 1_000;

// A flood is told of at this pace, and once when it has passed.
const TOLD_AFTER_MS = 10_000;

/** Which records are written of UDP sessions whose client got nothing; the others are counted, and told by their number. */
export class UnansweredRecords {
  readonly #log: Log;
  readonly #clock: Clock;
  #windowEnds = 0;
  #recorded = 0;
  #unrecorded = 0;
  #cancel = (): void => undefined;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Whether one more is written; counts it. */
  takes(): boolean {
    const now = this.#clock.monotonic();
    if (now >= this.#windowEnds) {
      this.#windowEnds = now + WINDOW_MS;
      this.#recorded = 0;
    }
    if (this.#recorded < MAX_RECORDS) {
      this.#recorded++;
      return true;
    }
    this.#unrecorded++;
    if (this.#unrecorded === 1) this.#cancel = this.#clock.after(TOLD_AFTER_MS, () => this.stop());
    return false;
  }

  /** Tells what has not been told. */
  stop(): void {
    this.#cancel();
    if (this.#unrecorded === 0) return;
    const message = `More than ${MAX_RECORDS} UDP sessions in a second ended before anybody answered the client, whose address may be forged: only so many were recorded`;
    this.#log.line('error', 'datagrams.unrecorded', message, { sessions: this.#unrecorded });
    this.#unrecorded = 0;
  }
}
