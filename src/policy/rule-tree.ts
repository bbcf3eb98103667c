// A tree over the entries of rules: a level of the tree is a level of the score, an edge is a key, a leaf has the rules
// whose entries ask for exactly the keys on the way to it. Levels on which no entry below asks for anything are left out.

import { EdgeTable } from './edge-table.ts';
import { NumberList } from './number-list.ts';
import type { Entry } from './rule-entries.ts';

/** An entry, and the place of its rule among all rules. */
export interface PlacedEntry {
  readonly entry: Entry;
  readonly place: number;
}

/** What stands for "no node" and "no rule". */
export const NONE = -1;

// A node is four numbers side by side, so that the processor fetches it at once.
const LEVEL = 0;
const ANY = 1; // the branch that asks for nothing on this level; of a leaf the first of its rules
const EDGES = 2; // where the edges of the node begin; of a leaf the second of its rules
const COUNT = 3; // how many edges there are
const NODE = 4;

/** Nodes with more edges can be asked for one of them; a few are found faster by looking at each. */
const FEW_EDGES = 8;

/** The tree; its nodes are numbers. */
export class RuleTree {
  readonly root: number;
  readonly #nodes = new NumberList();
  /** Key and child of each edge, those of a node side by side. */
  readonly #edges = new NumberList();
  /** The edges of the nodes that have many. */
  readonly #table = new EdgeTable();
  readonly #depth: number;

  /** `depth` is the number of levels. */
  constructor(entries: readonly PlacedEntry[], depth: number) {
    this.#depth = depth;
    this.root = entries.length === 0 ? NONE : this.#build(entries, 0);
  }

  /** The level that a node decides; the number of levels if it is a leaf. */
  levelOf(node: number): number {
    return this.#nodes.at(node * NODE + LEVEL);
  }

  /** The branch of the rules that ask for nothing on the level of a node. */
  anyBranch(node: number): number {
    return this.#nodes.at(node * NODE + ANY);
  }

  /** How many edges a node has. */
  edgeCount(node: number): number {
    return this.#nodes.at(node * NODE + COUNT);
  }

  /** Whether it is better to look at all edges of a node than to ask it for some number of keys. */
  hasFewEdges(node: number, keys: number): boolean {
    const count = this.edgeCount(node);
    return count <= FEW_EDGES || count < keys;
  }

  /** The key of an edge of a node. */
  edgeKey(node: number, edge: number): number {
    return this.#edges.at(this.#nodes.at(node * NODE + EDGES) + 2 * edge);
  }

  /** Where an edge of a node leads to. */
  edgeChild(node: number, edge: number): number {
    return this.#edges.at(this.#nodes.at(node * NODE + EDGES) + 2 * edge + 1);
  }

  /** The branch for a key on the level of a node that has more than a few edges. */
  branch(node: number, key: number): number {
    return this.#table.child(node, key);
  }

  /** The rule of a leaf that comes first. */
  firstRule(leaf: number): number {
    return this.#nodes.at(leaf * NODE + ANY);
  }

  /** The rule of a leaf that comes second. */
  secondRule(leaf: number): number {
    return this.#nodes.at(leaf * NODE + EDGES);
  }

  #build(entries: readonly PlacedEntry[], from: number): number {
    let level = from;
    while (level < this.#depth && entries.every(({ entry }) => entry[level] === 0)) level++;
    if (level === this.#depth) return this.#addLeaf(entries);
    const groups = byKey(entries, level);
    const any = groups.get(0);
    groups.delete(0);
    const edges = this.#edges.length;
    const node = this.#nodes.push(level, NONE, edges, groups.size) / NODE;
    for (const key of groups.keys()) this.#edges.push(key, NONE);
    let edge = edges;
    for (const [key, group] of groups) {
      const child = this.#build(group, level + 1);
      this.#edges.set(edge + 1, child);
      if (groups.size > FEW_EDGES) this.#table.add(node, key, child);
      edge += 2;
    }
    if (any !== undefined) this.#nodes.set(node * NODE + ANY, this.#build(any, level + 1));
    return node;
  }

  #addLeaf(entries: readonly PlacedEntry[]): number {
    let [first, second] = [Infinity, Infinity];
    for (const { place } of entries) {
      if (place < first) [first, second] = [place, first];
      else if (place > first && place < second) second = place;
    }
    return this.#nodes.push(this.#depth, first, second === Infinity ? NONE : second, 0) / NODE;
  }
}

function byKey(
  entries: readonly PlacedEntry[],
  level: number,
): Map<number, readonly PlacedEntry[]> {
  const groups = new Map<number, PlacedEntry[]>();
  for (const placed of entries) {
    const key = placed.entry[level] ?? 0;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [placed]);
    else group.push(placed);
  }
  return groups;
}
