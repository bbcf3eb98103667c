// Writes a head as one piece of bytes: slices of the received one, merged where they touch, and texts between them.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../../../proxy/engine.ts';
import { bufferOf } from './byte-text.ts';

const SHORT = 48; // below, a loop is cheaper than a call of `copy`

// Heads that were written one after the other share this much memory: each keeps all of it for as long as it is needed.
const SHARED_BYTES = 16_384;

/** Collects the parts of one head. One writer serves one head after the other. */
export class HeadWriter {
  #source: Bytes = new Uint8Array(0);
  /** The slice that is kept, and not written yet: the next one may touch it. */
  #from = 0;
  #to = 0;
  #memory: Buffer = Buffer.alloc(0);
  /** Where the head begins in the memory, and where it ends so far. What is before belongs to others. */
  #start = 0;
  #end = 0;

  /** Begins a head whose slices are those of `source`. */
  begin(source: Bytes): void {
    this.#source = source;
    this.#from = 0;
    this.#to = 0;
    this.#end = this.#start;
  }

  /** Appends the bytes of the source from `start` to `end`. */
  keep(start: number, end: number): void {
    if (start !== this.#to) {
      this.#writeKept();
      this.#from = start;
    }
    this.#to = end;
  }

  /** Appends a text whose characters are all below U+0100. */
  text(text: string): void {
    this.#writeKept();
    const at = this.#makeRoom(text.length);
    const memory = this.#memory;
    for (let index = 0; index < text.length; index++) memory[at + index] = text.charCodeAt(index);
  }

  /** The head: a view of the source if nothing was changed, otherwise bytes of our own. */
  finish(): Bytes {
    if (this.#end !== this.#start) return this.finishOwned();
    const isAll = this.#from === 0 && this.#to === this.#source.length; // a view is dear to make
    return isAll ? this.#source : this.#source.subarray(this.#from, this.#to);
  }

  /** The head in bytes of our own. */
  finishOwned(): Bytes {
    this.#writeKept();
    const head = this.#memory.subarray(this.#start, this.#end);
    this.#start = this.#end;
    return head;
  }

  #writeKept(): void {
    const [from, to] = [this.#from, this.#to];
    if (from === to) return;
    this.#from = to;
    const at = this.#makeRoom(to - from);
    const source = this.#source;
    const memory = this.#memory;
    if (to - from >= SHORT) bufferOf(source).copy(memory, at, from, to);
    else for (let index = from; index < to; index++) memory[at + index - from] = source[index] ?? 0;
  }

  /** Room for so many bytes more; gives where it begins. */
  #makeRoom(length: number): number {
    if (this.#end + length > this.#memory.length) this.#moveOn(length);
    const at = this.#end;
    this.#end = at + length;
    return at;
  }

  /** Goes on in other memory, with what is written of the head. */
  #moveOn(length: number): void {
    const written = this.#memory.subarray(this.#start, this.#end);
    const bytes = Math.max(SHARED_BYTES, 2 * (written.length + length));
    this.#memory = Buffer.allocUnsafeSlow(bytes);
    this.#memory.set(written);
    this.#start = 0;
    this.#end = written.length;
  }
}
