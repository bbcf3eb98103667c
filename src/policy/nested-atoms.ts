// Atoms of which some are within others - subnets, zones, blocks of ports: whoever has one has all those around it.

import type { AtomFinder } from './atom-finder.ts';
import { NONE } from './best-rules.ts';

/** Atoms, each with the next wider one around it. */
export class NestedAtoms {
  readonly #around: Int32Array;
  readonly #points: Float64Array;

  /** By atom: the next wider one, or NONE; and what it counts in a score. */
  constructor(around: readonly number[], points: readonly number[]) {
    this.#around = Int32Array.from(around);
    this.#points = Float64Array.from(points);
  }

  /** Tells of an atom and all those around it, from the inside out; of nothing for NONE. */
  tell(innermost: number, finder: AtomFinder): void {
    for (let atom = innermost; atom !== NONE; atom = this.#around[atom] ?? NONE)
      finder.found(atom, this.#points[atom] ?? 0);
  }
}
