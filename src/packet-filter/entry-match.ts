// An entry of a rule as the expressions of nft that a packet of one family must meet.

import type { AddressFamily } from '../address/ip-address.ts';
import { PortSet } from '../address/port-range.ts';
import type { Subnet } from '../address/subnet.ts';
import type { AddressSets } from './address-sets.ts';
import type { Json, JsonObject } from './nft-json.ts';
import { match, matchOne, meta, payload, transportBits } from './nft-json.ts';
import type { Demand, ScoredEntry } from './scored-entry.ts';

/** The expressions of an entry; undefined if no packet of the family can meet it. */
export function matchesOf(
  { demands }: ScoredEntry,
  family: AddressFamily,
  sets: AddressSets,
): readonly JsonObject[] | undefined {
  const all: JsonObject[] = [];
  for (const demand of demands) {
    const expressions = matchesOfDemand(demand, family, sets);
    if (expressions === undefined) return undefined;
    all.push(...expressions);
  }
  return all;
}

/** The address of a packet at one of its ends. */
export function addressField(end: 'saddr' | 'daddr', family: AddressFamily): JsonObject {
  return payload(family === 'ipv4' ? 'ip' : 'ip6', end);
}

function matchesOfDemand(
  demand: Demand,
  family: AddressFamily,
  sets: AddressSets,
): readonly JsonObject[] | undefined {
  switch (demand.kind) {
    case 'sourceSubnets':
      return matchSubnets(addressField('saddr', family), demand.values, family);
    case 'destinationSubnets':
      return matchSubnets(addressField('daddr', family), demand.values, family);
    case 'from':
      return matchSet(addressField('saddr', family), sets.below(demand.values, family));
    case 'to':
      return matchSet(addressField('daddr', family), sets.below(demand.values, family));
    case 'sourcePorts':
      return [matchPorts('sport', demand.values)];
    case 'ports':
      return [matchPorts('dport', demand.values)];
    default: {
      const value = matchOne(FIELDS[demand.kind], unique<Json>(demand.values));
      return OF_OWN_ADDRESS.has(demand.kind) ? [OWN_ADDRESS, value] : [value];
    }
  }
}

/** What of a packet is compared for the kinds whose values are listed as they are. */
const FIELDS = {
  requestIds: { ipsec: { key: 'reqid', dir: 'in', spnum: 0 } },
  interfaces: meta('iifname'),
  interfaceGroups: meta('iifgroup'),
  destinationInterfaces: meta('iifname'),
  destinationInterfaceGroups: meta('iifgroup'),
  protocols: meta('l4proto'),
  icmpTypes: transportBits(0, 8),
  icmpCodes: transportBits(8, 8),
};

/** The destination is an address of the interface by which the packet comes. */
const OWN_ADDRESS = match({ fib: { result: 'type', flags: ['daddr', 'iif'] } }, 'local');

const OF_OWN_ADDRESS: ReadonlySet<string> = new Set([
  'destinationInterfaces',
  'destinationInterfaceGroups',
]);

function unique<Value extends Json>(values: readonly Value[]): readonly Value[] {
  return [...new Set(values)];
}

/** One of some ports. Ranges that overlap, which nft refuses in a set, become one. */
export function matchPorts(
  field: 'sport' | 'dport',
  ranges: readonly { readonly low: number; readonly high: number }[],
): JsonObject {
  const { merged } = new PortSet(ranges.map(({ low, high }) => `${low}-${high}`));
  const values = merged.map(({ low, high }): Json => (low === high ? low : { range: [low, high] }));
  return matchOne(payload('th', field), values);
}

/** One of some subnets of one length; those of the other family do not count. */
function matchSubnets(
  field: JsonObject,
  subnets: readonly Subnet[],
  family: AddressFamily,
): readonly JsonObject[] | undefined {
  const own = subnets.filter(({ network }) => network.family === family);
  if (own.length === 0) return undefined;
  const byText = new Map(own.map((subnet) => [String(subnet), subnetValue(subnet)]));
  return [matchOne(field, [...byText.values()])];
}

/** A subnet as a value of nft. */
export function subnetValue({ network, prefixLength, isHost }: Subnet): Json {
  const addr = network.toString();
  return isHost ? addr : { prefix: { addr, len: prefixLength } };
}

function matchSet(field: JsonObject, name: string | undefined): readonly JsonObject[] | undefined {
  return name === undefined ? undefined : [match(field, `@${name}`)];
}
