// Rules as entries: an entry asks for one atom at most on each level, all of which a packet must have. A rule is as many
// entries as its alternatives have combinations; a packet gets the score of the best entry that it meets.

import type { Rule } from './rule.ts';
import type { Group, Level } from './rule-levels.ts';

/** The keys of an entry, one a level: atoms counted from 1; 0 asks for nothing. */
export type Entry = readonly number[];

/** What a rule asks for on one level: one of some atoms, or what it asks for on another level of the group. */
export interface Wish {
  readonly group: Group;
  readonly level: number;
  readonly atoms: readonly number[];
}

/** What a rule asks for, by ascending levels. */
export function wishesOf(rule: Rule, levels: readonly Level[]): readonly Wish[] {
  const wishes: Wish[] = [];
  for (const [level, { group, condition }] of levels.entries()) {
    const atoms = condition.atomsOf(rule);
    if (atoms.length > 0) wishes.push({ group, level, atoms });
  }
  return wishes;
}

/** How many entries there are for what a rule asks for. */
export function countEntries(wishes: readonly Wish[]): number {
  const choices = new Map<Group, number>();
  for (const { group, atoms } of wishes)
    choices.set(group, (choices.get(group) ?? 1) * (1 + atoms.length));
  let product = 1;
  for (const count of choices.values()) product *= count - 1;
  return product;
}

/** The entries, over `depth` levels. */
export function entriesOf(wishes: readonly Wish[], depth: number): readonly Entry[] {
  let entries: readonly Entry[] = [new Array<number>(depth).fill(0)];
  for (const group of new Set(wishes.map((wish) => wish.group))) {
    const alternatives = wishes.filter((wish) => wish.group === group);
    entries = entries.flatMap((entry) => withGroup(entry, alternatives));
  }
  return entries;
}

/** The entry with each choice of a group: at least one of its alternatives, and then all the others or not. */
function withGroup(entry: Entry, alternatives: readonly Wish[]): readonly Entry[] {
  let chosen: readonly Entry[] = [entry];
  for (const { level, atoms } of alternatives)
    chosen = chosen.flatMap((one) => [one, ...atoms.map((atom) => one.with(level, atom + 1))]);
  return chosen.slice(1); // the first one chose nothing
}
