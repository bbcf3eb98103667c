// Reads a chunked body (RFC 9112, 7.1): sizes are plain hexadecimal, extensions are checked and dropped, trailers checked.
// Indexes below are always inside the array, so `as number` only removes the undefined that cannot be.

import type { Bytes } from '../../../proxy/engine.ts';
import { Violation } from '../../../proxy/violation.ts';
import { CR, HEX, LF } from '../heads/byte-class.ts';
import { ChunkExtension } from './chunk-extension.ts';
import type { Head } from '../heads/head.ts';
import { HeadParser } from '../heads/head-parser.ts';
import type { HeadLimits } from '../heads/head-grammar.ts';
import { CONTENT_LENGTH, HeaderTable, HOST, TRANSFER_ENCODING } from '../heads/header-table.ts';

/** Bounds on a chunked body; 0 is no bound. */
export interface ChunkLimits extends HeadLimits {
  readonly maxChunkLength: number;
}

/** What `read` came upon: the size of a chunk, bytes of it, its end, the end of the body, or the end of the bytes. */
export type ChunkStep = 'size' | 'data' | 'chunk-end' | 'complete' | 'starved';

type Phase =
  'size' | 'extension' | 'size-lf' | 'data' | 'data-cr' | 'data-lf' | 'trailers' | 'done';

const SEMICOLON = 0x3b;
const KNOWN_NAMES = new HeaderTable();
const FRAMING: readonly number[] = [HOST, CONTENT_LENGTH, TRANSFER_ENCODING];

/** Reads one chunked body, step by step. */
export class ChunkParser {
  /** Up to where the bytes have been read. */
  at = 0;
  /** The size of the chunk after step `size`; what is still to come of it afterwards. */
  remaining = 0;
  /** The trailers after step `complete`, valid until the event is over. */
  trailers: Head<undefined> | undefined;
  readonly #side: 'client' | 'server';
  readonly #limits: ChunkLimits;
  readonly #names: HeaderTable;
  readonly #extension: ChunkExtension;
  #parser: HeadParser<undefined> | undefined;
  #phase: Phase = 'size';
  #digits = 0;

  /** `names`: the table that trailers are looked up in. */
  constructor(side: 'client' | 'server', limits: ChunkLimits, names: HeaderTable = KNOWN_NAMES) {
    this.#side = side;
    this.#limits = limits;
    this.#names = names;
    this.#extension = new ChunkExtension(side);
  }

  /** Reads from `at` to the next step. */
  read(bytes: Bytes): ChunkStep {
    while (this.at < bytes.length) {
      if (this.#phase === 'data') return this.#data(bytes.length - this.at);
      if (this.#phase === 'trailers') return this.#readTrailers(bytes);
      const step = this.#control(bytes[this.at++] as number);
      if (step !== undefined) return step;
    }
    return 'starved';
  }

  /**
   * Passes over whole chunks that are written as we would write them, as long as their data is at most `maxData` bytes
   * together; gives how many those are. Tiny chunks without end cost a few nanoseconds each.
   */
  skipWhole(bytes: Bytes, maxData: number): number {
    if (this.#phase !== 'size' || this.#digits !== 0) return 0;
    const maxSize = this.#maxSize();
    let data = 0;
    for (let { at } = this; ;) {
      const size = plainSize(bytes, at);
      if (size === 0 || size > maxSize || size > maxData - data) return data;
      const from = at + digitsOf(size) + 2;
      at = from + size + 2;
      if (!isWhole(bytes, from, at)) return data;
      data += size;
      this.at = at;
    }
  }

  /**
   * Passes over one whole chunk, however its size is written, if its data is at most `maxData` bytes; gives how many those
   * are, which are the last but the line end. 0: the next chunk is not whole, has extensions, or is the last.
   */
  skipOdd(bytes: Bytes, maxData: number): number {
    if (this.#phase !== 'size' || this.#digits !== 0) return 0;
    let { at } = this;
    let size = 0;
    for (const end = Math.min(bytes.length, at + MAX_DIGITS); at < end; at++) {
      const digit = (HEX[bytes[at] as number] as number) - 1;
      if (digit < 0) break;
      size = size * 16 + digit;
    }
    const to = at + size + 4;
    if (size === 0 || size > maxData || size > this.#maxSize() || !isWhole(bytes, at + 2, to))
      return 0;
    this.at = to;
    return size;
  }

  #maxSize(): number {
    const { maxChunkLength } = this.#limits;
    return maxChunkLength === 0 ? MAX_SKIPPED_BYTES : maxChunkLength;
  }

  /** Bytes of the chunk that somebody else has moved. */
  skip(length: number): void {
    this.remaining -= length;
    if (this.remaining === 0) this.#phase = 'data-cr';
  }

  #data(available: number): ChunkStep {
    const length = Math.min(available, this.remaining);
    this.at += length;
    this.skip(length);
    return 'data';
  }

  /** A byte that is not of a chunk's data; the step that it ends. */
  #control(byte: number): ChunkStep | undefined {
    switch (this.#phase) {
      case 'size':
        this.#size(byte);
        return undefined;
      case 'extension':
        if (this.#extension.take(byte)) this.#phase = 'size-lf';
        return undefined;
      case 'size-lf':
        this.#expect(byte, LF);
        return this.#sizeIsComplete();
      case 'data-cr':
        this.#expect(byte, CR);
        this.#phase = 'data-lf';
        return undefined;
      default:
        this.#expect(byte, LF);
        this.#phase = 'size';
        return 'chunk-end';
    }
  }

  #size(byte: number): void {
    const digit = (HEX[byte] as number) - 1;
    if (digit >= 0) {
      this.remaining = this.remaining * 16 + digit;
      this.#digits++;
      // No more than the integers that a number holds exactly: an overflow would be another size (13 digits and zeros).
      if (this.remaining > Number.MAX_SAFE_INTEGER || this.#digits > MAX_DIGITS)
        throw this.#bad('bad-chunk-size', 'The size of a chunk is too large');
      return;
    }
    if (this.#digits === 0 || (byte !== CR && byte !== SEMICOLON))
      throw this.#bad('bad-chunk-size', 'The size of a chunk is not a hexadecimal number');
    this.#phase = byte === CR ? 'size-lf' : 'extension';
  }

  #sizeIsComplete(): ChunkStep | undefined {
    const { maxChunkLength } = this.#limits;
    if (maxChunkLength > 0 && this.remaining > maxChunkLength)
      throw this.#bad('chunk-too-long', 'A chunk is longer than allowed');
    this.#digits = 0;
    this.#phase = this.remaining === 0 ? 'trailers' : 'data';
    return this.remaining === 0 ? undefined : 'size';
  }

  #readTrailers(bytes: Bytes): ChunkStep {
    this.#parser ??= new HeadParser({
      side: this.#side,
      limits: this.#limits,
      names: this.#names,
      maxEmptyLines: 0,
      readLine: undefined,
      noLine: undefined,
    });
    this.trailers = this.#parser.read(bytes, this.at);
    this.at = this.trailers === undefined ? bytes.length : this.#parser.next;
    if (this.trailers === undefined) return 'starved';
    this.#checkTrailers(this.trailers);
    this.#phase = 'done';
    return 'complete';
  }

  /** Whoever merges trailers into the head would read the message, or the next one, anew (RFC 9110, 6.5.1). */
  #checkTrailers(trailers: Head<undefined>): void {
    for (let index = 0; index < trailers.count; index++)
      if (FRAMING.includes(trailers.id(index)))
        throw this.#bad(
          'forbidden-trailer',
          'A trailer says where a message ends or where it goes',
        );
  }

  #expect(byte: number, expected: number): void {
    if (byte !== expected)
      throw this.#bad('bad-chunk', 'A chunk does not end where its size says, with CR LF');
  }

  #bad(rule: string, message: string): Violation {
    return new Violation(`http.${rule}`, this.#side, message);
  }
}

/** So many hexadecimal digits, whichever they are, a number holds exactly: 52 bits. */
const MAX_DIGITS = 13;
/** A chunk that is passed over is in the bytes of one event, which are never that many. */
const MAX_SKIPPED_BYTES = 0xffff;

/** The number of up to four digits in canonical form at a place; 0 if there is none. */
function plainSize(bytes: Bytes, at: number): number {
  let size = 0;
  for (let index = at; index < bytes.length; index++) {
    const byte = bytes[index] as number;
    const digit = (HEX[byte] as number) - 1;
    if (digit < 0) return size;
    if ((digit === 0 && size === 0) || isUpperCase(byte) || size > 0xfff) return 0;
    size = size * 16 + digit;
  }
  return 0;
}

function digitsOf(size: number): number {
  if (size <= 0xff) return size <= 0xf ? 1 : 2;
  return size <= 0xfff ? 3 : 4;
}

/** Of a letter. */
function isUpperCase(byte: number): boolean {
  return (byte & 0x60) === 0x40;
}

/** Whether data that begins at `from` is between two line ends, and `to` behind the second. */
function isWhole(bytes: Bytes, from: number, to: number): boolean {
  return to <= bytes.length && isLineEnd(bytes, from - 2) && isLineEnd(bytes, to - 2);
}

function isLineEnd(bytes: Bytes, at: number): boolean {
  return bytes[at] === CR && bytes[at + 1] === LF;
}
