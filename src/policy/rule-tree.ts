// A tree over the entries of rules: a level of the tree is a level of the score, an edge is a key, a leaf has the rules
// whose entries ask for exactly the keys on the way to it. Levels on which no entry below asks for anything are left out.

import { NONE } from './best-rules.ts';

// An edge is four numbers side by side, so that the processor fetches them at once; a node is an edge, too - the one to
// the rules that ask for nothing on its level - with the others right after it.
const KEY = 0; // of the first edge of a node: its level, and how many edges there is room for
const CHILD = 1;
const SOURCE = 2;
const DESTINATION = 3;
/** Numbers of an edge. */
export const EDGE = 4;

const LEVEL_BITS = 5;
const LEVEL_MASK = 2 ** LEVEL_BITS - 1;
/** Nodes with more edges have a hash table of them; a few are found faster by looking at each. */
const FEW_EDGES = 4;
const HASH = 0x85ebca77; // an odd constant of a mixing function (xxHash)

/** The tree; its edges and nodes are numbers. Below zero are leaves: -2, -4, ... for a rule, -3, -5, ... for two. */
export class RuleTree {
  /** The edge that leads to the root. */
  readonly start = 0;
  readonly #cells: Int32Array;
  readonly #pairs: Int32Array;

  /** rule-tree-builder.ts makes them. */
  constructor(cells: Int32Array, pairs: Int32Array) {
    this.#cells = cells;
    this.#pairs = pairs;
  }

  /**
   * Where an edge leads to; NONE if the masks tell that there is no rule for a question with these ones. An edge has those
   * of the keys of which the rules behind it need one (key-mask.ts).
   */
  follow(edge: number, sourceMask: number, destinationMask: number): number {
    const cells = this.#cells;
    if (((cells[edge + SOURCE] ?? 0) & sourceMask) === 0) return NONE;
    if (((cells[edge + DESTINATION] ?? 0) & destinationMask) === 0) return NONE;
    return cells[edge + CHILD] ?? NONE;
  }

  /** The level that a node decides. */
  levelOf(node: number): number {
    return (this.#cells[node + KEY] ?? 0) & LEVEL_MASK;
  }

  /** The edge to the rules that ask for nothing on the level of a node; it leads nowhere if there are none. */
  anyEdge(node: number): number {
    return node;
  }

  /** The edge of a node for a key; NONE if there is none. */
  edge(node: number, key: number): number {
    const cells = this.#cells;
    const room = (cells[node + KEY] ?? 0) >>> LEVEL_BITS;
    const first = node + EDGE;
    if (room <= FEW_EDGES) {
      for (let edge = first; edge < first + EDGE * room; edge += EDGE)
        if (cells[edge + KEY] === key) return edge;
      return NONE;
    }
    let slot = slotOf(key, room);
    for (;;) {
      const edge = first + EDGE * slot;
      if (cells[edge + KEY] === key) return edge;
      if (cells[edge + KEY] === 0) return NONE;
      slot = (slot + 1) & (room - 1);
    }
  }

  /** The rule of a leaf that comes first. */
  firstRule(leaf: number): number {
    return leaf % 2 === 0 ? (-2 - leaf) / 2 : (this.#pairs[-3 - leaf] ?? NONE);
  }

  /** The rule of a leaf that comes second. */
  secondRule(leaf: number): number {
    return leaf % 2 === 0 ? NONE : (this.#pairs[-2 - leaf] ?? NONE);
  }
}

/** The first number of a node. */
export function nodeHead(level: number, room: number): number {
  return level | (room << LEVEL_BITS);
}

/** For how many edges a node with some number of them has room: a table is filled to two thirds at most. */
export function roomFor(edges: number): number {
  return edges <= FEW_EDGES ? edges : 2 ** Math.ceil(Math.log2(1.5 * edges));
}

/** Where to look first for a key in a table. */
export function slotOf(key: number, room: number): number {
  return (Math.imul(key, HASH) >>> 15) & (room - 1);
}
