// How many checks of servers may run at once: those that find no place wait in a queue.

interface Waiting {
  readonly begin: () => void;
}

/** A bounded number of places. */
export class CheckSlots {
  readonly #places: number;
  #taken = 0;
  readonly #waiting = new Set<Waiting>();

  constructor(places: number) {
    this.#places = places;
  }

  /**
   * Calls `begin` when there is a place, at once if there is one; the returned function, to be called once, gives the
   * place back, or the wait for it up.
   */
  take(begin: () => void): () => void {
    const waiting: Waiting = { begin };
    this.#waiting.add(waiting);
    this.#beginNext();
    return () => {
      if (this.#waiting.delete(waiting)) return;
      this.#taken--;
      this.#beginNext();
    };
  }

  #beginNext(): void {
    for (const waiting of this.#waiting) {
      if (this.#taken === this.#places) return;
      this.#waiting.delete(waiting);
      this.#taken++;
      waiting.begin();
    }
  }
}
