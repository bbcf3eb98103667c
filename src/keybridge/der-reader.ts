// Reads ASN.1 in its distinguished encoding (X.690, DER), of bytes that anybody may have made: what is not exactly right
// is refused, and nothing is read twice.

import type { Der } from './der-writer.ts';
import { TAG } from './der-writer.ts';

/** What was read is not DER, or not what is expected. */
export class NotDer extends Error {
  override readonly name = 'NotDer';
}

/** One value. */
export interface DerValue {
  readonly tag: number;
  readonly contents: Der;
  /** With tag and length. */
  readonly encoded: Der;
}

const MAX_LENGTH_BYTES = 3; // 16 MiB: more than any message of TLS has

/** Reads values one behind the other. Its methods throw NotDer. */
export class DerReader {
  readonly #bytes: Der;
  #at = 0;

  constructor(bytes: Der) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The next value, of whatever kind. */
  next(): DerValue {
    const start = this.#at;
    const tag = this.#byte();
    if ((tag & 0x1f) === 0x1f) throw new NotDer('a tag is too long');
    const length = this.#length();
    if (length > this.#bytes.length - this.#at) throw new NotDer('a value is cut off');
    const contents = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return { tag, contents, encoded: this.#bytes.subarray(start, this.#at) };
  }

  /** The next value, which must be of this kind. */
  take(tag: number): DerValue {
    const value = this.next();
    if (value.tag !== tag) throw new NotDer(`there is ${value.tag} where ${tag} should be`);
    return value;
  }

  /** The next value if it is of this kind; otherwise it stays. */
  takeIf(tag: number): DerValue | undefined {
    return this.#bytes[this.#at] === tag ? this.next() : undefined;
  }

  /** Nothing may follow. */
  end(): void {
    if (!this.isAtEnd) throw new NotDer('there is more than there should be');
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new NotDer('a value is cut off');
    this.#at++;
    return byte;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > MAX_LENGTH_BYTES) throw new NotDer('a length is not of DER');
    let length = 0;
    for (let index = 0; index < count; index++) length = length * 0x100 + this.#byte();
    if (length < 0x80 || length < 0x100 ** (count - 1))
      throw new NotDer('a length is not the shortest');
    return length;
  }
}

const MAX_DEPTH = 16; // an alternative name that is the name of a person has 7

/** Checks that these bytes are one value, down to the last one inside of it. @throws NotDer */
export function checkValue(encoded: Der): void {
  const reader = new DerReader(encoded);
  checkInside(reader.next(), MAX_DEPTH);
  reader.end();
}

function checkInside({ tag, contents }: DerValue, depth: number): void {
  if ((tag & CONSTRUCTED) === 0) return;
  if (depth === 0) throw new NotDer('values are nested too deep');
  const reader = new DerReader(contents);
  while (!reader.isAtEnd) checkInside(reader.next(), depth - 1);
}

const CONSTRUCTED = 0x20;

/** The text of an object identifier, such as `2.5.29.17`. @throws NotDer */
export function identifierOf(contents: Der): string {
  if (contents.length > MAX_IDENTIFIER_BYTES) throw new NotDer('an identifier is too long');
  const numbers: bigint[] = [];
  let value = 0n; // one that is made of a UUID has numbers of 128 bits
  for (const byte of contents) {
    if (value === 0n && byte === 0x80) throw new NotDer('an identifier is not the shortest');
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    numbers.push(value);
    value = 0n;
  }
  const [first] = numbers;
  if (first === undefined || (contents.at(-1) ?? 0x80) >= 0x80)
    throw new NotDer('an identifier is cut off');
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...numbers.slice(1)].join('.');
}

const MAX_IDENTIFIER_BYTES = 128; // those in use have no 30; the numbers of longer ones would cost time

/** A point of time, in milliseconds since 1970 (RFC 5280, 4.1.2.5). @throws NotDer */
export function timeOf({ tag, contents }: DerValue): number {
  const text = Buffer.from(contents).toString('latin1');
  const [, year = '', ...rest] = TIMES[tag]?.exec(text) ?? [];
  const [month, day, hour, minute, second] = rest;
  const written = `${fullYear(year)}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const at = Date.parse(written);
  // The thirtieth of February is read as a day of March.
  if (Number.isNaN(at) || new Date(at).toISOString() !== written)
    throw new NotDer('a time is not of a certificate');
  return at;
}

/** Two digits are of the years from 1950 to 2049. */
function fullYear(year: string): string {
  if (year.length !== 2) return year;
  return year < '50' ? `20${year}` : `19${year}`;
}

const TIMES: Readonly<Record<number, RegExp>> = {
  [TAG.utcTime]: /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/,
  [TAG.generalizedTime]: /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/,
};
