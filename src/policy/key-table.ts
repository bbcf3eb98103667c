// Keys of one condition: a key stands for one atom or for a set of them, and leads to a branch of the rule tree.

import type { Packet } from './packet.ts';
import type { AtomFinder, Condition } from './rule-conditions.ts';

/** Gives keys to what rules ask for, and finds the keys that a packet has. */
export class KeyTable implements AtomFinder {
  /** The keys that the packet of the last `find()` has, those with most points first. */
  readonly keys: number[] = [];
  /** What each of `keys` counts in the score of a rule. */
  readonly points: number[] = [];
  readonly #condition: Condition;
  readonly #known = new Map<string, number>();
  readonly #keysByAtom: number[][] = [];
  #pointsByKey = new Float64Array(1);

  constructor(condition: Condition) {
    this.#condition = condition;
  }

  /** The key of a set of atoms, from 1: equal sets have the same. */
  keyOf(atoms: readonly number[]): number {
    const name = atoms.length === 1 ? String(atoms[0]) : atoms.toSorted((a, b) => a - b).join();
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const key = this.#known.size + 1;
    this.#known.set(name, key);
    for (const atom of atoms) (this.#keysByAtom[atom] ??= []).push(key);
    return key;
  }

  /** Finds the keys of a packet. */
  find(packet: Packet): void {
    this.keys.length = 0;
    this.points.length = 0;
    if (this.#pointsByKey.length <= this.#known.size)
      this.#pointsByKey = new Float64Array(this.#known.size + 1);
    if (this.#known.size > 0) this.#condition.find(packet, this);
  }

  /** Forgets the packet. */
  forget(): void {
    for (const key of this.keys) this.#pointsByKey[key] = 0;
  }

  /** What a key counts if the packet of the last `find()` has it; otherwise 0. */
  pointsOf(key: number): number {
    return this.#pointsByKey[key] ?? 0;
  }

  found(atom: number, points: number): void {
    for (const key of this.#keysByAtom[atom] ?? []) {
      if (this.pointsOf(key) > 0) continue; // the key of a set, found by a better atom already
      this.#pointsByKey[key] = points;
      this.keys.push(key);
      this.points.push(points);
    }
  }
}
