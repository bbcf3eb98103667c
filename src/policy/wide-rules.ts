// Rules with so many alternatives that a tree of all combinations would be too large - twenty hosts to twenty others on
// eight ports are 3,200. Each is listed under the atoms of one group; a search reads the lists of the packet's atoms.

import type { BestRules } from './best-rules.ts';
import { NONE } from './best-rules.ts';
import type { Side } from './key-mask.ts';
import { ASKS_NOTHING, maskOf } from './key-mask.ts';
import { NumberList } from './number-list.ts';
import type { FoundKeys, QuestionAtoms } from './question-atoms.ts';
import type { Group, Level } from './rule-levels.ts';
import type { Wish } from './rule-entries.ts';

/** A rule as the atoms that it asks for, and its place among all rules. */
export interface WideRule {
  readonly place: number;
  readonly wishes: readonly Wish[];
}

// A row of a list: the rank of a rule and the masks of what it asks for, so that most rules are left without a look at them.
const SOURCE = 1;
const DESTINATION = 2;
const ROW = 3;

/** The lists. Rules have ranks: the greater the best score that one can have, the lower; then by place. */
export class WideRules {
  readonly #places: Int32Array;
  /** By rank: the best score that the rule can have. */
  readonly #mostPoints: Float64Array;
  /** By rank: where its wishes begin in `#wishes`. */
  readonly #starts: Int32Array;
  /** Wishes one after the other, as `writeWishes()` has them. */
  readonly #wishes: Int32Array;
  /** By level and key: the rows, by rank. */
  readonly #lists: readonly (NumberList | undefined)[][];
  /** The masks of all rows. */
  #sourceMask = 0;
  #destinationMask = 0;

  constructor(rules: readonly WideRule[], levels: readonly Level[], sides: readonly Side[]) {
    const ranked = rules
      .map((rule) => ({ ...rule, most: mostPoints(rule.wishes, levels) }))
      .sort((one, other) => other.most - one.most || one.place - other.place);
    this.#places = Int32Array.from(ranked, ({ place }) => place);
    this.#mostPoints = Float64Array.from(ranked, ({ most }) => most);
    const counts = countAtoms(rules, levels.length);
    const byRarity = ranked.map(({ wishes }) => groupsByRarity(wishes, counts));
    const written = new NumberList();
    // The group that a rule is listed under matches, so it is checked last.
    this.#starts = Int32Array.from(byRarity, ([first = [], ...others]) =>
      writeWishes([...others.flat(), ...first], written),
    );
    this.#wishes = written.toArray();
    this.#lists = levels.map(() => []);
    for (const [rank, [first = [], ...others]] of byRarity.entries()) {
      const wishes = [...first, ...others.flat()];
      const source = sideMask(wishes, sides, 'source');
      const destination = sideMask(wishes, sides, 'destination');
      this.#sourceMask |= source;
      this.#destinationMask |= destination;
      for (const { level, atoms } of first) {
        const lists = this.#lists[level] ?? [];
        for (const atom of atoms)
          (lists[atom + 1] ??= new NumberList()).push(rank, source, destination);
      }
    }
  }

  /** Finds the best rules for what `atoms` has. */
  search(atoms: QuestionAtoms, best: BestRules): void {
    if ((this.#sourceMask & atoms.sourceMask) === 0) return;
    if ((this.#destinationMask & atoms.destinationMask) === 0) return;
    for (const [level, lists] of this.#lists.entries()) {
      const found = atoms.levels[level];
      if (found === undefined || lists.length === 0) continue;
      for (let index = 0; index < found.count; index++) {
        const list = lists[found.keys[index] ?? 0];
        if (list !== undefined) this.#searchList(list, atoms, best);
      }
    }
  }

  #searchList(list: NumberList, atoms: QuestionAtoms, best: BestRules): void {
    const { sourceMask, destinationMask } = atoms;
    let end = this.#firstLoser(best);
    for (let row = 0; row < list.length; row += ROW) {
      const rank = list.at(row);
      if (rank >= end) return;
      if ((list.at(row + SOURCE) & sourceMask) === 0) continue;
      if ((list.at(row + DESTINATION) & destinationMask) === 0) continue;
      const score = this.#scoreOf(rank, atoms);
      if (score === NONE) continue;
      best.keep(this.#places[rank] ?? NONE, score);
      end = this.#firstLoser(best);
    }
  }

  /** The lowest rank of those that cannot win. */
  #firstLoser(best: BestRules): number {
    let high = this.#places.length;
    let low = best.score === NONE ? high : 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#cannotWin(middle, best)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Whether neither the rule with a rank nor any that comes after it can be among the best. */
  #cannotWin(rank: number, best: BestRules): boolean {
    const most = this.#mostPoints[rank] ?? 0;
    if (most !== best.score) return most < best.score;
    return best.second !== NONE && best.second <= (this.#places[rank] ?? 0);
  }

  /** The score of a rule; NONE if it does not match. */
  #scoreOf(rank: number, atoms: QuestionAtoms): number {
    const numbers = this.#wishes;
    let score = 0;
    let ofGroup = 0;
    let at = this.#starts[rank] ?? 0;
    for (let isLast = 0; isLast !== END_OF_RULE;) {
      const level = numbers[at] ?? 0;
      isLast = numbers[at + 1] ?? END_OF_RULE;
      const end = at + HEAD + (numbers[at + 2] ?? 0);
      ofGroup += bestPoints(atoms.levels[level], numbers, at + HEAD, end);
      at = end;
      if (isLast === IN_GROUP) continue;
      if (ofGroup === 0) return NONE;
      score += ofGroup;
      ofGroup = 0;
    }
    return score;
  }
}

// A wish: level, what comes after it, how many keys, the keys in ascending order.
const HEAD = 3;
const IN_GROUP = 0; // another wish of the same group
const END_OF_GROUP = 1;
const END_OF_RULE = 2;

/** Adds the wishes of a rule to a list. @returns where they begin. */
function writeWishes(wishes: readonly Wish[], written: NumberList): number {
  const start = written.length;
  for (const [index, { group, level, atoms }] of wishes.entries()) {
    const next = wishes[index + 1]?.group;
    const last = next === undefined ? END_OF_RULE : next === group ? IN_GROUP : END_OF_GROUP;
    const keys = atoms.map((atom) => atom + 1).sort((one, other) => one - other);
    written.push(level, last, keys.length, ...keys);
  }
  return start;
}

/** The points of the best key of a question that is among keys in ascending order; 0 if none is. */
function bestPoints(
  found: FoundKeys | undefined,
  keys: Int32Array,
  from: number,
  end: number,
): number {
  if (found === undefined) return 0;
  for (let index = 0; index < found.count; index++)
    if (includes(keys, found.keys[index] ?? 0, from, end)) return found.points[index] ?? 0;
  return 0;
}

function includes(keys: Int32Array, wanted: number, from: number, end: number): boolean {
  let low = from;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low < end && keys[low] === wanted;
}

function mostPoints(wishes: readonly Wish[], levels: readonly Level[]): number {
  let sum = 0;
  for (const { level, atoms } of wishes) {
    let most = 0;
    for (const atom of atoms) most = Math.max(most, levels[level]?.condition.pointsOf(atom) ?? 0);
    sum += most;
  }
  return sum;
}

function sideMask(wishes: readonly Wish[], sides: readonly Side[], side: Side): number {
  let mask = 0;
  for (const { level, atoms } of wishes)
    if (sides[level] === side) for (const atom of atoms) mask |= maskOf(level, atom + 1);
  return mask === 0 ? ASKS_NOTHING : mask;
}

/** By level and atom: how many rules ask for it. */
function countAtoms(rules: readonly WideRule[], depth: number): readonly number[][] {
  const counts = Array.from({ length: depth }, (): number[] => []);
  for (const { wishes } of rules)
    for (const { level, atoms } of wishes) {
      const ofLevel = counts[level] ?? [];
      for (const atom of atoms) ofLevel[atom] = (ofLevel[atom] ?? 0) + 1;
    }
  return counts;
}

/** The wishes by groups, those first whose most wanted atom is wanted by the fewest rules: their lists are short. */
function groupsByRarity(
  wishes: readonly Wish[],
  counts: readonly number[][],
): readonly (readonly Wish[])[] {
  const groups = new Map<Group, { readonly wishes: Wish[]; most: number }>();
  for (const wish of wishes) {
    const group = groups.get(wish.group) ?? { wishes: [], most: 0 };
    groups.set(wish.group, group);
    group.wishes.push(wish);
    for (const atom of wish.atoms)
      group.most = Math.max(group.most, counts[wish.level]?.[atom] ?? 0);
  }
  const sorted = [...groups.values()].sort((one, other) => one.most - other.most);
  return sorted.map((group) => group.wishes);
}
