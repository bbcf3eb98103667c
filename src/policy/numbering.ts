// Numbers for things, in the order in which they come.

/** The things and their numbers, from 0. */
export class Numbering<Key> {
  readonly #numbers = new Map<Key, number>();
  readonly #keys: Key[] = [];

  /** How many things have a number. */
  get size(): number {
    return this.#keys.length;
  }

  /** The things by number. */
  get keys(): readonly Key[] {
    return this.#keys;
  }

  /** The numbers of these, each once; new ones get the next numbers. */
  numbersOf(keys: readonly Key[]): readonly number[] {
    const found = new Set<number>();
    for (const key of keys) {
      const known = this.#numbers.get(key);
      const number = known ?? this.#keys.push(key) - 1;
      if (known === undefined) this.#numbers.set(key, number);
      found.add(number);
    }
    return [...found];
  }

  /** The number of a thing; undefined if it has none. */
  numberOf(key: Key): number | undefined {
    return this.#numbers.get(key);
  }

  /** The thing with a number. */
  keyOf(number: number): Key | undefined {
    return this.#keys[number];
  }
}
