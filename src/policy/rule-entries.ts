// Rules as entries: an entry asks for one key at most on each level, all of which a packet must have. A rule is as many
// entries as its alternatives have combinations; a packet gets the score of the best entry that it meets.

import type { KeyTable } from './key-table.ts';
import type { Rule } from './rule.ts';
import type { Level } from './rule-levels.ts';

/** The keys of an entry, one a level; 0 asks for nothing. */
export type Entry = readonly number[];

/** What a rule asks for on one level. */
interface Wish {
  readonly group: string;
  readonly level: number;
  /** Each is one alternative: a set of atoms of which one is enough. */
  readonly atomSets: readonly (readonly number[])[];
}

/**
 * The entries of a rule. Where more than `most` would be needed, all that it asks for on a level becomes one key, that of
 * the set, beginning where most is asked for; then the packet's keys are more, and the entries fewer.
 */
export function entriesOf(
  rule: Rule,
  levels: readonly Level[],
  tables: readonly KeyTable[],
  most: number,
): readonly Entry[] {
  const keyOf: KeyOf = (level, atoms) => tables[level]?.keyOf(atoms) ?? 0;
  return combinations(shrink(wishesOf(rule, levels), most), levels.length, keyOf);
}

/** The entries of a rule with single atoms in place of keys, counted from 1; undefined if there are more than `most`. */
export function atomsOf(
  rule: Rule,
  levels: readonly Level[],
  most: number,
): readonly Entry[] | undefined {
  const wishes = wishesOf(rule, levels);
  if (countEntries(wishes) > most) return undefined;
  return combinations(wishes, levels.length, (_, [atom = 0]) => atom + 1);
}

type KeyOf = (level: number, atoms: readonly number[]) => number;

function combinations(wishes: readonly Wish[], levels: number, keyOf: KeyOf): readonly Entry[] {
  let entries: readonly Entry[] = [new Array<number>(levels).fill(0)];
  for (const group of new Set(wishes.map((wish) => wish.group))) {
    const alternatives = wishes.filter((wish) => wish.group === group);
    entries = entries.flatMap((entry) => withGroup(entry, alternatives, keyOf));
  }
  return entries;
}

function wishesOf(rule: Rule, levels: readonly Level[]): readonly Wish[] {
  return levels.flatMap(({ group, condition }, level) => {
    const atoms = condition.atomsOf(rule);
    return atoms.length === 0 ? [] : [{ group, level, atomSets: atoms.map((atom) => [atom]) }];
  });
}

function shrink(wishes: readonly Wish[], most: number): readonly Wish[] {
  let shrunk = wishes;
  while (countEntries(shrunk) > most) {
    const widest = shrunk.reduce((one, other) => (width(other) > width(one) ? other : one));
    if (width(widest) === 1) break;
    const asSet = { ...widest, atomSets: [widest.atomSets.flat()] };
    shrunk = shrunk.map((wish) => (wish === widest ? asSet : wish));
  }
  return shrunk;
}

function width({ atomSets }: Wish): number {
  return atomSets.length;
}

function countEntries(wishes: readonly Wish[]): number {
  const choices = new Map<string, number>();
  for (const wish of wishes)
    choices.set(wish.group, (choices.get(wish.group) ?? 1) * (1 + width(wish)));
  return [...choices.values()].reduce((product, count) => product * (count - 1), 1);
}

/** The entry with each choice of a group: at least one of its alternatives, and then all the others or not. */
function withGroup(entry: Entry, alternatives: readonly Wish[], keyOf: KeyOf): readonly Entry[] {
  let chosen: readonly Entry[] = [entry];
  for (const { level, atomSets } of alternatives) {
    const keys = atomSets.map((atoms) => keyOf(level, atoms));
    chosen = chosen.flatMap((one) => [one, ...keys.map((key) => one.with(level, key))]);
  }
  return chosen.slice(1); // the first one chose nothing
}
