// Writes a head: slices of the received one, merged where they touch, and texts between them, as one piece of bytes.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../../proxy/engine.ts';
import { bufferOf } from './byte-text.ts';

const SHORT = 48; // below, a loop is cheaper than a call of `copy`

/** Collects the parts of one head. One writer serves one head after the other. */
export class HeadWriter {
  #source: Bytes = new Uint8Array(0);
  /** Pairs: start and end of a slice, or -1 and the index of a text. */
  readonly #parts: number[] = [];
  readonly #texts: string[] = [];
  // What is counted is valid; emptying the arrays would give their memory away for each head.
  #partCount = 0;
  #textCount = 0;

  /** Begins a head whose slices are those of `source`. */
  begin(source: Bytes): void {
    this.#source = source;
    this.#partCount = 0;
    this.#textCount = 0;
  }

  /** Appends the bytes of the source from `start` to `end`. */
  keep(start: number, end: number): void {
    const parts = this.#parts;
    const last = this.#partCount - 1;
    if (last > 0 && parts[last] === start && parts[last - 1] !== -1) parts[last] = end;
    else this.#push(start, end);
  }

  /** Appends a text whose characters are all below U+0100. */
  text(text: string): void {
    this.#push(-1, this.#textCount);
    this.#texts[this.#textCount++] = text;
  }

  /** The head: a view of the source if nothing was changed, otherwise bytes of our own. */
  finish(): Bytes {
    const parts = this.#parts;
    if (this.#partCount === 2 && parts[0] !== -1) return this.#source.subarray(parts[0], parts[1]);
    return this.finishOwned();
  }

  /** The head in bytes of our own. */
  finishOwned(): Bytes {
    const parts = this.#parts;
    const bytes = Buffer.allocUnsafe(this.#length());
    let at = 0;
    for (let index = 0; index < this.#partCount; index += 2) {
      const start = parts[index] ?? 0;
      const end = parts[index + 1] ?? 0;
      at =
        start === -1
          ? putText(bytes, at, this.#texts[end] ?? '')
          : this.#put(bytes, at, { start, end });
    }
    return bytes;
  }

  #push(start: number, end: number): void {
    this.#parts[this.#partCount++] = start;
    this.#parts[this.#partCount++] = end;
  }

  #put(bytes: Buffer, at: number, { start, end }: { start: number; end: number }): number {
    const source = this.#source;
    if (end - start >= SHORT) bufferOf(source).copy(bytes, at, start, end);
    else
      for (let index = start; index < end; index++) bytes[at + index - start] = source[index] ?? 0;
    return at + end - start;
  }

  #length(): number {
    const parts = this.#parts;
    let length = 0;
    for (let index = 0; index < this.#partCount; index += 2) {
      const start = parts[index] ?? 0;
      const end = parts[index + 1] ?? 0;
      length += start === -1 ? (this.#texts[end] ?? '').length : end - start;
    }
    return length;
  }
}

function putText(bytes: Buffer, at: number, text: string): number {
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
  return at + text.length;
}
