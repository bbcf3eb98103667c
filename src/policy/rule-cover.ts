// Rules that can never win: whatever packet they match, another rule matches it too and is preferred. Each is a rule that
// its author believes in and that does nothing. What is reported is sure; not every such rule is found.

import type { Subnet } from '../address/subnet.ts';
import type { AtomFinder } from './atom-finder.ts';
import type { NumberedRule } from './number-rules.ts';
import type { Question } from './question-atoms.ts';
import { SubnetCondition, ZoneCondition } from './rule-conditions.ts';
import type { Entry } from './rule-entries.ts';
import { countEntries, entriesOf, wishesOf } from './rule-entries.ts';
import { RuleIndex } from './rule-index.ts';
import type { Level } from './rule-levels.ts';
import type { Zone } from './zone.ts';
import { isWithin } from './zone.ts';

/** A rule that never wins, and the rules that win in its place. */
export interface CoveredRule extends NumberedRule {
  readonly coveredBy: readonly NumberedRule[];
}

/** Combinations of alternatives of one rule; rules with more are not judged, so that a check takes seconds at most. */
export const MAX_JUDGED_ENTRIES = 1024;

/**
 * The rules that never win. Every combination of the alternatives of such a rule - an entry - is covered: another rule
 * matches all its packets with a greater score, or the same and a lower id. That the best entry which a packet meets has
 * the score of the rule makes this enough. `zones` are all zones of the policy.
 */
export function rulesThatNeverWin(
  rules: readonly NumberedRule[],
  zones: readonly Zone[],
): readonly CoveredRule[] {
  const index = new RuleIndex(rules);
  const addresses = new ZoneAddresses(zones);
  return index.rules.flatMap((numbered): readonly CoveredRule[] => {
    const coveredBy = coveringRules(numbered, index, addresses);
    return coveredBy === undefined ? [] : [{ ...numbered, coveredBy }];
  });
}

/** The rules that cover a rule, by ascending id; undefined if it can win, or may be able to. */
function coveringRules(
  { id, rule }: NumberedRule,
  index: RuleIndex,
  addresses: ZoneAddresses,
): readonly NumberedRule[] | undefined {
  const wishes = wishesOf(rule, index.levels);
  if (countEntries(wishes) > MAX_JUDGED_ENTRIES) return undefined;
  const covering = new Map<number, NumberedRule>();
  for (const entry of entriesOf(wishes, index.levels.length)) {
    const question = new EntryQuestion(entry, index.levels, addresses);
    const best = index.bestFor(question);
    if (best === undefined) return undefined;
    if (best.id !== id) covering.set(best.id, { id: best.id, rule: best.rule });
    // Where the rule itself has a better entry for all these packets, that one is what has to be covered.
    else if (best.score === question.score) return undefined;
  }
  return [...covering.values()].sort((one, other) => one.id - other.id);
}

/** All packets that meet an entry as a question: it has the atoms that each of them has. */
class EntryQuestion implements Question {
  readonly #entry: Entry;
  readonly #levels: readonly Level[];
  readonly #addresses: ZoneAddresses;

  constructor(entry: Entry, levels: readonly Level[], addresses: ZoneAddresses) {
    this.#entry = entry;
    this.#levels = levels;
    this.#addresses = addresses;
  }

  /** The score that the entry gives its rule. */
  get score(): number {
    return this.#levels.reduce((sum, { condition }, level) => {
      const atom = this.#atom(level);
      let most = 0;
      const finder = { found: (_: number, points: number) => (most = Math.max(most, points)) };
      if (atom !== undefined) condition.findWider(atom, finder);
      return sum + most;
    }, 0);
  }

  find(level: number, finder: AtomFinder): void {
    const condition = this.#levels[level]?.condition;
    const atom = this.#atom(level);
    if (condition === undefined) return;
    if (atom !== undefined) condition.findWider(atom, finder);
    else if (condition instanceof SubnetCondition)
      condition.findAround(this.#subnetsOfZone(level), finder);
  }

  #atom(level: number): number | undefined {
    const atom = this.#entry[level] ?? 0;
    return atom === 0 ? undefined : atom - 1;
  }

  /** The subnets that have all addresses of the zone on the same side as a level; none where that is not known. */
  #subnetsOfZone(level: number): readonly Subnet[] {
    const group = this.#levels[level]?.group;
    for (const [place, { condition, group: other }] of this.#levels.entries()) {
      const atom = this.#atom(place);
      if (other !== group || atom === undefined || !(condition instanceof ZoneCondition)) continue;
      const zone = condition.zoneOf(atom);
      if (zone !== undefined) return this.#addresses.of(zone);
    }
    return [];
  }
}

/** The subnets of zones with all zones below them: a rule for a zone is for those, too. */
class ZoneAddresses {
  readonly #zones: readonly Zone[];
  readonly #known = new Map<Zone, readonly Subnet[]>();

  constructor(zones: readonly Zone[]) {
    this.#zones = zones;
  }

  /** The subnets in which all addresses of a zone are; none where nobody can say. */
  of(zone: Zone): readonly Subnet[] {
    const known = this.#known.get(zone);
    if (known !== undefined) return known;
    const family = this.#zones.filter((one) => isWithin(one, zone));
    const subnets = family.every(hasFixedAddresses) ? family.flatMap((one) => one.subnets) : [];
    this.#known.set(zone, subnets);
    return subnets;
  }
}

/** The addresses of host names are those that DNS gives at the time of a packet. */
function hasFixedAddresses(zone: Zone): boolean {
  return zone.hostnames.length === 0;
}
