// The header at the front of a message that a stacked child gives back: it may not change it, so it is taken off.

import type { Bytes } from './engine.ts';

const LF = 0x0a;
const CR = 0x0d;
const EMPTY: Bytes = new Uint8Array(0);

/** Takes everything up to the first empty line off the front of a message, byte for byte, in whatever pieces it comes. */
export class HeaderBlock {
  /** Whether the empty line has come. */
  isOver = false;
  readonly #maxBytes: number;
  #length = 0;
  #isLineEmpty = true;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the header takes more bytes than it may. */
  get isTooLong(): boolean {
    return this.#length > this.#maxBytes;
  }

  /** Takes bytes; gives those that follow the header, as a view. */
  take(bytes: Bytes): Bytes {
    if (this.isOver) return bytes;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (++this.#length > this.#maxBytes) return EMPTY;
      // Programs end lines with an LF alone, and nobody but us reads this header.
      if (byte === LF && this.#isLineEmpty) {
        this.isOver = true;
        return bytes.subarray(at + 1);
      }
      this.#isLineEmpty = byte === LF || (byte === CR && this.#isLineEmpty);
    }
    return EMPTY;
  }
}
