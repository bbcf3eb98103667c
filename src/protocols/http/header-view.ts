// The fields of a head as functions of the policy see them: text is made of a field when it is asked for.

import type { Head } from './head.ts';

/** The header fields of a message, as received. Names are compared without regard to case. */
export class HeaderView {
  readonly #head: Head<unknown>;

  constructor(head: Head<unknown>) {
    this.#head = head;
  }

  /** The value of the first field of this name. */
  get(name: string): string | undefined {
    const index = this.#find(name.toLowerCase(), 0);
    return index === -1 ? undefined : this.#head.value(index);
  }

  /** The values of all fields of this name, in order. */
  getAll(name: string): string[] {
    const lower = name.toLowerCase();
    const values: string[] = [];
    for (let at = this.#find(lower, 0); at !== -1; at = this.#find(lower, at + 1))
      values.push(this.#head.value(at));
    return values;
  }

  /** Whether there is a field of this name. */
  has(name: string): boolean {
    return this.#find(name.toLowerCase(), 0) !== -1;
  }

  #find(lower: string, from: number): number {
    for (let index = from; index < this.#head.count; index++) {
      const length = this.#head.colon(index) - this.#head.lineStart(index);
      if (length === lower.length && this.#head.name(index).toLowerCase() === lower) return index;
    }
    return -1;
  }
}
