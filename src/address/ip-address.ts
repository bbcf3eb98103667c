// An IP address as a value: parsed once at the edge, then compared and looked up as plain numbers.

import { readIpText, writeIpv4, writeIpv6 } from './ip-text.ts';
import type { AddressFamily, IpWords } from './ip-text.ts';
import { SHOWN } from './shown.ts';

export type { AddressFamily } from './ip-text.ts';

const MAX_WORD = 0xffff_ffff;
const BITS = { ipv4: 32, ipv6: 128 } as const;

/**
 * An IPv4 or IPv6 address. Immutable. An address is four unsigned 32-bit words, most significant
 * first; an IPv4 address is `word0`, and its other words are 0, so that bit `n` of the address is
 * in the same place for both families.
 */
export class IpAddress {
  readonly family: AddressFamily;
  readonly word0: number;
  readonly word1: number;
  readonly word2: number;
  readonly word3: number;

  /**
   * Makes an address of its four words; `parse()`, `fromWords()` and `fromBytes()` are what callers
   * want. Throws a RangeError when a word is not an unsigned 32-bit integer, or is one IPv4 has not.
   */
  constructor(family: AddressFamily, words: IpWords) {
    // By index, not by iterators: one of these is made for each end of every connection.
    for (let index = 0; index < 4; index++) checkWord(family, index, words[index] ?? NaN);
    this.family = family;
    this.word0 = words[0];
    this.word1 = words[1];
    this.word2 = words[2];
    this.word3 = words[3];
    Object.freeze(this); // functions of the policy see it, and others have the same one
  }

  /**
   * Reads `192.0.2.1` or any IPv6 form of RFC 4291, 2.2. Throws a SyntaxError, which names the value
   * and the cure, for anything else: octal, hexadecimal and short IPv4, zone ids, brackets.
   */
  static parse(text: string): IpAddress {
    const reading = readIpText(text);
    if ('cure' in reading) {
      throw new SyntaxError(`Cannot parse IP address ${JSON.stringify(text)}: ${reading.cure}`);
    }
    return new IpAddress(reading.family, reading.words);
  }

  /** Like `parse()`, but a text that is no address is `undefined`. */
  static tryParse(text: string): IpAddress | undefined {
    const reading = readIpText(text);
    return 'cure' in reading ? undefined : new IpAddress(reading.family, reading.words);
  }

  /**
   * Makes an address from its words, most significant first: one for IPv4, four for IPv6. Throws a
   * RangeError for another number of words, or when one is not an unsigned 32-bit integer.
   */
  static fromWords(family: AddressFamily, words: readonly number[]): IpAddress {
    const expected = BITS[family] / 32;
    if (words.length !== expected) {
      throw new RangeError(
        `Cannot make ${family} address of ${words.length} words: give ${expected}`,
      );
    }
    const [word0 = 0, word1 = 0, word2 = 0, word3 = 0] = words;
    return new IpAddress(family, [word0, word1, word2, word3]);
  }

  /** Makes an address from network-order bytes: 4 for IPv4, 16 for IPv6; else throws a RangeError. */
  static fromBytes(bytes: Uint8Array): IpAddress {
    if (bytes.length !== 4 && bytes.length !== 16) {
      throw new RangeError(`Cannot make address of ${bytes.length} bytes: give 4 or 16`);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (bytes.length === 4) return new IpAddress('ipv4', [view.getUint32(0), 0, 0, 0]);
    return new IpAddress('ipv6', [
      view.getUint32(0),
      view.getUint32(4),
      view.getUint32(8),
      view.getUint32(12),
    ]);
  }

  /** The netmask of a prefix length: 24 of `ipv4` is 255.255.255.0. Throws a RangeError above 32 or 128. */
  static netmask(family: AddressFamily, prefixLength: number): IpAddress {
    const bits = BITS[family];
    if (!Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > bits) {
      throw new RangeError(
        `Cannot use prefix length ${prefixLength}: give an integer of 0 to ${bits}`,
      );
    }
    return new IpAddress(family, [
      maskWord(prefixLength),
      maskWord(prefixLength - 32),
      maskWord(prefixLength - 64),
      maskWord(prefixLength - 96),
    ]);
  }

  /** The length of an address of this family in bits: 32 or 128. */
  get bitLength(): 32 | 128 {
    return BITS[this.family];
  }

  /** The words as a list, most significant first: one for IPv4, four for IPv6. Allocates; lookups read the fields. */
  get words(): readonly number[] {
    if (this.family === 'ipv4') return [this.word0];
    return [this.word0, this.word1, this.word2, this.word3];
  }

  /** Whether this is an IPv4 address dressed as IPv6, `::ffff:192.0.2.1` (RFC 4291, 2.5.5.2). */
  get isIpv4Mapped(): boolean {
    return this.family === 'ipv6' && this.word0 === 0 && this.word1 === 0 && this.word2 === 0xffff;
  }

  /**
   * The IPv4 address of an IPv4-mapped one, and anything else itself. Called once, at accept: a
   * socket for both families reports IPv4 peers as mapped, and they must not slip past IPv4 subnets.
   */
  unmapped(): IpAddress {
    return this.isIpv4Mapped ? new IpAddress('ipv4', [this.word3, 0, 0, 0]) : this;
  }

  /** Whether both are the same address of the same family: `::ffff:192.0.2.1` is not `192.0.2.1`. */
  equals(other: IpAddress): boolean {
    return this.compare(other) === 0;
  }

  /** Orders addresses for sorting: IPv4 before IPv6, then by number. */
  compare(other: IpAddress): -1 | 0 | 1 {
    if (this.family !== other.family) return this.family === 'ipv4' ? -1 : 1;
    return (
      compareNumbers(this.word0, other.word0) ||
      compareNumbers(this.word1, other.word1) ||
      compareNumbers(this.word2, other.word2) ||
      compareNumbers(this.word3, other.word3)
    );
  }

  /** The address as network-order bytes, 4 or 16. */
  toBytes(): Uint8Array {
    const words = this.words;
    const view = new DataView(new ArrayBuffer(words.length * 4));
    words.forEach((word, index) => {
      view.setUint32(index * 4, word);
    });
    return new Uint8Array(view.buffer);
  }

  /** The canonical text: four decimal numbers, or the form of RFC 5952. */
  toString(): string {
    if (this.family === 'ipv4') return writeIpv4(this.word0);
    return writeIpv6([this.word0, this.word1, this.word2, this.word3]);
  }

  [SHOWN](): string {
    return `IpAddress ${this.toString()}`;
  }
}

function checkWord(family: AddressFamily, index: number, word: number): void {
  const max = family === 'ipv6' || index === 0 ? MAX_WORD : 0;
  if (Number.isInteger(word) && word >= 0 && word <= max) return;
  throw new RangeError(
    `Cannot use ${word} as word ${index} of ${family} address: give an integer of 0 to ${max}`,
  );
}

function maskWord(bits: number): number {
  if (bits <= 0) return 0; // a shift by 32 is a shift by 0
  return bits >= 32 ? MAX_WORD : (MAX_WORD << (32 - bits)) >>> 0;
}

function compareNumbers(one: number, other: number): -1 | 0 | 1 {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
