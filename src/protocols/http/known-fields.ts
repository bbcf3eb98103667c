// Where in a head the fields stand that the proxy itself acts on, and the check that those which must be single are.

import { Violation } from '../../proxy/violation.ts';
import type { Head } from './head.ts';
import { flagsOf, KNOWN_COUNT, SINGLETON } from './header-table.ts';

/** The first place of every known field in one head. One object serves one head after the other. */
export class KnownFields {
  readonly #places = new Int16Array(KNOWN_COUNT);
  readonly #side: 'client' | 'server';

  constructor(side: 'client' | 'server') {
    this.#side = side;
  }

  /** Notes the fields of a head. */
  note(head: Head<unknown>): void {
    const places = this.#places;
    for (let id = 0; id < KNOWN_COUNT; id++) places[id] = -1; // `fill` is a call out of compiled code
    for (let index = 0; index < head.count; index++) {
      const id = head.id(index);
      if (id < 0 || id >= KNOWN_COUNT) continue;
      if (places[id] === -1) places[id] = index;
      else if ((flagsOf(id) & SINGLETON) !== 0) throw this.#duplicate(head.name(index));
    }
  }

  /** The index of the first field with this id; -1 if there is none. */
  place(id: number): number {
    return this.#places[id] ?? -1;
  }

  has(id: number): boolean {
    return this.place(id) !== -1;
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
