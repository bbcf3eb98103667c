// How well a rule fits a packet. Of all rules that match, the one with the greatest score wins: this is what "the most
// specific rule" means, and it compares one thing after the other, never a sum.

import type { IpAddress } from '../address/ip-address.ts';
import type { PortSet } from '../address/port-range.ts';
import type { Subnet } from '../address/subnet.ts';
import { hasPorts, isIcmp } from './ip-protocol.ts';
import type { Packet } from './packet.ts';
import type { Rule } from './rule.ts';
import { depthOf, isWithin } from './zone.ts';
import type { Zone } from './zone.ts';

/**
 * A score: its elements packed into one number, the most significant first, so that the greater score is the greater
 * number. 52 bits, which a number holds exactly; nothing is allocated for a comparison.
 */
export type RuleScore = number;

/** The deepest zone that counts as deeper than its parent: what 12 bits hold. The original had 31. */
export const MAX_ZONE_DEPTH = 4095;

/** What one point of each element is worth in a score, from the least significant to the most. */
export const WEIGHT = {
  /** Depth of the deepest zone that has the destination; that of a zone without parent is 1. */
  toZone: 1,
  /** The destination is an address of an interface of a named group. */
  toInterfaceGroup: 2 ** 12,
  /** The destination is an address of a named interface. */
  toInterface: 2 ** 13,
  /** Prefix length of the longest subnet that has the destination, and 1. */
  toSubnet: 2 ** 14,
  fromZone: 2 ** 22,
  fromSubnet: 2 ** 34,
  /** 1 for a port within a range, 2 for a port that is given by itself. */
  port: 2 ** 42,
  sourcePort: 2 ** 44,
  protocol: 2 ** 46,
  icmpType: 2 ** 47,
  icmpCode: 2 ** 48,
  interfaceGroup: 2 ** 49,
  interface: 2 ** 50,
  requestId: 2 ** 51,
} as const;

const NO_MATCH = -1;

/** The score of a rule for a packet; undefined if the rule does not match. A rule without conditions scores 0. */
export function scoreOf(rule: Rule, packet: Packet): RuleScore | undefined {
  let score = 0;
  for (const judge of [incoming, protocol, ports, source, destination]) {
    const points = judge(rule, packet);
    if (points === NO_MATCH) return undefined;
    score += points;
  }
  return score;
}

/** Below zero if the first score is less, above zero if it is greater, as sort() takes it. */
export function compareScores(one: RuleScore, other: RuleScore): number {
  return one - other;
}

/** A score taken apart: each element as a number, the most significant first. */
export interface ScoreElements {
  readonly interface: number;
  readonly icmpCode: number;
  readonly icmpType: number;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly port: number;
  readonly fromSubnet: number;
  readonly fromZone: number;
  readonly toSubnet: number;
  readonly toInterface: number;
  readonly toZone: number;
}

/** Takes a score apart. */
export function scoreElements(score: RuleScore): ScoreElements {
  const element = (unit: number, limit: number): number => Math.floor(score / unit) % limit;
  const depths = MAX_ZONE_DEPTH + 1;
  return {
    interface: element(WEIGHT.interfaceGroup, 8),
    icmpCode: element(WEIGHT.icmpCode, 2),
    icmpType: element(WEIGHT.icmpType, 2),
    protocol: element(WEIGHT.protocol, 2),
    sourcePort: element(WEIGHT.sourcePort, 4),
    port: element(WEIGHT.port, 4),
    fromSubnet: element(WEIGHT.fromSubnet, 256),
    fromZone: element(WEIGHT.fromZone, depths),
    toSubnet: element(WEIGHT.toSubnet, 256),
    toInterface: element(WEIGHT.toInterfaceGroup, 4),
    toZone: element(WEIGHT.toZone, depths),
  };
}

/**
 * A score as text, the most significant element first:
 * `(iface 2, icmp code 0, icmp type 0, protocol 1, source port 0, port 2, from 25/0, to 0/0/3)`. `from` is subnet and
 * zone; `to` is subnet, interface and zone.
 */
export function showScore(score: RuleScore): string {
  const of = scoreElements(score);
  const elements = [
    `iface ${of.interface}`,
    `icmp code ${of.icmpCode}`,
    `icmp type ${of.icmpType}`,
    `protocol ${of.protocol}`,
    `source port ${of.sourcePort}`,
    `port ${of.port}`,
    `from ${of.fromSubnet}/${of.fromZone}`,
    `to ${of.toSubnet}/${of.toInterface}/${of.toZone}`,
  ];
  return `(${elements.join(', ')})`;
}

/** The points of a zone in a score, for whichever side: its depth, as far as it counts. */
export function zonePoints(zone: Zone): number {
  return Math.min(depthOf(zone), MAX_ZONE_DEPTH);
}

/** Any of the members that a rule has is enough, and all that match count. */
function incoming(rule: Rule, { incoming: from, requestId }: Packet): number {
  const { requestIds, interfaces, interfaceGroups } = rule;
  if (requestIds.length + interfaces.length + interfaceGroups.length === 0) return 0;
  if (from === undefined) return NO_MATCH; // traffic of this machine itself
  let points = 0;
  if (interfaceGroups.includes(from.group)) points += WEIGHT.interfaceGroup;
  if (interfaces.includes(from.name)) points += WEIGHT.interface;
  if (requestId !== undefined && requestIds.includes(requestId)) points += WEIGHT.requestId;
  return points === 0 ? NO_MATCH : points;
}

function protocol(rule: Rule, { protocol: number, icmp }: Packet): number {
  const { protocols, icmpTypes, icmpCodes } = rule;
  const message = isIcmp(number) ? icmp : undefined;
  const points = [
    listed(protocols, number, WEIGHT.protocol),
    listed(icmpTypes, message?.type, WEIGHT.icmpType),
    listed(icmpCodes, message?.code, WEIGHT.icmpCode),
  ];
  return points.includes(NO_MATCH) ? NO_MATCH : points.reduce((sum, one) => sum + one, 0);
}

function listed(list: readonly number[], value: number | undefined, weight: number): number {
  if (list.length === 0) return 0;
  return value !== undefined && list.includes(value) ? weight : NO_MATCH;
}

function ports(rule: Rule, { client, local, protocol: number }: Packet): number {
  if (rule.sourcePorts === undefined && rule.ports === undefined) return 0;
  if (!hasPorts(number)) return NO_MATCH;
  const from = portPoints(rule.sourcePorts, client.port);
  const to = portPoints(rule.ports, local.port);
  if (from === NO_MATCH || to === NO_MATCH) return NO_MATCH;
  return from * WEIGHT.sourcePort + to * WEIGHT.port;
}

/** Exact ports beat ranges; ranges are not compared by size. */
function portPoints(set: PortSet | undefined, port: number): number {
  if (set === undefined) return 0;
  const range = set.find(port);
  if (range === undefined) return NO_MATCH;
  return range.isExact ? 2 : 1;
}

function source(rule: Rule, { client, clientZone }: Packet): number {
  const { sourceSubnets, from } = rule;
  if (sourceSubnets.length + from.length === 0) return 0;
  const points =
    longest(sourceSubnets, client.address) * WEIGHT.fromSubnet +
    deepest(from, clientZone) * WEIGHT.fromZone;
  return points === 0 ? NO_MATCH : points;
}

function destination(rule: Rule, packet: Packet): number {
  const { destinationSubnets, destinationInterfaces, destinationInterfaceGroups, to } = rule;
  const interfaces = destinationInterfaces.length + destinationInterfaceGroups.length;
  if (destinationSubnets.length + interfaces + to.length === 0) return 0;
  const points =
    longest(destinationSubnets, packet.local.address) * WEIGHT.toSubnet +
    (interfaces === 0 ? 0 : localPoints(rule, packet)) +
    deepest(to, packet.destinationZone) * WEIGHT.toZone;
  return points === 0 ? NO_MATCH : points;
}

function localPoints(rule: Rule, packet: Packet): number {
  const own = ownInterface(packet);
  if (own === undefined) return 0;
  const byName = rule.destinationInterfaces.includes(own.name) ? WEIGHT.toInterface : 0;
  const byGroup = rule.destinationInterfaceGroups.includes(own.group) ? WEIGHT.toInterfaceGroup : 0;
  return byName + byGroup;
}

/** The incoming interface, if the destination is one of its own addresses. */
export function ownInterface({ incoming: from, local }: Packet): Packet['incoming'] {
  const isOwn = from?.addresses.some((address) => address.equals(local.address)) === true;
  return isOwn ? from : undefined;
}

function longest(subnets: readonly Subnet[], address: IpAddress): number {
  let points = 0;
  for (const subnet of subnets)
    if (subnet.prefixLength >= points && subnet.contains(address)) points = subnet.prefixLength + 1;
  return points;
}

function deepest(zones: readonly Zone[], zone: Zone | undefined): number {
  let points = 0;
  if (zone === undefined) return points;
  for (const one of zones) if (isWithin(zone, one)) points = Math.max(points, zonePoints(one));
  return points;
}
