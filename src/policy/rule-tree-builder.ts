// Builds the tree of rule-tree.ts.

import { NONE } from './best-rules.ts';
import type { Side } from './key-mask.ts';
import { ASKS_NOTHING, maskOf } from './key-mask.ts';
import { NumberList } from './number-list.ts';
import type { Entry } from './rule-entries.ts';
import { EDGE, nodeHead, roomFor, RuleTree, slotOf } from './rule-tree.ts';

/** An entry, and the place of its rule among all rules. */
export interface PlacedEntry {
  readonly entry: Entry;
  readonly place: number;
}

/** The tree of these entries; `sides` has the side of each level. */
export function buildRuleTree(entries: readonly PlacedEntry[], sides: readonly Side[]): RuleTree {
  return new RuleTreeBuilder(sides).build(entries);
}

/** A node or a leaf, and the masks of what is asked for below. */
interface Branch {
  readonly child: number;
  readonly source: number;
  readonly destination: number;
}

const NOWHERE: Branch = { child: NONE, source: 0, destination: 0 };

class RuleTreeBuilder {
  readonly #sides: readonly Side[];
  readonly #cells = new NumberList();
  readonly #pairs = new NumberList();

  constructor(sides: readonly Side[]) {
    this.#sides = sides;
  }

  build(entries: readonly PlacedEntry[]): RuleTree {
    const start = this.#cells.extend(EDGE);
    this.#setEdge(start, 0, entries.length === 0 ? NOWHERE : this.#branch(entries, 0));
    return new RuleTree(this.#cells.toArray(), this.#pairs.toArray());
  }

  #branch(entries: readonly PlacedEntry[], from: number): Branch {
    const level = firstAsked(entries, from);
    return level === undefined ? this.#leaf(entries) : this.#node(entries, level);
  }

  #node(entries: readonly PlacedEntry[], level: number): Branch {
    const groups = byKey(entries, level);
    const ofAny = groups.get(0);
    groups.delete(0);
    const room = roomFor(groups.size);
    const node = this.#cells.extend(EDGE * (1 + room));
    const first = node + EDGE;
    const any = ofAny === undefined ? NOWHERE : this.#branch(ofAny, level + 1);
    this.#setEdge(node, nodeHead(level, room), any);
    let { source, destination } = any;
    let own = 0;
    let next = 0;
    for (const [key, group] of groups) {
      const branch = this.#branch(group, level + 1);
      const slot = room > groups.size ? this.#freeSlot(first, key, room) : next++;
      this.#setEdge(first + EDGE * slot, key, branch);
      source |= branch.source;
      destination |= branch.destination;
      own |= maskOf(level, key);
    }
    if (this.#sides[level] === 'source') source = own | any.source;
    if (this.#sides[level] === 'destination') destination = own | any.destination;
    return { child: node, source, destination };
  }

  #freeSlot(first: number, key: number, room: number): number {
    let slot = slotOf(key, room);
    while (this.#cells.at(first + EDGE * slot) !== 0) slot = (slot + 1) & (room - 1);
    return slot;
  }

  #setEdge(edge: number, key: number, { child, source, destination }: Branch): void {
    this.#cells.setAll(edge, [key, child, source, destination]);
  }

  #leaf(entries: readonly PlacedEntry[]): Branch {
    let [first, second] = [Infinity, Infinity];
    for (const { place } of entries) {
      if (place < first) [first, second] = [place, first];
      else if (place > first && place < second) second = place;
    }
    const child = second === Infinity ? -2 - 2 * first : -3 - this.#pairs.push(first, second);
    return { child, source: ASKS_NOTHING, destination: ASKS_NOTHING };
  }
}

/** The first level, from one on, on which an entry asks for something. */
function firstAsked(entries: readonly PlacedEntry[], from: number): number | undefined {
  const depth = entries[0]?.entry.length ?? 0;
  for (let level = from; level < depth; level++)
    for (const { entry } of entries) if (entry[level] !== 0) return level;
  return undefined;
}

function byKey(entries: readonly PlacedEntry[], level: number): Map<number, PlacedEntry[]> {
  const groups = new Map<number, PlacedEntry[]>();
  for (const placed of entries) {
    const key = placed.entry[level] ?? 0;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [placed]);
    else group.push(placed);
  }
  return groups;
}
