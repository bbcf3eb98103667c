// The atoms of a port: itself, if rules ask for exactly it, and the blocks that it is in. Blocks are nested, so a table
// from each port to the innermost atom finds them all.

import type { AtomFinder } from './atom-finder.ts';
import { NONE } from './best-rules.ts';
import { NestedAtoms } from './nested-atoms.ts';
import type { Numbering } from './numbering.ts';
import { firstPortOf, PORTS, sizeOfBlock } from './port-blocks.ts';

/** The atoms of all ports; an exact port has twice its number, a block one more than that. */
export class PortAtoms {
  /** By port: the innermost atom. */
  readonly #innermost = new Int32Array(PORTS).fill(NONE);
  readonly #nested: NestedAtoms;

  /** An exact port counts twice `weight`, a block once. */
  constructor(exact: Numbering<number>, blocks: Numbering<number>, weight: number) {
    const around: number[] = [];
    const points: number[] = [];
    const add = (atom: number, first: number, ports: number): void => {
      around[atom] = this.#innermost[first] ?? NONE;
      points[atom] = (atom % 2 === 0 ? 2 : 1) * weight;
      this.#innermost.fill(atom, first, first + ports);
    };
    const largestFirst = blocks.keys.toSorted(
      (one, other) => sizeOfBlock(other) - sizeOfBlock(one),
    );
    for (const block of largestFirst)
      add(2 * (blocks.numberOf(block) ?? 0) + 1, firstPortOf(block), 2 ** sizeOfBlock(block));
    for (const [number, port] of exact.keys.entries()) add(2 * number, port, 1);
    this.#nested = new NestedAtoms(around, points);
  }

  /** Tells of the atoms of a port: the exact one first, then blocks from the smallest to the largest. */
  findPort(port: number, finder: AtomFinder): void {
    this.#nested.tell(this.#innermost[port] ?? NONE, finder);
  }

  /** Tells of an atom and the blocks around it. */
  findWider(atom: number, finder: AtomFinder): void {
    this.#nested.tell(atom, finder);
  }
}
