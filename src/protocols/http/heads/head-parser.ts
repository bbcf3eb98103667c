// Finds the end of a head and checks every byte of it in one scan, which resumes where it stopped when a head comes in
// pieces. What it accepts is the strict grammar of RFC 9112: CRLF only, no folding, no blanks around names.
// Indexes below are always inside the array, so `as number` only removes the undefined that cannot be.

import type { Bytes } from '../../../proxy/engine.ts';
import { Violation } from '../../../proxy/violation.ts';
import { COLON, CR, FIELD_TEXT, LF, TOKEN } from './byte-class.ts';
import { copyOf } from './byte-text.ts';
import { COLON_SLOT, FIELD_SLOTS, ID_SLOT, VALUE_END_SLOT, VALUE_SLOT } from './field-texts.ts';
import { Head } from './head.ts';
import type { HeadGrammar, HeadLimits } from './head-grammar.ts';
import { hashAt } from './header-table.ts';
import { firstText, isBlank, lastText, nameEnd, textEnd, wholeHead } from './whole-head.ts';

type Phase = 'empty-lines' | 'first-line' | 'name' | 'value' | 'done';

/** Reads one head after the other out of a stream of bytes. */
export class HeadParser<Line> {
  /** Where what follows the head that `read` has just given begins, in the bytes that `read` was given. */
  next = 0;
  readonly #grammar: HeadGrammar<Line>;
  readonly #sharedTable: number[];
  #table: number[];
  #phase: Phase = 'empty-lines';
  #bytes: Bytes;
  #base = 0; // where the head begins
  #lineStart = 0;
  #at = 0; // what is before it has been checked
  #colon = 0;
  #count = 0;
  #emptyLines = 0;
  #line: Line | undefined;
  /** The beginning of a head that is not complete, in a buffer of our own. */
  #kept: Bytes | undefined;
  #keptLength = 0;

  constructor(grammar: HeadGrammar<Line>, table: number[] = tableFor(grammar.limits)) {
    this.#grammar = grammar;
    this.#sharedTable = this.#table = table;
    this.#bytes = EMPTY;
    this.#reset();
  }

  /** Whether some bytes of a head have come, but not all. */
  get isInside(): boolean {
    return this.#kept !== undefined;
  }

  /** The first line of a head that is not complete, if there is all of that; also when `read` has thrown. */
  get line(): Line | undefined {
    return this.#line;
  }

  /**
   * Reads on at `from`. Gives the head once it is complete, or undefined when all bytes were taken and it is not.
   * Throws a Violation at the first byte that cannot be. The head is valid until the next `read`, unless copied.
   */
  read(bytes: Bytes, from: number): Head<Line> | undefined {
    if (this.#kept !== undefined) return this.#readOn(this.#kept, bytes, from);
    const whole = wholeHead(this.#grammar, this.#table, bytes, from);
    if (whole !== undefined) {
      this.next = whole.end;
      return whole;
    }
    this.#bytes = bytes;
    this.#base = this.#lineStart = this.#at = from;
    if (this.#scan(bytes.length)) return this.#finish(this.#at);
    this.#keep(bytes.length);
    return undefined;
  }

  #readOn(kept: Bytes, bytes: Bytes, from: number): Head<Line> | undefined {
    const before = this.#keptLength;
    this.#append(kept, bytes, from);
    if (!this.#scan(this.#keptLength)) return undefined;
    return this.#finish(from + this.#at - before);
  }

  #keep(length: number): void {
    this.#kept = copyOf(this.#bytes, this.#base, length);
    this.#keptLength = length - this.#base;
    this.#bytes = this.#kept;
    this.#lineStart -= this.#base;
    this.#colon -= this.#base;
    this.#at -= this.#base;
    this.#base = 0;
    this.#table = this.#sharedTable.slice();
  }

  /** Appends what a head may still take and one byte more, which then shows that it is too long. */
  #append(kept: Bytes, bytes: Bytes, from: number): void {
    const { limits, maxEmptyLines } = this.#grammar;
    const limit = this.#base + limits.maxHeadBytes + 2 * maxEmptyLines + 1;
    const taken = Math.min(bytes.length - from, limit - this.#keptLength);
    const length = this.#keptLength + taken;
    if (length > kept.length) {
      const grown = new Uint8Array(Math.min(Math.max(length, kept.length * 2, 512), limit));
      grown.set(kept.subarray(0, this.#keptLength));
      this.#kept = this.#bytes = grown;
    }
    this.#bytes.set(bytes.subarray(from, from + taken), this.#keptLength);
    this.#keptLength = length;
  }

  #finish(next: number): Head<Line> {
    this.next = next;
    const head = new Head<Line>({
      line: this.#line as Line,
      bytes: this.#bytes,
      base: this.#base,
      end: this.#at,
      table: this.#table,
      count: this.#count,
    });
    this.#reset();
    return head;
  }

  #reset(): void {
    this.#phase = this.#grammar.readLine === undefined ? 'name' : 'empty-lines';
    this.#line = this.#grammar.noLine;
    this.#count = 0;
    this.#emptyLines = 0;
    this.#bytes = EMPTY;
    this.#kept = undefined;
    this.#keptLength = 0;
    this.#table = this.#sharedTable;
  }

  /** Whether the head is complete. `end` is the end of the bytes that are there. */
  #scan(end: number): boolean {
    for (;;) {
      const stop = Math.min(end, this.#base + this.#grammar.limits.maxHeadBytes);
      if (this.#step(stop)) {
        if (this.#phase === 'done') return true;
      } else if (end > stop) {
        throw this.#violation('head-too-long', 'The head is longer than this proxy allows');
      } else {
        return false;
      }
    }
  }

  /** Goes on to the next phase; false if the bytes before `stop` do not reach it. */
  #step(stop: number): boolean {
    switch (this.#phase) {
      case 'empty-lines':
        return this.#skipEmptyLine(stop);
      case 'first-line':
        return this.#firstLine(stop);
      case 'name':
        return this.#name(stop);
      case 'value':
        return this.#value(stop);
      case 'done':
        return true;
    }
  }

  #skipEmptyLine(stop: number): boolean {
    if (this.#at >= stop) return false;
    if (this.#bytes[this.#at] !== CR) {
      this.#phase = 'first-line';
      return true;
    }
    if (this.#emptyLines === this.#grammar.maxEmptyLines)
      throw this.#violation('empty-line', 'There is an empty line where a message begins');
    if (!this.#isLineEnd(this.#at, stop)) return false;
    this.#emptyLines++;
    this.#base = this.#lineStart = this.#at = this.#at + 2;
    return true;
  }

  #firstLine(stop: number): boolean {
    if (!this.#text(stop)) return false;
    this.#line = this.#grammar.readLine?.(this.#bytes, this.#lineStart, this.#at);
    this.#nextLine();
    return true;
  }

  /** Notes a field in the table, its value without the blanks around it. */
  #store(line: number, colon: number, lineEnd: number, id: number): void {
    const base = this.#base;
    const start = firstText(this.#bytes, colon + 1, lineEnd);
    const slot = this.#count++ * FIELD_SLOTS;
    const table = this.#table;
    table[slot] = line - base;
    table[slot + COLON_SLOT] = colon - base;
    table[slot + VALUE_SLOT] = start - base;
    table[slot + VALUE_END_SLOT] = lastText(this.#bytes, start, lineEnd) - base;
    table[slot + ID_SLOT] = id;
  }

  #name(stop: number): boolean {
    const bytes = this.#bytes;
    const limit = Math.min(stop, this.#lineStart + this.#grammar.limits.maxLineLength);
    const at = nameEnd(bytes, this.#at, limit);
    this.#at = at;
    if (at === stop) return false;
    if (bytes[at] === COLON && at > this.#lineStart) return this.#colonAt(at);
    if (bytes[at] !== CR || at > this.#lineStart) throw this.#badName(at);
    if (!this.#isLineEnd(at, stop)) return false;
    this.#at = at + 2;
    this.#phase = 'done';
    return true;
  }

  #colonAt(at: number): boolean {
    if (this.#count === this.#grammar.limits.maxHeaderLines)
      throw this.#violation('too-many-fields', 'There are more header fields than allowed');
    this.#colon = at;
    this.#at = at + 1;
    this.#phase = 'value';
    return true;
  }

  #value(stop: number): boolean {
    if (!this.#text(stop)) return false;
    const bytes = this.#bytes;
    const hash = hashAt(bytes, this.#lineStart, this.#colon);
    const id = this.#grammar.names.find(hash, bytes, this.#lineStart, this.#colon);
    this.#store(this.#lineStart, this.#colon, this.#at, id);
    this.#nextLine();
    return true;
  }

  /** Moves to the CR that ends a line; false if it, or its LF, is not there yet. */
  #text(stop: number): boolean {
    const bytes = this.#bytes;
    const limit = Math.min(stop, this.#lineStart + this.#grammar.limits.maxLineLength);
    const at = textEnd(bytes, this.#at, limit);
    this.#at = at;
    if (at === stop) return false;
    if (bytes[at] === CR) return this.#isLineEnd(at, stop);
    throw FIELD_TEXT[bytes[at] as number] === 1 ? this.#tooLong() : this.#badByte(at);
  }

  #nextLine(): void {
    this.#at += 2;
    this.#lineStart = this.#at;
    this.#phase = 'name';
  }

  /** Whether a CR is followed by an LF; a bare CR ends a line for some servers and not for others. */
  #isLineEnd(at: number, stop: number): boolean {
    if (at + 1 >= stop) return false;
    if (this.#bytes[at + 1] === LF) return true;
    throw this.#violation('bare-cr', 'There is a CR without an LF');
  }

  #tooLong(): Violation {
    return this.#phase === 'first-line'
      ? this.#violation('first-line-too-long', 'The first line is longer than allowed')
      : this.#violation('header-line-too-long', 'A header line is longer than allowed');
  }

  #badByte(at: number): Violation {
    if (this.#bytes[at] === LF)
      return this.#violation('bare-lf', 'There is an LF without a CR before it');
    return this.#violation('control-byte', 'There is a control byte in the head');
  }

  /** Why the byte after a name cannot be there. */
  #badName(at: number): Violation {
    const byte = this.#bytes[at] as number;
    const isFirst = at === this.#lineStart;
    if (TOKEN[byte] !== 0) return this.#tooLong();
    if (isBlank(byte) && isFirst)
      // Folding hides a field from whoever does not unfold (RFC 9112, 5.2).
      return this.#violation('obs-fold', 'A header line begins with a blank');
    if (isBlank(byte))
      // "Content-Length : 5" is a length for some and an unknown name for others (RFC 9112, 5.1).
      return this.#violation('blank-in-name', 'There is a blank in or after a header name');
    if (byte === COLON) return this.#violation('empty-name', 'A header field has no name');
    if (byte === CR) return this.#violation('no-colon', 'A header line has no colon');
    if (FIELD_TEXT[byte] === 0) return this.#badByte(at);
    return this.#violation('bad-name', 'A header name has a character that names may not have');
  }

  #violation(rule: string, message: string): Violation {
    return new Violation(`http.${rule}`, this.#grammar.side, message);
  }
}

const EMPTY: Bytes = new Uint8Array(0);

/** An offset table for heads of these limits. Parsers whose heads never overlap in time may share one. */
export function tableFor(limits: HeadLimits): number[] {
  return Array.from({ length: limits.maxHeaderLines * FIELD_SLOTS + 2 }, () => 0);
}
