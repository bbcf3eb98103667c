// The addresses of a family as ranges that do not meet, each with its zone: what longest prefix match comes to.

import type { AddressFamily } from '../address/ip-address.ts';
import { IpAddress } from '../address/ip-address.ts';
import type { Subnet } from '../address/subnet.ts';
import type { Policy } from '../policy/policy.ts';
import type { Zone } from '../policy/zone.ts';

/** Consecutive addresses, as numbers. */
export interface AddressRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** Consecutive addresses of one zone. */
export interface ZonedRange extends AddressRange {
  readonly zone: Zone;
}

/** A subnet, or an address of a host name, and its zone. */
interface Placed extends ZonedRange {
  readonly prefixLength: number;
}

/** The zones of all addresses of a family, ascending. Addresses in no zone are left out. */
export function zonedRanges(policy: Policy, family: AddressFamily): readonly ZonedRange[] {
  const ranges: ZonedRange[] = [];
  const around: Placed[] = [];
  let next = 0n;
  const tellUpTo = (last: bigint): void => {
    const zone = around.at(-1)?.zone;
    if (zone !== undefined && next <= last) ranges.push({ first: next, last, zone });
    next = last + 1n;
  };
  const leaveBefore = (first: bigint | undefined): void => {
    for (let one = around.at(-1); one !== undefined; one = around.at(-1)) {
      if (first !== undefined && one.last >= first) return;
      tellUpTo(one.last);
      around.pop();
    }
  };
  for (const one of placedSubnets(policy, family)) {
    leaveBefore(one.first);
    tellUpTo(one.first - 1n);
    around.push(one);
  }
  leaveBefore(undefined);
  return ranges;
}

/** By ascending addresses; wide ones come before those that they contain. */
function placedSubnets({ zones, hostZones }: Policy, family: AddressFamily): readonly Placed[] {
  const subnets = zones.flatMap((zone) => zone.subnets.map((subnet) => ({ subnet, zone })));
  const hosts = (hostZones?.tree.entries ?? []).map(({ subnet, value }) => ({
    subnet,
    zone: value.zone,
  }));
  return [...subnets, ...hosts]
    .filter(({ subnet }) => subnet.network.family === family)
    .map(({ subnet, zone }) => ({ ...rangeOf(subnet), prefixLength: subnet.prefixLength, zone }))
    .sort(
      (one, other) =>
        Number(one.first > other.first) - Number(one.first < other.first) ||
        one.prefixLength - other.prefixLength,
    );
}

/** The addresses of a subnet. */
export function rangeOf({ network, broadcast }: Subnet): AddressRange {
  return { first: numberOf(network), last: numberOf(broadcast) };
}

/** An address as a number. */
export function numberOf({ words }: IpAddress): bigint {
  return words.reduce((number, word) => (number << 32n) | BigInt(word), 0n);
}

/** The address of a number. */
export function addressOf(family: AddressFamily, number: bigint): IpAddress {
  const places = family === 'ipv4' ? [0n] : [96n, 64n, 32n, 0n];
  return IpAddress.fromWords(
    family,
    places.map((place) => Number((number >> place) & 0xffff_ffffn)),
  );
}
