// The entries of all rules as chains of nft, best first: one list for each family, with maps where it is long.

import type { AddressFamily } from '../address/ip-address.ts';
import type { BranchKind, EntryStep, RangesOf } from './entry-branches.ts';
import { stepsOf } from './entry-branches.ts';
import { addressField, matchesOf } from './entry-match.ts';
import { elementOf } from './address-sets.ts';
import type { FilterParts } from './filter-parts.ts';
import type { Json, JsonObject } from './nft-json.ts';
import { goTo, jump, payload } from './nft-json.ts';
import type { NumberRange } from './range-cells.ts';
import type { Demand, ScoredEntry } from './scored-entry.ts';
import { rangeOf } from './zoned-ranges.ts';

/** The chain with the entries of a family. */
export function rulesChain(family: AddressFamily): string {
  return `rules_${family}`;
}

/** Adds the entries of a family, which are sorted; `leastRow` is how many in a row are worth a map. */
export function addEntries(
  parts: FilterParts,
  family: AddressFamily,
  entries: readonly ScoredEntry[],
  leastRow?: number,
): void {
  const possible = entries.filter((entry) => matchesOf(entry, family, parts.sets) !== undefined);
  const writer = new ChainWriter(parts, family);
  writer.write(rulesChain(family), stepsOf(possible, rangesOf(parts, family), leastRow));
}

function rangesOf({ sets }: FilterParts, family: AddressFamily): RangesOf {
  return (demand: Demand) => {
    switch (demand.kind) {
      case 'ports':
        return demand.values.map(({ low, high }) => ({ first: BigInt(low), last: BigInt(high) }));
      case 'sourceSubnets':
      case 'destinationSubnets':
        return demand.values
          .filter(({ network }) => network.family === family)
          .map((subnet) => rangeOf(subnet));
      case 'from':
      case 'to':
        return sets.rangesBelow(demand.values, family);
      default:
        return [];
    }
  };
}

class ChainWriter {
  readonly #parts: FilterParts;
  readonly #family: AddressFamily;
  #made = 0;

  constructor(parts: FilterParts, family: AddressFamily) {
    this.#parts = parts;
    this.#family = family;
  }

  write(chain: string, steps: readonly EntryStep[]): void {
    const { commands, sets } = this.#parts;
    commands.addChain(chain);
    for (const step of steps) {
      if (step.kind === 'entry') {
        const matches = matchesOf(step.entry, this.#family, sets) ?? [];
        commands.addRule(chain, [...matches, goTo(`rule_${step.entry.id}`)]);
        continue;
      }
      const lines = step.branches.flatMap(({ ranges, steps: inner }) => {
        this.#made++;
        const branch = `${rulesChain(this.#family)}_${this.#made}`;
        this.write(branch, inner);
        return ranges.map((range): Json => [this.#valueOf(range, step.by), jump(branch)]);
      });
      commands.addRule(chain, [{ vmap: { key: this.#keyOf(step.by), data: { set: lines } } }]);
    }
  }

  #keyOf(by: BranchKind): JsonObject {
    switch (by) {
      case 'ports':
        return payload('th', 'dport');
      case 'sourceSubnets':
      case 'from':
        return addressField('saddr', this.#family);
      case 'destinationSubnets':
      case 'to':
        return addressField('daddr', this.#family);
    }
  }

  #valueOf(range: NumberRange, by: BranchKind): Json {
    if (by !== 'ports') return elementOf(range, this.#family);
    const [low, high] = [Number(range.first), Number(range.last)];
    return low === high ? low : { range: [low, high] };
  }
}
