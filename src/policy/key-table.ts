// Keys of one condition: a key stands for one atom or for a set of them, and leads to a branch of the rule tree.

import type { AtomFinder } from './rule-conditions.ts';

/** Gives keys to what rules ask for, and collects the keys whose atoms are found. */
export class KeyTable implements AtomFinder {
  /** The keys that were found since the last `clear()`, those with most points first. */
  readonly keys: number[] = [];
  /** What each of `keys` counts in the score of a rule. */
  readonly points: number[] = [];
  readonly #known = new Map<string, number>();
  readonly #keysByAtom: number[][] = [];
  readonly #pointsByKey: number[] = [0];

  /** The key of a set of atoms, from 1: equal sets have the same. */
  keyOf(atoms: readonly number[]): number {
    const name = atoms.length === 1 ? String(atoms[0]) : atoms.toSorted((a, b) => a - b).join();
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const key = this.#known.size + 1;
    this.#known.set(name, key);
    this.#pointsByKey.push(0);
    for (const atom of atoms) (this.#keysByAtom[atom] ??= []).push(key);
    return key;
  }

  /** Forgets the keys that were found. */
  clear(): void {
    for (const key of this.keys) this.#pointsByKey[key] = 0;
    this.keys.length = 0;
    this.points.length = 0;
  }

  /** What a key counts if it was found; otherwise 0. */
  pointsOf(key: number): number {
    return this.#pointsByKey[key] ?? 0;
  }

  /** Takes the keys with an atom that was found; those with most points must come first. */
  found(atom: number, points: number): void {
    for (const key of this.#keysByAtom[atom] ?? []) {
      if (this.pointsOf(key) > 0) continue; // the key of a set, found by a better atom already
      this.#pointsByKey[key] = points;
      this.keys.push(key);
      this.points.push(points);
    }
  }
}
