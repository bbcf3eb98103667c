// Zones by host name: which zone has which address now.

import type { IpAddress } from '../address/ip-address.ts';
import { Subnet } from '../address/subnet.ts';
import { SubnetTree } from '../address/subnet-tree.ts';
import { HostAddress } from './host-address.ts';
import type { Resolver } from './resolver.ts';
import { lookUpInTable } from './resolver.ts';
import type { Zone } from './zone.ts';

/** The addresses of host names, by host name in lower case. */
export type HostAddresses = ReadonlyMap<string, readonly IpAddress[]>;

/** An address of a host name that is in no zone for it. */
export interface DroppedAddress {
  readonly host: string;
  readonly address: IpAddress;
  /** Why, as a constant text. */
  readonly because: string;
}

/** The zones of the addresses that host names have now. */
export interface HostZones {
  readonly tree: SubnetTree<HostAddress>;
  readonly dropped: readonly DroppedAddress[];
}

/** The part of a policy that says which hosts belong to which zone. */
export interface HostNames {
  /** Zones by host name, in the order of the policy. */
  readonly hostnames: ReadonlyMap<string, Zone>;
  /** Zones by subnet. */
  readonly zoneTree: SubnetTree<Zone>;
}

/**
 * The zones of these addresses; undefined where no zone has host names. An address that stands as a subnet of its own in
 * some zone stays there; one that hosts of two zones have is in neither by its name, rather than in one by chance
 * (as in the original).
 */
export function hostZonesOf(policy: HostNames, addresses: HostAddresses): HostZones | undefined {
  if (policy.hostnames.size === 0) return undefined;
  const claims = claimsOf(policy, addresses);
  const tree = new SubnetTree<HostAddress>();
  const dropped: DroppedAddress[] = [];
  for (const claimants of claims.values()) {
    const [first, ...others] = claimants;
    if (first === undefined) continue;
    const subnet = new Subnet(first.address);
    const because = whyDropped(policy, subnet, first.zone, others);
    if (because === undefined) tree.insert(subnet, first);
    else for (const { host, address } of claimants) dropped.push({ host, address, because });
  }
  return Object.freeze({ tree, dropped });
}

/** Who has which address, in the order of the policy. */
function claimsOf(
  { hostnames }: HostNames,
  addresses: HostAddresses,
): ReadonlyMap<string, readonly HostAddress[]> {
  const claims = new Map<string, HostAddress[]>();
  for (const [host, zone] of hostnames)
    for (const given of addresses.get(host) ?? []) {
      const address = given.unmapped();
      const claim = new HostAddress(zone, host, address);
      const others = claims.get(String(address));
      if (others === undefined) claims.set(String(address), [claim]);
      else others.push(claim);
    }
  return claims;
}

function whyDropped(
  { zoneTree }: HostNames,
  subnet: Subnet,
  zone: Zone,
  others: readonly HostAddress[],
): string | undefined {
  if (zoneTree.lookupSubnet(subnet) !== undefined) return 'a zone has it as a subnet';
  return others.some((other) => other.zone !== zone)
    ? 'hosts of other zones have it too'
    : undefined;
}

/** The addresses that are known without asking anybody: those of a fixed table. */
export function tableAddresses(hosts: Iterable<string>, resolver: Resolver): HostAddresses {
  if (resolver.type !== 'hash') return new Map();
  return new Map([...hosts].map((host) => [host, lookUpInTable(resolver, host)]));
}
