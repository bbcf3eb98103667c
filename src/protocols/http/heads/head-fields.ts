// The values of fields of a head by name, for the few heads in which more is looked for than the known fields tell.

import { listMembers } from './byte-text.ts';
import type { Head } from './head.ts';

/** The fields of one head. */
export class HeadFields {
  readonly #head: Head<unknown>;

  constructor(head: Head<unknown>) {
    this.#head = head;
  }

  /** The values of all fields of this name, which is in lower case, in order. */
  getAll(name: string): readonly string[] {
    const head = this.#head;
    const values: string[] = [];
    for (let index = 0; index < head.count; index++)
      if (head.hasName(index, name)) values.push(head.value(index));
    return values;
  }

  /** The members of all fields of this name that is a list: texts between commas, without blanks around them. */
  members(name: string): readonly string[] {
    return this.getAll(name).flatMap(listMembers);
  }
}
