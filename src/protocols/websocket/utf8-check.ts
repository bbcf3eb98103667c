// Checks that bytes are UTF-8, in whatever pieces they come (RFC 3629, 4).

import type { Bytes } from '../../proxy/engine.ts';
import { maskByte } from './frame.ts';

/** What the bytes after a first byte of a sequence must be. */
interface Rest {
  readonly missing: number;
  /** Bounds of the second byte; those after it are 0x80 to 0xbf. */
  readonly low: number;
  readonly high: number;
}

/** The check of one text. */
export class Utf8Check {
  #missing = 0;
  #low = 0x80;
  #high = 0xbf;

  /** Whether the bytes so far end between two characters. */
  get isWhole(): boolean {
    return this.#missing === 0;
  }

  /**
   * Takes the next bytes, which are masked with `key`; `offset` is the place of the first one in its frame. Gives how many
   * of them are good.
   */
  take(bytes: Bytes, key: number, offset: number): number {
    for (let index = 0; index < bytes.length; index++) {
      const byte = (bytes[index] ?? 0) ^ maskByte(key, offset + index);
      if (this.#missing === 0 && byte < 0x80) continue;
      if (!this.#step(byte)) return index;
    }
    return bytes.length;
  }

  #step(byte: number): boolean {
    if (this.#missing > 0) {
      if (byte < this.#low || byte > this.#high) return false;
      this.#expect({ missing: this.#missing - 1, low: 0x80, high: 0xbf });
      return true;
    }
    const rest = restAfter(byte);
    if (rest !== undefined) this.#expect(rest);
    return rest !== undefined;
  }

  #expect({ missing, low, high }: Rest): void {
    this.#missing = missing;
    this.#low = low;
    this.#high = high;
  }
}

/** First bytes, from and to, and what follows them: no overlong forms, no surrogates, nothing above U+10FFFF. */
const SEQUENCES: readonly (readonly [from: number, to: number, rest: Rest])[] = [
  [0xc2, 0xdf, { missing: 1, low: 0x80, high: 0xbf }],
  [0xe0, 0xe0, { missing: 2, low: 0xa0, high: 0xbf }],
  [0xe1, 0xec, { missing: 2, low: 0x80, high: 0xbf }],
  [0xed, 0xed, { missing: 2, low: 0x80, high: 0x9f }],
  [0xee, 0xef, { missing: 2, low: 0x80, high: 0xbf }],
  [0xf0, 0xf0, { missing: 3, low: 0x90, high: 0xbf }],
  [0xf1, 0xf3, { missing: 3, low: 0x80, high: 0xbf }],
  [0xf4, 0xf4, { missing: 3, low: 0x80, high: 0x8f }],
];

/** What follows a first byte of 0x80 and above; undefined if it is none. */
function restAfter(byte: number): Rest | undefined {
  return SEQUENCES.find(([from, to]) => byte >= from && byte <= to)?.[2];
}
