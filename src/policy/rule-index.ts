// Finds the rule of a packet among any number of rules, at a cost that hardly depends on how many there are.

import type { AtomFinder } from './atom-finder.ts';
import { BestRules } from './best-rules.ts';
import type { Side } from './key-mask.ts';
import type { NumberedRule } from './number-rules.ts';
import type { Packet } from './packet.ts';
import type { Question } from './question-atoms.ts';
import { QuestionAtoms } from './question-atoms.ts';
import { countEntries, entriesOf, wishesOf } from './rule-entries.ts';
import type { Level } from './rule-levels.ts';
import { makeLevels } from './rule-levels.ts';
import type { RuleScore } from './rule-score.ts';
import { compareScores, scoreOf } from './rule-score.ts';
import { RuleSearch } from './rule-search.ts';
import type { PlacedEntry } from './rule-tree-builder.ts';
import { buildRuleTree } from './rule-tree-builder.ts';
import type { WideRule } from './wide-rules.ts';
import { WideRules } from './wide-rules.ts';

/** A rule that matches a packet. */
export interface RuleMatch extends NumberedRule {
  readonly score: RuleScore;
  /** The lowest id of the other rules that match with the same score: a collision, which the lower id decides. */
  readonly tiedWith: number | undefined;
}

// Rules with more entries are wide ones, which stand in lists: few may have many entries, in all they are a million.
const MOST_ENTRIES_OF_RULE = 256;
const LEAST_ENTRIES_OF_RULE = 16;
const MOST_ENTRIES = 1_000_000;

/** How many entries a rule may have, if the numbers of entries of all rules are these. */
function mostEntries(counts: readonly number[]): number {
  let most = MOST_ENTRIES_OF_RULE;
  while (most > LEAST_ENTRIES_OF_RULE && sumUpTo(counts, most) > MOST_ENTRIES) most /= 2;
  return most;
}

function sumUpTo(counts: readonly number[], most: number): number {
  let sum = 0;
  for (const count of counts) if (count <= most) sum += count;
  return sum;
}

/** A packet as a question. */
class PacketQuestion implements Question {
  readonly #packet: Packet;
  readonly #levels: readonly Level[];

  constructor(levels: readonly Level[], packet: Packet) {
    this.#levels = levels;
    this.#packet = packet;
  }

  find(level: number, finder: AtomFinder): void {
    this.#levels[level]?.condition.find(this.#packet, finder);
  }
}

/**
 * The rules of a policy, searched by packet.
 * - rule-conditions.ts cuts the conditions of rules into atoms - one subnet, one zone, one block of ports - and finds the
 *   atoms of a packet by lookups; question-atoms.ts keeps those of the packet that is asked for;
 * - rule-entries.ts writes each rule as entries, which ask for one atom on each level; rule-tree.ts puts them into a tree;
 * - rule-search.ts walks the tree, on each level by the atoms that the packet has, those that count most first; masks at
 *   the edges (key-mask.ts) keep it from walking where there is no rule for the two ends of the packet;
 * - wide-rules.ts has the rules that would be too many entries.
 */
export class RuleIndex {
  /** The rules by ascending id: their places. */
  readonly rules: readonly NumberedRule[];
  readonly levels: readonly Level[] = makeLevels();
  readonly #atoms: QuestionAtoms;
  readonly #best = new BestRules();
  readonly #search: RuleSearch;
  readonly #wide: WideRules;

  /** `most` bounds the entries of one rule; what it is changes what a search costs, never what it finds. */
  constructor(rules: readonly NumberedRule[], most?: number) {
    this.rules = rules.toSorted((one, other) => one.id - other.id);
    const sides = this.levels.map(sideOf);
    const wishes = this.rules.map(({ rule }) => wishesOf(rule, this.levels));
    const counts = wishes.map(countEntries);
    const bound = most ?? mostEntries(counts);
    const entries: PlacedEntry[] = [];
    const wide: WideRule[] = [];
    for (const [place, ofRule] of wishes.entries()) {
      if ((counts[place] ?? 0) > bound) wide.push({ place, wishes: ofRule });
      else
        for (const entry of entriesOf(ofRule, this.levels.length)) entries.push({ entry, place });
    }
    const used = new Set(wishes.flatMap((ofRule) => ofRule.map(({ level }) => level)));
    this.#atoms = new QuestionAtoms(sides, [...used]);
    this.#search = new RuleSearch(buildRuleTree(entries, sides), this.#atoms, this.#best);
    this.#wide = new WideRules(wide, this.levels, sides);
  }

  /** The rule that wins: the one with the greatest score; of several the one with the lowest id. */
  best(packet: Packet): RuleMatch | undefined {
    return this.bestFor(new PacketQuestion(this.levels, packet));
  }

  /** The same for any question. */
  bestFor(question: Question): RuleMatch | undefined {
    const best = this.#best;
    best.clear();
    this.#atoms.take(question);
    this.#search.run();
    this.#wide.search(this.#atoms, best);
    const won = this.rules[best.first];
    if (won === undefined) return undefined;
    return { id: won.id, rule: won.rule, score: best.score, tiedWith: this.rules[best.second]?.id };
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

function sideOf({ group }: Level): Side {
  return group === 'source' || group === 'destination' ? group : undefined;
}
