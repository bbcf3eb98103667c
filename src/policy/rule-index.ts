// Finds the rule of a packet among any number of rules. The conditions stand in the order in which scores compare them,
// so a search that tries the best branch first has the best rule when it comes to a leaf, and looks at no other rule.

import { KeyTable } from './key-table.ts';
import type { NumberedRule } from './number-rules.ts';
import type { Packet } from './packet.ts';
import { entriesOf } from './rule-entries.ts';
import { makeLevels } from './rule-levels.ts';
import type { RuleScore } from './rule-score.ts';
import { compareScores, scoreOf } from './rule-score.ts';
import type { PlacedEntry } from './rule-tree.ts';
import { NONE, RuleTree } from './rule-tree.ts';

/** A rule that matches a packet. */
export interface RuleMatch extends NumberedRule {
  readonly score: RuleScore;
  /** The lowest id of the other rules that match with the same score: a collision, which the lower id decides. */
  readonly tiedWith: number | undefined;
}

// Entries of a rule: few rules may have many each, so that a packet has few keys; in all it is a million.
const MOST_ENTRIES_OF_RULE = 1024;
const LEAST_ENTRIES_OF_RULE = 16;
const MOST_ENTRIES = 1_000_000;

function mostEntries(rules: number): number {
  const share = Math.floor(MOST_ENTRIES / Math.max(1, rules));
  return Math.max(LEAST_ENTRIES_OF_RULE, Math.min(MOST_ENTRIES_OF_RULE, share));
}

/** The rules of a policy, searched by packet. */
export class RuleIndex {
  readonly #rules: readonly NumberedRule[];
  readonly #tables: readonly KeyTable[];
  readonly #tree: RuleTree;

  // The search in progress: nothing is allocated for it, and nothing else runs meanwhile.
  #packet: Packet | undefined = undefined;
  /** One bit for each level whose keys have been found. */
  #known = 0;
  #score = NONE;
  #first = NONE;
  #second = NONE;

  /** `most` bounds the entries of one rule; what it is changes what a search costs, never what it finds. */
  constructor(rules: readonly NumberedRule[], most: number = mostEntries(rules.length)) {
    this.#rules = rules.toSorted((one, other) => one.id - other.id);
    const levels = makeLevels();
    this.#tables = levels.map(({ condition }) => new KeyTable(condition));
    const entries = this.#rules.flatMap(({ rule }, place): readonly PlacedEntry[] =>
      entriesOf(rule, levels, this.#tables, most).map((entry) => ({ entry, place })),
    );
    this.#tree = new RuleTree(entries, levels.length);
  }

  /** The rule that wins: the one with the greatest score; of several the one with the lowest id. */
  best(packet: Packet): RuleMatch | undefined {
    this.#packet = packet;
    this.#known = 0;
    this.#score = this.#first = this.#second = NONE;
    if (this.#tree.root !== NONE) this.#search(this.#tree.root, 0);
    this.#packet = undefined;
    const won = this.#rules[this.#first];
    if (won === undefined) return undefined;
    const tiedWith = this.#rules[this.#second]?.id;
    return { id: won.id, rule: won.rule, score: this.#score, tiedWith };
  }

  /** All rules that match, best first. It asks every rule: this is for people, not for every connection. */
  candidates(packet: Packet): readonly RuleMatch[] {
    const matches = this.#rules.flatMap(({ id, rule }) => {
      const score = scoreOf(rule, packet);
      return score === undefined ? [] : [{ id, rule, score }];
    });
    const sorted = matches.sort((one, other) => compareScores(other.score, one.score));
    const lowest = new Map<RuleScore, number[]>();
    for (const { id, score } of sorted) {
      const ids = lowest.get(score) ?? [];
      if (ids.length < 2) lowest.set(score, [...ids, id]);
    }
    return sorted.map((match) => {
      const tiedWith = lowest.get(match.score)?.find((id) => id !== match.id);
      return { ...match, tiedWith };
    });
  }

  /** Whether there is a rule for the packet below a node; the best one is kept. `score` is that of the way to the node. */
  #search(node: number, score: number): boolean {
    const level = this.#tree.levelOf(node);
    const table = this.#tables[level];
    if (table === undefined) return this.#keep(node, score);
    this.#findKeys(level, table);
    if (table.keys.length > 0) {
      const isFound = this.#tree.hasFewEdges(node, table.keys.length)
        ? this.#searchEdges(node, table, score)
        : this.#searchKeys(node, table, score);
      if (isFound) return true;
    }
    const any = this.#tree.anyBranch(node);
    return any !== NONE && this.#search(any, score);
  }

  /** Asks the node for each key of the packet. More points on a level outweigh all that the levels below could add. */
  #searchKeys(node: number, table: KeyTable, score: number): boolean {
    let best = NONE;
    for (let index = 0; index < table.keys.length; index++) {
      const points = table.points[index] ?? 0;
      if (points < best) break;
      const branch = this.#tree.branch(node, table.keys[index] ?? 0);
      if (branch !== NONE && this.#search(branch, score + points)) best = points;
    }
    return best !== NONE;
  }

  /** Asks the packet for the key of each edge of the node, in rounds: those with most points, then those with less. */
  #searchEdges(node: number, table: KeyTable, score: number): boolean {
    const count = this.#tree.edgeCount(node);
    let isFound = false;
    let points = Infinity;
    while (!isFound && points > 0) {
      points = this.#mostPoints(node, table, points);
      for (let edge = 0; points > 0 && edge < count; edge++)
        if (table.pointsOf(this.#tree.edgeKey(node, edge)) === points)
          isFound = this.#search(this.#tree.edgeChild(node, edge), score + points) || isFound;
    }
    return isFound;
  }

  /** The most points, less than a bound, that the packet has for an edge of a node. */
  #mostPoints(node: number, table: KeyTable, below: number): number {
    const count = this.#tree.edgeCount(node);
    let most = 0;
    for (let edge = 0; edge < count; edge++) {
      const points = table.pointsOf(this.#tree.edgeKey(node, edge));
      if (points > most && points < below) most = points;
    }
    return most;
  }

  #findKeys(level: number, table: KeyTable): void {
    const bit = 1 << level;
    if ((this.#known & bit) !== 0 || this.#packet === undefined) return;
    this.#known |= bit;
    table.forget();
    table.find(this.#packet);
  }

  #keep(leaf: number, score: number): boolean {
    if (score < this.#score) return true;
    if (score > this.#score) {
      this.#score = score;
      this.#first = this.#second = NONE;
    }
    this.#keepRule(this.#tree.firstRule(leaf));
    this.#keepRule(this.#tree.secondRule(leaf));
    return true;
  }

  /** Of the rules with the best score, those with the lowest ids; one can be met by more ways than one. */
  #keepRule(place: number): void {
    if (place === NONE || place === this.#first || place === this.#second) return;
    if (this.#first === NONE || place < this.#first) {
      this.#second = this.#first;
      this.#first = place;
    } else if (this.#second === NONE || place < this.#second) this.#second = place;
  }
}
