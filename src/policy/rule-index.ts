// Finds the rule of a packet among any number of rules, at a cost that hardly depends on how many there are.

import { KeyTable } from './key-table.ts';
import type { NumberedRule } from './number-rules.ts';
import type { Packet } from './packet.ts';
import { entriesOf } from './rule-entries.ts';
import type { Level } from './rule-levels.ts';
import { makeLevels } from './rule-levels.ts';
import type { RuleScore } from './rule-score.ts';
import { compareScores, scoreOf } from './rule-score.ts';
import type { Question } from './rule-search.ts';
import { RuleSearch } from './rule-search.ts';
import type { PlacedEntry } from './rule-tree.ts';
import { RuleTree } from './rule-tree.ts';

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

/** A packet as a question. */
class PacketQuestion implements Question {
  readonly #packet: Packet;
  readonly #levels: readonly Level[];

  constructor(levels: readonly Level[], packet: Packet) {
    this.#levels = levels;
    this.#packet = packet;
  }

  find(level: number, table: KeyTable): void {
    this.#levels[level]?.condition.find(this.#packet, table);
  }
}

/**
 * The rules of a policy, searched by packet.
 * - rule-conditions.ts cuts the conditions of rules into atoms - one subnet, one zone, one block of ports - and finds the
 *   atoms of a packet by lookups; key-table.ts gives keys to atoms, and to sets of them where a rule has too many;
 * - rule-entries.ts writes each rule as entries, which ask for one key on each level; rule-tree.ts puts them into a tree;
 * - rule-search.ts walks the tree, on each level by the keys that the packet has, those that count most first.
 */
export class RuleIndex {
  /** The rules by ascending id: their places. */
  readonly rules: readonly NumberedRule[];
  readonly levels: readonly Level[] = makeLevels();
  readonly #search: RuleSearch;

  /** `most` bounds the entries of one rule; what it is changes what a search costs, never what it finds. */
  constructor(rules: readonly NumberedRule[], most: number = mostEntries(rules.length)) {
    this.rules = rules.toSorted((one, other) => one.id - other.id);
    const tables = this.levels.map(() => new KeyTable());
    const entries = this.rules.flatMap(({ rule }, place): readonly PlacedEntry[] =>
      entriesOf(rule, this.levels, tables, most).map((entry) => ({ entry, place })),
    );
    this.#search = new RuleSearch(new RuleTree(entries, this.levels.length), tables);
  }

  /** The rule that wins: the one with the greatest score; of several the one with the lowest id. */
  best(packet: Packet): RuleMatch | undefined {
    return this.bestFor(new PacketQuestion(this.levels, packet));
  }

  /** The same for any question. */
  bestFor(question: Question): RuleMatch | undefined {
    this.#search.run(question);
    const won = this.rules[this.#search.first];
    if (won === undefined) return undefined;
    const tiedWith = this.rules[this.#search.second]?.id;
    return { id: won.id, rule: won.rule, score: this.#search.score, tiedWith };
  }

  /** All rules that match, best first. It asks every rule: this is for people, not for every connection. */
  candidates(packet: Packet): readonly RuleMatch[] {
    const matches = this.rules.flatMap(({ id, rule }) => {
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
}
