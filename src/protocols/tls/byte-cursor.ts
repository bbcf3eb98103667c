// Reads numbers and vectors of the presentation language of TLS (RFC 8446, 3) one after the other. It never reads beyond
// its end: what is not there is a Malformed.

import type { Bytes } from '../../proxy/engine.ts';

/** What does not keep to the format; its message says where, for people. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

/** A place in bytes. */
export class ByteCursor {
  readonly #bytes: Bytes;
  readonly #what: string;
  #at = 0;

  /** `what` names the structure in messages. */
  constructor(bytes: Bytes, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  /** Whether everything has been read. */
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** All that has not been read, borrowed. */
  get rest(): Bytes {
    return this.#bytes.subarray(this.#at);
  }

  /** So many bytes, borrowed. */
  take(length: number): Bytes {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Malformed(`${this.#what} ends too early`);
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** An unsigned number of so many bytes, 1 to 3. */
  number(size: 1 | 2 | 3): number {
    let value = 0;
    for (const byte of this.take(size)) value = value * 256 + byte;
    return value;
  }

  /** A vector with its length before it, in so many bytes; at least `least` long. */
  vector(sizeOfLength: 1 | 2, least: number, what: string): ByteCursor {
    const length = this.number(sizeOfLength);
    if (length < least) throw new Malformed(`${what} is too short`);
    return new ByteCursor(this.take(length), what);
  }

  /** All that is left, as numbers of two bytes. */
  pairs(): number[] {
    const values: number[] = [];
    while (!this.isAtEnd) values.push(this.number(2));
    return values;
  }

  /** @throws Malformed if there is anything left. */
  end(): void {
    if (!this.isAtEnd) throw new Malformed(`${this.#what} has bytes too many`);
  }
}
