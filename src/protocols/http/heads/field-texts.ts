// The fields of a head as one text, for functions of the policy: it outlives the event that brought the head, and what they
// read is cut out of it. A text made of the bytes of each field would be dearer than that of all of them.

import { TOKEN } from './byte-class.ts';

/** Numbers of a table for one field: where its name, colon, value and value's end are, and the id of its name. */
export const FIELD_SLOTS = 5;
export const COLON_SLOT = 1;
export const VALUE_SLOT = 2;
export const VALUE_END_SLOT = 3;
export const ID_SLOT = 4;

/** Small integers in a plain array: V8 copies a part of one several times faster than of a typed array. */
export type OffsetTable = readonly number[];

/** The fields of one head. */
export class FieldTexts {
  /** How many there are. */
  readonly count: number;
  readonly #text: string;
  readonly #table: OffsetTable;

  /** `text` is the whole head, one character a byte; `table` has the places of its fields in it, as that of a head. */
  constructor(text: string, table: OffsetTable, count: number) {
    this.#text = text;
    this.#table = table;
    this.count = count;
  }

  /** The name of a field, as it was received. */
  name(index: number): string {
    return this.#part(index, 0, COLON_SLOT);
  }

  /** The value of a field, without the blanks around it. */
  value(index: number): string {
    return this.#part(index, VALUE_SLOT, VALUE_END_SLOT);
  }

  /** The index of the first field of this name, in whatever case, from `from` on; -1 if there is none. */
  find(name: string, from: number): number {
    for (let index = from; index < this.count; index++)
      if (this.#isNamed(index, name)) return index;
    return -1;
  }

  #isNamed(index: number, name: string): boolean {
    const start = this.#place(index, 0);
    if (this.#place(index, COLON_SLOT) - start !== name.length) return false;
    // Received names are tokens; a character that no token has is found nowhere.
    for (let at = 0; at < name.length; at++)
      if (TOKEN[name.charCodeAt(at)] !== TOKEN[this.#text.charCodeAt(start + at)]) return false;
    return true;
  }

  #part(index: number, from: number, to: number): string {
    return this.#text.slice(this.#place(index, from), this.#place(index, to));
  }

  #place(index: number, slot: number): number {
    return this.#table[index * FIELD_SLOTS + slot] as number; // the index is inside the table
  }
}
