// Named sets of the addresses of zones. A zone has what no more specific subnet or host name of another zone takes away;
// host names stand with the addresses that the policy knows when the ruleset is made.

import type { AddressFamily } from '../address/ip-address.ts';
import type { Policy } from '../policy/policy.ts';
import { isWithin } from '../policy/zone.ts';
import type { Zone } from '../policy/zone.ts';
import type { Json, TableCommands } from './nft-json.ts';
import type { AddressRange, ZonedRange } from './zoned-ranges.ts';
import { addressOf, zonedRanges } from './zoned-ranges.ts';

/** Makes the sets that rules ask for, each once. */
export class AddressSets {
  readonly #zones: readonly Zone[];
  readonly #ranges: Readonly<Record<AddressFamily, readonly ZonedRange[]>>;
  readonly #commands: TableCommands;
  /** By family and members. */
  readonly #names = new Map<string, string | undefined>();
  /** By family and the zones that were asked for: thousands of rules ask for the same. */
  readonly #asked = new Map<string, string | undefined>();
  #unnamed = 0;

  constructor(policy: Policy, commands: TableCommands) {
    this.#zones = policy.zones;
    this.#ranges = { ipv4: zonedRanges(policy, 'ipv4'), ipv6: zonedRanges(policy, 'ipv6') };
    this.#commands = commands;
  }

  /** The set of the addresses in some zones and in those below them; undefined if there are none. */
  below(zones: readonly Zone[], family: AddressFamily): string | undefined {
    const key = `${family} ${zones.map(({ name }) => name).join(' ')}`;
    if (!this.#asked.has(key)) this.#asked.set(key, this.#setBelow(zones, family));
    return this.#asked.get(key);
  }

  /** The addresses of the same, ascending; none if there are none. */
  rangesBelow(zones: readonly Zone[], family: AddressFamily): readonly AddressRange[] {
    return joined(
      this.#ranges[family].filter(({ zone }) => zones.some((one) => isWithin(zone, one))),
    );
  }

  #setBelow(zones: readonly Zone[], family: AddressFamily): string | undefined {
    const members = this.#zones.filter((zone) => zones.some((one) => isWithin(zone, one)));
    const names = zones.map(({ name }) => name);
    const [only = '', ...others] = names;
    const wanted = others.length === 0 ? `zone${digitOf(family)}_${only}` : undefined;
    return this.#setOf(members, family, { wanted, comment: `zones ${names.join(', ')} and below` });
  }

  /** The set of the addresses in exactly these zones; undefined if there are none. */
  exactly(members: readonly Zone[], family: AddressFamily, comment: string): string | undefined {
    return this.#setOf(members, family, { wanted: undefined, comment });
  }

  #setOf(
    members: readonly Zone[],
    family: AddressFamily,
    { wanted, comment }: { readonly wanted: string | undefined; readonly comment: string },
  ): string | undefined {
    const set = new Set(members);
    const ids = this.#zones.flatMap((zone, index) => (set.has(zone) ? [index] : []));
    const key = `${family} ${wanted ?? ''} ${ids.join()}`;
    if (this.#names.has(key)) return this.#names.get(key);
    const ranges = joined(this.#ranges[family].filter(({ zone }) => set.has(zone)));
    const name = ranges.length === 0 ? undefined : (wanted ?? this.#nextName(family));
    this.#names.set(key, name);
    const type = family === 'ipv4' ? 'ipv4_addr' : 'ipv6_addr';
    const elements = ranges.map((range) => elementOf(range, family));
    if (name !== undefined) this.#commands.addSet(name, type, elements, comment);
    return name;
  }

  #nextName(family: AddressFamily): string {
    this.#unnamed++;
    return `zones${digitOf(family)}_${this.#unnamed}`;
  }
}

function digitOf(family: AddressFamily): string {
  return family === 'ipv4' ? '4' : '6';
}

/** Ranges that touch become one. */
function joined(ranges: readonly AddressRange[]): readonly AddressRange[] {
  const all: AddressRange[] = [];
  for (const { first, last } of ranges) {
    const before = all.at(-1);
    if (before !== undefined && before.last + 1n === first)
      all[all.length - 1] = { first: before.first, last };
    else all.push({ first, last });
  }
  return all;
}

/** Some addresses as a value of nft. */
export function elementOf({ first, last }: AddressRange, family: AddressFamily): Json {
  const start = addressOf(family, first).toString();
  return first === last ? start : { range: [start, addressOf(family, last).toString()] };
}
