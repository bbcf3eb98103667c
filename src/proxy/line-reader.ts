// Lines out of a stream of bytes, for protocols that speak in lines. It holds at most one line of the longest length, and
// the same bytes in other chunks are the same lines.

import { Buffer } from 'node:buffer';
import type { Bytes } from './engine.ts';
import { Violation } from './violation.ts';

/**
 * What ends a line. `crlf-or-lf`: CR LF is expected and a bare LF tolerated. `crlf`: a bare LF is a violation. A CR that
 * no LF follows is part of the line: protocols that forbid it look for it. With `lf` a CR before it is part of the line.
 */
export type LineEnd = 'crlf-or-lf' | 'crlf' | 'lf' | 'nul';

/**
 * What happens to a line that is too long. `fatal`: it is a violation. `truncate`: it is cut and the rest of it thrown
 * away. `split`: it comes in pieces.
 */
export type LongLines = 'fatal' | 'truncate' | 'split';

/** How lines are read. */
export interface LineReaderOptions {
  /** First part of the codes of violations: `finger` makes `finger.line-too-long`. */
  readonly protocol: string;
  /** Who sends the lines. */
  readonly side: 'client' | 'server';
  /** Bytes of a line without its end, at least 1. */
  readonly maxLength: number;
  /** Default: `crlf-or-lf`. */
  readonly lineEnd?: LineEnd;
  /** Default: `fatal`. */
  readonly longLines?: LongLines;
  /** Whether a NUL byte may stand in a line: programs in C take it for the end of a text. Default: false. */
  readonly permitNul?: boolean;
}

/** A line, or under `split` a piece of one. */
export interface Line {
  /** Without the line end. Lent like the bytes of an event: they may be sent on; keeping them means copying. */
  readonly bytes: Bytes;
  /** Whether the line ends here; false for all pieces but the last one. */
  readonly isComplete: boolean;
  /** Whether a part of the line was thrown away. */
  readonly isTruncated: boolean;
}

/** Where a line ends in the bytes at hand, and how long it is in all. */
interface Ending {
  readonly stop: number;
  readonly length: number;
  readonly endsInReturn: boolean;
}

const NUL = 0;
const LF = 10;
const CR = 13;
const NOTHING: Bytes = new Uint8Array(0);

/**
 * The reader of one direction of a connection. A violation is final: it is thrown again by whoever reads on.
 * @example for (let line; (line = reader.read(bytes, at)) !== undefined; at = reader.next) use(line.bytes);
 */
export class LineReader {
  /** Where the bytes after the last line begin, in those that were read. */
  next = 0;
  readonly #options: LineReaderOptions;
  readonly #lineEnd: LineEnd;
  readonly #longLines: LongLines;
  readonly #terminator: number;
  /** The beginning of a line of which the rest has not come: up to the longest length, and a CR. */
  #kept: Bytes = NOTHING;
  #keptLength = 0;
  /** Bytes of the line that have come, those thrown away and a CR at its end included. */
  #length = 0;
  #endsInReturn = false;
  #failure: Violation | undefined;

  constructor(options: LineReaderOptions) {
    this.#options = options;
    this.#lineEnd = options.lineEnd ?? 'crlf-or-lf';
    this.#longLines = options.longLines ?? 'fatal';
    this.#terminator = this.#lineEnd === 'nul' ? NUL : LF;
  }

  /** Whether a part of a line has come. */
  get isInside(): boolean {
    return this.#length > 0;
  }

  /** The next line in `bytes` from `at` on; undefined if none ends there: then all bytes were taken. */
  read(bytes: Bytes, at: number): Line | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    const { maxLength } = this.#options;
    const found = this.#indexOfEnd(bytes, at);
    const stop = found === -1 ? bytes.length : found;
    this.#checkNul(bytes, at, stop);
    const endsInReturn = this.#isReturnBefore(bytes, at, stop);
    const length = this.#length + stop - at - (endsInReturn ? 1 : 0);
    if (length > maxLength) {
      if (this.#longLines === 'fatal')
        throw this.#fail('line-too-long', `A line is longer than ${maxLength} bytes`);
      if (this.#longLines === 'split') return this.#piece(bytes, at);
    }
    if (found !== -1) return this.#line(bytes, at, { stop, length, endsInReturn });
    this.#keep(bytes, at, stop);
    this.#endsInReturn = endsInReturn;
    return undefined;
  }

  /** What came before the end of the stream without a line end is a line; a CR at its end is half of a line end. */
  end(): Line | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#length === 0) return undefined;
    return this.#keptLine(this.#length - (this.#endsInReturn ? 1 : 0));
  }

  #indexOfEnd(bytes: Bytes, at: number): number {
    if (this.#longLines !== 'split') return bytes.indexOf(this.#terminator, at);
    // No farther than a piece, a CR and the end: otherwise each piece of a long line would search all the rest of it.
    const stop = at + this.#options.maxLength - this.#length + 2;
    if (stop >= bytes.length) return bytes.indexOf(this.#terminator, at);
    const found = bytes.subarray(at, stop).indexOf(this.#terminator);
    return found === -1 ? -1 : at + found;
  }

  /** Looks only at what a line may have: behind it a line is too long, in whatever chunks it comes. */
  #checkNul(bytes: Bytes, at: number, stop: number): void {
    if (this.#options.permitNul === true || this.#terminator === NUL) return;
    const room = Math.max(this.#options.maxLength - this.#length, 0);
    if (bytes.subarray(at, Math.min(stop, at + room)).includes(NUL))
      throw this.#fail('nul-byte', 'There is a NUL byte in a line');
  }

  #isReturnBefore(bytes: Bytes, at: number, stop: number): boolean {
    if (this.#lineEnd === 'lf' || this.#lineEnd === 'nul') return false;
    return stop > at ? bytes[stop - 1] === CR : this.#endsInReturn;
  }

  #line(bytes: Bytes, at: number, { stop, length, endsInReturn }: Ending): Line {
    if (this.#lineEnd === 'crlf' && !endsInReturn)
      throw this.#fail('bare-line-feed', 'A line ends in LF without CR');
    this.next = stop + 1;
    if (this.#length > 0) {
      this.#keep(bytes, at, stop);
      return this.#keptLine(length);
    }
    const { maxLength } = this.#options;
    const line = bytes.subarray(at, at + Math.min(length, maxLength));
    return { bytes: line, isComplete: true, isTruncated: length > maxLength };
  }

  #piece(bytes: Bytes, at: number): Line {
    const { maxLength } = this.#options;
    const missing = maxLength - this.#keptLength;
    this.next = at + Math.max(missing, 0);
    if (this.#keptLength === 0)
      return { bytes: bytes.subarray(at, this.next), isComplete: false, isTruncated: false };
    if (missing >= 0) this.#keep(bytes, at, this.next);
    const piece = this.#kept.subarray(0, maxLength);
    this.#reset();
    // The CR behind a piece could have been that of the line end, and was not.
    if (missing < 0) this.#keepReturn();
    return { bytes: piece, isComplete: false, isTruncated: false };
  }

  #keepReturn(): void {
    this.#keep(Uint8Array.of(CR), 0, 1);
    this.#endsInReturn = true;
  }

  #keptLine(length: number): Line {
    const { maxLength } = this.#options;
    const bytes = this.#kept.subarray(0, Math.min(length, maxLength));
    this.#reset();
    return { bytes, isComplete: true, isTruncated: length > maxLength };
  }

  /** Keeps a copy, as far as a line and a CR may go. */
  #keep(bytes: Bytes, at: number, stop: number): void {
    const limit = this.#options.maxLength + 1;
    const length = Math.min(stop - at, limit - this.#keptLength);
    this.#length += stop - at;
    if (length <= 0) return;
    const needed = this.#keptLength + length;
    if (needed > this.#kept.length) this.#grow(Math.min(needed * 2, limit));
    this.#kept.set(bytes.subarray(at, at + length), this.#keptLength);
    this.#keptLength = needed;
  }

  #grow(size: number): void {
    // Not from the pool: half a line of one client would keep the pool's memory for as long as it waits.
    const kept = Buffer.allocUnsafeSlow(size);
    kept.set(this.#kept.subarray(0, this.#keptLength));
    this.#kept = kept;
  }

  /** The bytes of a line are given away with it: the next one has others. */
  #reset(): void {
    this.#kept = NOTHING;
    this.#keptLength = 0;
    this.#length = 0;
    this.#endsInReturn = false;
  }

  #fail(rule: string, message: string): Violation {
    const { protocol, side } = this.#options;
    this.#reset();
    this.#failure = new Violation(`${protocol}.${rule}`, side, message);
    return this.#failure;
  }
}
