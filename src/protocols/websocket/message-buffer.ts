// Collects the payload of a message that a function of the policy is asked about.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../../proxy/engine.ts';
import { mask } from './frame.ts';

const FIRST_SIZE = 1_024; // bytes: most messages of programs are shorter

/** One message; it takes at most twice the memory of what has come. */
export class MessageBuffer {
  #bytes = Buffer.alloc(0);
  #length = 0;

  /** Adds bytes, which are copied, and unmasked with `key` if there is one; `offset` is their place in the frame. */
  add(piece: Bytes, key: number | undefined, offset: number): void {
    const end = this.#length + piece.length;
    if (end > this.#bytes.length) this.#grow(end);
    this.#bytes.set(piece, this.#length);
    if (key !== undefined) mask(this.#bytes.subarray(this.#length, end), key, offset);
    this.#length = end;
  }

  /** What has come. It stays valid: the buffer is for one message. */
  get content(): Bytes {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(least: number): void {
    const larger = Buffer.alloc(Math.max(least, 2 * this.#bytes.length, FIRST_SIZE));
    larger.set(this.content);
    this.#bytes = larger;
  }
}
