// A list of 32-bit numbers that grows: half of what an array of numbers takes, and all side by side.

/** The list. */
export class NumberList {
  #numbers = new Int32Array(16);
  #length = 0;

  /** How many numbers there are. */
  get length(): number {
    return this.#length;
  }

  /** Adds numbers. @returns the place of the first. */
  push(...added: readonly number[]): number {
    const place = this.extend(added.length);
    let at = place;
    for (const number of added) this.#numbers[at++] = number;
    return place;
  }

  /** Adds as many zeros. @returns the place of the first. */
  extend(count: number): number {
    const place = this.#length;
    this.#length += count;
    if (this.#length > this.#numbers.length) {
      const grown = new Int32Array(2 * this.#length);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    return place;
  }

  /** The number at a place that is in the list. */
  at(place: number): number {
    return this.#numbers[place] ?? 0;
  }

  /** Writes another number to a place that is in the list. */
  set(place: number, number: number): void {
    this.#numbers[place] = number;
  }

  /** Writes other numbers to a place and those after it, all in the list. */
  setAll(place: number, numbers: readonly number[]): void {
    this.#numbers.set(numbers, place);
  }

  /** A copy that has exactly the numbers of the list. */
  toArray(): Int32Array {
    return this.#numbers.slice(0, this.#length);
  }
}
