// An independent model of the choice among rules: every rule is asked, and scores are lists of numbers (reference: matching
// semantics, scoring).

import type { IpAddress } from '../../src/address/ip-address.ts';
import type { SocketAddress } from '../../src/address/socket-address.ts';
import type { Subnet } from '../../src/address/subnet.ts';
import type { IncomingInterface } from '../../src/policy/packet.ts';
import type { Policy } from '../../src/policy/policy.ts';
import type { Rule } from '../../src/policy/rule.ts';
import type { Zone } from '../../src/policy/zone.ts';

/** A TCP connection as rules see it. */
export interface NaivePacket {
  readonly client: SocketAddress;
  readonly local: SocketAddress;
  readonly clientZones: readonly Zone[];
  readonly localZones: readonly Zone[];
  readonly incoming: IncomingInterface | undefined;
}

/** The rule that wins, and a rule that is as specific. */
export interface NaiveMatch {
  readonly id: number;
  readonly rule: Rule;
  readonly tiedWith: number | undefined;
}

const TCP = 6;
const NO_MATCH = 'no match';
type Elements = readonly number[] | typeof NO_MATCH;

/** The rule that wins; of equals the one with the lowest id. */
export function naiveRule(policy: Policy, packet: NaivePacket): NaiveMatch | undefined {
  const matches = policy.rules.flatMap(({ id, rule }) => {
    const score = scoreOf(rule, packet);
    return score === NO_MATCH ? [] : [{ id, rule, score }];
  });
  matches.sort((one, other) => compare(other.score, one.score) || one.id - other.id);
  const [first, second] = matches;
  if (first === undefined) return undefined;
  const isTie = second !== undefined && compare(first.score, second.score) === 0;
  return { id: first.id, rule: first.rule, tiedWith: isTie ? second.id : undefined };
}

function compare(one: readonly number[], other: readonly number[]): number {
  const place = one.findIndex((element, index) => element !== other[index]);
  return place === -1 ? 0 : (one[place] ?? 0) - (other[place] ?? 0);
}

/** The elements in the order in which they are compared. */
function scoreOf(rule: Rule, packet: NaivePacket): Elements {
  const elements: number[] = [];
  for (const group of [incoming, protocol, ports, source, destination]) {
    const part = group(rule, packet);
    if (part === NO_MATCH) return NO_MATCH;
    elements.push(...part);
  }
  return elements;
}

function incoming(rule: Rule, { incoming: from }: NaivePacket): Elements {
  const { requestIds, interfaces, interfaceGroups } = rule;
  if (requestIds.length + interfaces.length + interfaceGroups.length === 0) return [0];
  if (from === undefined) return NO_MATCH;
  const points =
    (interfaceGroups.includes(from.group) ? 1 : 0) + (interfaces.includes(from.name) ? 2 : 0);
  return points === 0 ? NO_MATCH : [points]; // no connection has a request id here
}

/** TCP has neither types nor codes. */
function protocol({ protocols, icmpTypes, icmpCodes }: Rule): Elements {
  if (icmpTypes.length + icmpCodes.length > 0) return NO_MATCH;
  if (protocols.length === 0) return [0];
  return protocols.includes(TCP) ? [1] : NO_MATCH;
}

function ports(rule: Rule, { client, local }: NaivePacket): Elements {
  const points = [portOf(rule.sourcePorts, client.port), portOf(rule.ports, local.port)];
  return points.includes(-1) ? NO_MATCH : points;
}

function portOf(set: Rule['ports'], port: number): number {
  if (set === undefined) return 0;
  const having = set.ranges.filter(({ low, high }) => low <= port && port <= high);
  if (having.length === 0) return -1;
  return having.some(({ low, high }) => low === high) ? 2 : 1;
}

function source(rule: Rule, { client, clientZones }: NaivePacket): Elements {
  if (rule.sourceSubnets.length + rule.from.length === 0) return [0, 0];
  return oneOf([longest(rule.sourceSubnets, client.address), deepest(rule.from, clientZones)]);
}

function destination(rule: Rule, packet: NaivePacket): Elements {
  const { destinationSubnets, destinationInterfaces: names, destinationInterfaceGroups } = rule;
  const given = [destinationSubnets, names, destinationInterfaceGroups, rule.to];
  if (given.every((members) => members.length === 0)) return [0, 0, 0];
  return oneOf([
    longest(destinationSubnets, packet.local.address),
    ownInterface(rule, packet),
    deepest(rule.to, packet.localZones),
  ]);
}

/** The destination must be a local address of the incoming interface. */
function ownInterface(rule: Rule, { incoming: from, local }: NaivePacket): number {
  if (from?.addresses.some((one) => one.equals(local.address)) !== true) return 0;
  const byName = rule.destinationInterfaces.includes(from.name) ? 2 : 0;
  return byName + (rule.destinationInterfaceGroups.includes(from.group) ? 1 : 0);
}

function oneOf(points: readonly number[]): Elements {
  return points.every((one) => one === 0) ? NO_MATCH : points;
}

function longest(subnets: readonly Subnet[], address: IpAddress): number {
  const lengths = subnets
    .filter((subnet) => subnet.contains(address))
    .map((subnet) => subnet.prefixLength + 1);
  return Math.max(0, ...lengths);
}

/** `family` is the zone of the packet and all above it, so that the depth of each is how many follow. */
function deepest(zones: readonly Zone[], family: readonly Zone[]): number {
  const depths = family.map((zone, index) => (zones.includes(zone) ? family.length - index : 0));
  return Math.max(0, ...depths);
}
