// How much a stream of the driver may read in one turn. Bytes say little about work: those of a body in chunks of one byte
// cost many times what others do. So whoever comes with much is measured, and reads less where that takes long.

/** What a stream may read that came with little the last time: no more work than a few requests are. */
export const FIRST_TURN_BYTES = 32_768;

/** Whoever reads so much in a turn is in bulk: everybody else comes first. Requests are shorter. */
export const MIN_BULK_BYTES = 4_096;

/** How long a turn in bulk may take. Less is more system calls for each transfer, more is a longer wait for all others. */
export const MAX_TURN_MS = 0.1;

/** The turn that a stream has now; one of a driver is enough, since it lets one stream read after the other. */
export class ReadTurn {
  readonly #maxBytes: number;
  readonly #now: () => number;
  #bytes = 0;
  #isInBulk = false;
  #begunMs = 0;

  /** `maxBytes`: of any turn. `now`: milliseconds, for tests. */
  constructor(maxBytes: number, now: () => number = () => performance.now()) {
    this.#maxBytes = maxBytes;
    this.#now = now;
  }

  /** A turn begins; gives how many bytes may be read. `bulkBytes`: what `end` gave the last time, at first 0. */
  begin(bulkBytes: number): number {
    this.#isInBulk = bulkBytes > 0;
    this.#bytes = this.#isInBulk ? bulkBytes : FIRST_TURN_BYTES;
    if (this.#isInBulk) this.#begunMs = this.#now(); // whoever comes with little does not pay for the clock
    return this.#bytes;
  }

  /** The turn is over, with all that the bytes led to; gives how many may be read in the next one, 0 if it is not in bulk. */
  end(readBytes: number): number {
    if (readBytes < MIN_BULK_BYTES) return 0;
    const tookMs = this.#isInBulk ? this.#now() - this.#begunMs : 0;
    if (tookMs > MAX_TURN_MS) return Math.max(MIN_BULK_BYTES, this.#bytes / 2);
    const hasRoom = readBytes === this.#bytes && tookMs < MAX_TURN_MS / 2;
    return hasRoom ? Math.min(this.#maxBytes, this.#bytes * 2) : this.#bytes;
  }
}
