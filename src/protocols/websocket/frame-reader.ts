// Reads the heads of frames out of a stream of bytes. It keeps at most one head.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../../proxy/engine.ts';
import { Violation } from '../../proxy/violation.ts';
import type { FrameHead } from './frame.ts';
import {
  FIN,
  LENGTH_IN_2,
  LENGTH_IN_8,
  MASKED,
  MAX_CONTROL_LENGTH,
  MAX_LENGTH_IN_2,
} from './frame.ts';

const MAX_HEAD_LENGTH = 14; // two bytes, a length in eight, and a key of four (RFC 6455, 5.2)
const RESERVED_BITS = 0x70;
const OPCODE = 0x0f;
const SHORT_LENGTH = 0x7f;

/** The reader of one direction. */
export class FrameReader {
  /** Where in the bytes at hand the payload begins, after a head was read. */
  next = 0;
  readonly #side: 'client' | 'server';
  readonly #kept = Buffer.alloc(MAX_HEAD_LENGTH);
  #count = 0;

  /** `side`: who sends the frames. */
  constructor(side: 'client' | 'server') {
    this.#side = side;
  }

  /** Whether a part of a head has come. */
  get isInside(): boolean {
    return this.#count > 0;
  }

  /** Reads on at `from`; undefined if the head is not complete. Throws for what is no frame of this side. */
  read(bytes: Bytes, from: number): FrameHead | undefined {
    const kept = this.#kept;
    for (let at = from; at < bytes.length;) {
      kept[this.#count++] = bytes[at++] ?? 0;
      if (this.#count < 2 || this.#count < headLength(kept)) continue;
      this.next = at;
      this.#count = 0;
      return this.#headOf(kept);
    }
    return undefined;
  }

  #headOf(bytes: Buffer): FrameHead {
    const first = bytes[0] ?? 0;
    const isMasked = ((bytes[1] ?? 0) & MASKED) !== 0;
    // They belong to extensions, and none was negotiated (RFC 6455, 5.2).
    if ((first & RESERVED_BITS) !== 0)
      throw this.#bad('reserved-bits', 'A frame has reserved bits set');
    // Without masks a page could make a client write bytes that a cache takes for HTTP (RFC 6455, 10.3).
    if (this.#side === 'client' && !isMasked)
      throw this.#bad('unmasked-frame', 'A frame of the client is not masked');
    if (this.#side === 'server' && isMasked)
      throw this.#bad('masked-frame', 'A frame of the server is masked');
    return {
      isFinal: (first & FIN) !== 0,
      opcode: first & OPCODE,
      length: this.#lengthOf(bytes),
      key: isMasked ? bytes.readUInt32BE(headLength(bytes) - 4) : undefined,
    };
  }

  /** One way to write each length, and none that a reader could take for a negative one (RFC 6455, 5.2). */
  #lengthOf(bytes: Buffer): number {
    const short = (bytes[1] ?? 0) & SHORT_LENGTH;
    if (short < LENGTH_IN_2) return short;
    const length = short === LENGTH_IN_2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    const least = short === LENGTH_IN_2 ? MAX_CONTROL_LENGTH + 1 : MAX_LENGTH_IN_2 + 1;
    if (length < least || length > Number.MAX_SAFE_INTEGER)
      throw this.#bad('bad-length', 'The length of a frame is not written as it must be');
    return length;
  }

  #bad(rule: string, message: string): Violation {
    return new Violation(`websocket.${rule}`, this.#side, message);
  }
}

/** How long the head is whose first two bytes these are. */
function headLength(bytes: Bytes): number {
  const second = bytes[1] ?? 0;
  const short = second & SHORT_LENGTH;
  const extra = short === LENGTH_IN_2 ? 2 : short === LENGTH_IN_8 ? 8 : 0;
  return 2 + extra + ((second & MASKED) === 0 ? 0 : 4);
}
