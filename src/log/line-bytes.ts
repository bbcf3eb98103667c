// Lines as bytes while they are gathered. As text, the parts of a line would be objects that live until it is written, and
// keep the garbage collector busy; there is a line for each connection.

import { quoteText } from './escape.ts';

// Longer texts go through V8's own encoder.
const MOST_WRITTEN_ONE_BY_ONE = 64;

/** UTF-8 has at most so many bytes for each unit of UTF-16. */
const MOST_BYTES_A_UNIT = 3;

const MOST_DIGITS = 10; // of a number that `>>> 0` leaves as it is

const [QUOTE, BACKSLASH, SPACE, TILDE, ZERO] = [0x22, 0x5c, 0x20, 0x7e, 0x30];

/** A growing row of bytes, in memory that is used again. */
export class LineBytes {
  #bytes: Buffer;
  #length = 0;

  /** `bytes`: room for so many before it has to grow. */
  constructor(bytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(bytes);
  }

  /** How many there are. */
  get length(): number {
    return this.#length;
  }

  /** Drops all that is behind so many bytes. */
  cut(length: number): void {
    this.#length = Math.min(length, this.#length);
  }

  /** The first so many bytes themselves: good until the next one is added. */
  view(length: number): Buffer {
    return this.#bytes.subarray(0, length);
  }

  /** The first so many bytes, as a copy. */
  copy(length: number): Buffer {
    return Buffer.copyBytesFrom(this.#bytes, 0, length);
  }

  /** Appends bytes. */
  add(part: Uint8Array): void {
    this.#reserve(part.length);
    this.#bytes.set(part, this.#length);
    this.#length += part.length;
  }

  /** Appends a text as UTF-8. */
  text(text: string): void {
    this.#reserve(text.length * MOST_BYTES_A_UNIT);
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** Appends a text in double quotes, as `quoteText` writes it. */
  quoted(text: string): void {
    if (text.length > MOST_WRITTEN_ONE_BY_ONE || !this.#addPlain(text)) this.text(quoteText(text));
  }

  /** Appends a number as JSON has it; null for what is no finite number. */
  number(value: number | null): void {
    if (value === null || !Number.isFinite(value)) this.text('null');
    else if (value >>> 0 === value) this.digits(value, 1);
    else this.text(String(value));
  }

  /** Appends a whole number below 2 ** 32 with at least so many digits, of which the first may be zeros. */
  digits(value: number, least: number): void {
    this.#reserve(Math.max(least, MOST_DIGITS));
    const bytes = this.#bytes;
    const start = this.#length;
    const whole = value >>> 0; // V8 divides such numbers by 10 without a division
    let digits = 1;
    for (let bound = 10; bound <= whole && digits < MOST_DIGITS; bound = (bound * 10) >>> 0)
      digits++;
    const end = start + Math.max(digits, least);
    let rest = whole;
    for (let at = end - 1; at >= start; at--) {
      const tenth = (rest / 10) >>> 0;
      bytes[at] = ZERO + (rest - tenth * 10);
      rest = tenth;
    }
    this.#length = end;
  }

  /** Appends a text of nothing but what JSON leaves as it is; false, and nothing is appended, where it has anything else. */
  #addPlain(text: string): boolean {
    const { length } = text;
    this.#reserve(length + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = QUOTE;
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index);
      if (unit < SPACE || unit > TILDE || unit === QUOTE || unit === BACKSLASH) return false;
      bytes[at++] = unit;
    }
    bytes[at++] = QUOTE;
    this.#length = at;
    return true;
  }

  #reserve(length: number): void {
    const needed = this.#length + length;
    if (needed <= this.#bytes.length) return;
    const bytes = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}
