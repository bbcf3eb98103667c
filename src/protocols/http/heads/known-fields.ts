// Where in a head the fields stand that the proxy itself acts on, and the check that those which must be single are.

import { Violation } from '../../../proxy/violation.ts';
import type { Head } from './head.ts';
import { flagsOf, KNOWN_COUNT, SINGLETON } from './header-table.ts';

// No head has as many fields as there are numbers above it.
const MAX_PLACE = 2 ** 30;

/** The first place of every known field in one head. One object serves one head after the other. */
export class KnownFields {
  /** Where fields of each id were seen last, counted on from head to head: what is below `#base` is of an earlier one. */
  readonly #places = new Int32Array(KNOWN_COUNT);
  #base = 1;
  #next = 1;
  readonly #side: 'client' | 'server';
  readonly #maxPlace: number;

  /** `maxPlace` is how far it counts at least before it begins again, for tests. */
  constructor(side: 'client' | 'server', maxPlace = MAX_PLACE) {
    this.#side = side;
    this.#maxPlace = maxPlace;
  }

  /** Notes the fields of a head. */
  note(head: Head<unknown>): void {
    const places = this.#places;
    if (this.#next > this.#maxPlace) this.#beginAgain();
    const base = this.#next;
    this.#base = base;
    this.#next = base + head.count;
    for (let index = 0; index < head.count; index++) {
      const id = head.id(index);
      if (id < 0 || id >= KNOWN_COUNT) continue;
      if ((places[id] ?? 0) < base) places[id] = base + index;
      else if ((flagsOf(id) & SINGLETON) !== 0) throw this.#duplicate(head.name(index));
    }
  }

  /** The index of the first field with this id; -1 if there is none. */
  place(id: number): number {
    const index = (this.#places[id] ?? 0) - this.#base;
    return index < 0 ? -1 : index;
  }

  has(id: number): boolean {
    return this.place(id) !== -1;
  }

  #beginAgain(): void {
    this.#places.fill(0);
    this.#next = 1;
  }

  /**
   * Two of them, even equal ones, are how messages are smuggled past a proxy: one reader takes the first, the next one
   * the last (RFC 9112, 6.3 and 3.2).
   */
  #duplicate(name: string): Violation {
    const rule = `http.duplicate-${name.toLowerCase()}`;
    return new Violation(rule, this.#side, 'A header field that must be single is repeated');
  }
}
