// A head as it was received: its bytes and a table of offsets into them. Text is made only of what somebody asks for.

import type { Bytes } from '../../../proxy/engine.ts';
import { TOKEN } from './byte-class.ts';
import { copyOf, equalsText, latin1 } from './byte-text.ts';
import type { OffsetTable } from './field-texts.ts';
import {
  COLON_SLOT,
  FIELD_SLOTS,
  FieldTexts,
  ID_SLOT,
  VALUE_END_SLOT,
  VALUE_SLOT,
} from './field-texts.ts';

/** What a head is made of. Offsets in `table` count from `base`. */
export interface HeadParts<Line> {
  readonly line: Line;
  readonly bytes: Bytes;
  /** Where the head begins in `bytes`, and where what follows it begins. */
  readonly base: number;
  readonly end: number;
  readonly table: OffsetTable;
  readonly count: number;
  /** Default: false. */
  readonly isCanonical?: boolean | undefined;
}

/** A complete, checked head; `line` is what its first line says. Its bytes may be borrowed: `snapshot` copies. */
export class Head<Line> {
  readonly line: Line;
  readonly bytes: Bytes;
  readonly base: number;
  readonly end: number;
  /** The number of fields. */
  readonly count: number;
  /** Whether each field is known to stand in canonical form: one blank after its colon, and none behind its value. */
  readonly isCanonical: boolean;
  readonly #table: OffsetTable;

  constructor(parts: HeadParts<Line>) {
    this.line = parts.line;
    this.bytes = parts.bytes;
    this.base = parts.base;
    this.end = parts.end;
    this.count = parts.count;
    this.isCanonical = parts.isCanonical === true;
    this.#table = parts.table;
  }

  /** A head that outlives the event it came in. */
  snapshot(): Head<Line> {
    return new Head({
      line: this.line,
      bytes: copyOf(this.bytes, this.base, this.end),
      base: 0,
      end: this.end - this.base,
      table: this.#table.slice(0, this.count * FIELD_SLOTS),
      count: this.count,
      isCanonical: this.isCanonical,
    });
  }

  /** The texts of its fields, which outlive the event as well. */
  texts(): FieldTexts {
    const table = this.#table.slice(0, this.count * FIELD_SLOTS);
    return new FieldTexts(latin1(this.bytes, this.base, this.end), table, this.count);
  }

  /** The id of the name of field `index`. */
  id(index: number): number {
    return this.#table[index * FIELD_SLOTS + ID_SLOT] as number;
  }

  /** Where the line of field `index` begins in `bytes`; of the field after the last one, where the empty line does. */
  lineStart(index: number): number {
    if (index >= this.count) return this.end - 2;
    return this.base + (this.#table[index * FIELD_SLOTS] as number);
  }

  /** Where the colon of field `index` is. */
  colon(index: number): number {
    return this.base + (this.#table[index * FIELD_SLOTS + COLON_SLOT] as number);
  }

  /** Where the value of field `index` begins, blanks before it left out. */
  valueStart(index: number): number {
    return this.base + (this.#table[index * FIELD_SLOTS + VALUE_SLOT] as number);
  }

  /** Where the value of field `index` ends, blanks after it left out. */
  valueEnd(index: number): number {
    return this.base + (this.#table[index * FIELD_SLOTS + VALUE_END_SLOT] as number);
  }

  name(index: number): string {
    return latin1(this.bytes, this.lineStart(index), this.colon(index));
  }

  value(index: number): string {
    return latin1(this.bytes, this.valueStart(index), this.valueEnd(index));
  }

  /** Whether the value of field `index` is this text; as `value(index) === text`, without making a text. */
  hasValue(index: number, text: string): boolean {
    return equalsText(this.bytes, this.valueStart(index), this.valueEnd(index), text);
  }

  /** Whether the value of field `index` is this token, which is given in lower case, in whatever case. */
  hasToken(index: number, token: string): boolean {
    return isToken(this.bytes, this.valueStart(index), this.valueEnd(index), token);
  }

  /** Whether field `index` has this name, which is given in lower case, in whatever case; without making a text. */
  hasName(index: number, name: string): boolean {
    return isToken(this.bytes, this.lineStart(index), this.colon(index), name);
  }
}

/** Whether the bytes from `start` to `end` are this token, which is given in lower case. */
function isToken(bytes: Bytes, start: number, end: number, token: string): boolean {
  if (end - start !== token.length) return false;
  for (let at = 0; at < token.length; at++)
    if (TOKEN[bytes[start + at] as number] !== token.charCodeAt(at)) return false;
  return true;
}
