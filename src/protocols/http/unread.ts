// Bytes of the client that came while it was busy: at most the rest of one read, because it is held then.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../../proxy/engine.ts';
import { copyOf } from './heads/byte-text.ts';

/** Keeps the rest of a read and counts what has come and what has been read. */
export class Unread {
  /** Bytes of complete heads and of bodies that have been read. */
  consumed = 0;
  #received = 0;
  #kept: Bytes | undefined;
  /** The buffer that was taken last: its rest is ours already and need not be copied again. */
  #taken: Bytes | undefined;

  /** Notes bytes that came; gives the number of the first of them in the stream. */
  received(bytes: Bytes): number {
    const offset = this.#received;
    this.#received += bytes.length;
    return offset;
  }

  /** Bytes that came and went without being looked at. */
  relayed(bytes: number): void {
    this.#received += bytes;
    this.consumed += bytes;
  }

  /** How many bytes came that have not been read. */
  get count(): number {
    return this.#received - this.consumed;
  }

  /** Keeps the bytes from `from` on. */
  keep(bytes: Bytes, from: number): void {
    const rest = bytes === this.#taken ? bytes.subarray(from) : copyOf(bytes, from);
    this.#kept = this.#kept === undefined ? rest : Buffer.concat([this.#kept, rest]);
  }

  /** Takes what was kept, with the number of its first byte in the stream. */
  take(): { bytes: Bytes; offset: number } | undefined {
    const bytes = this.#kept;
    if (bytes === undefined) return undefined;
    this.#kept = undefined;
    this.#taken = bytes;
    return { bytes, offset: this.#received - bytes.length };
  }
}
