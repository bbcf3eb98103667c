// What definePolicy checks of zones: names, subnets, and that everything refers only to zones of the policy.

import { SubnetTree } from '../address/subnet-tree.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { showValue } from '../proxy/policy-fault.ts';
import { showSource, sourceOf } from '../proxy/source-location.ts';
import { isKind } from './fields.ts';
import type { Listener } from './make-listener.ts';
import type { PolicyFaults } from './policy-faults.ts';
import { Claims } from './policy-faults.ts';
import type { Resolver } from './resolver.ts';
import { dnsResolver } from './resolver.ts';
import type { Zone } from './zone.ts';
import { ancestry } from './zone.ts';

/** The zones of a policy. */
export function checkZones(given: unknown, faults: PolicyFaults): readonly Zone[] {
  const cure = 'give a list of zones made by zone(), not copies of them';
  const members = faults.members(given, { path: 'zones', kinds: ['zone'], cure });
  const zones = [...members] as Zone[];
  const known = new Set(zones);
  const names = new Claims<Zone>(faults);
  for (const zone of zones) {
    faults.collect(zone);
    names.claim(zone.name, zone);
    for (const ancestor of ancestry(zone))
      if (!known.has(ancestor)) faults.add(zone, missingZone('parent', ancestor));
  }
  return Object.freeze(zones);
}

/** Every zone that a line names must be in the policy: its subnets would count for nothing, and the line never fit. */
export function checkLines(
  listener: Listener,
  known: ReadonlySet<Zone>,
  faults: PolicyFaults,
): void {
  for (const [index, line] of listener.choices.entries()) {
    const zones = { from: line.from, to: line.to };
    for (const [side, zone] of Object.entries(zones))
      if (zone !== '*' && !known.has(zone))
        faults.add(listener, missingZone(`services[${String(index)}].${side}`, zone));
  }
  for (const [index, one] of (listener.proxyProtocol?.from ?? []).entries())
    if ('kind' in one && !known.has(one))
      faults.add(listener, missingZone(`proxyProtocol.from[${String(index)}]`, one));
}

/** A zone that something asks for, and that the policy does not have. */
export function missingZone(path: string, zone: Zone): Fault {
  return { path, value: showValue(zone), cure: 'add this zone to the zones of definePolicy' };
}

/** The zones by host name. A name in two zones would be in neither, because they would have the same addresses. */
export function hostnamesOf(
  zones: readonly Zone[],
  faults: PolicyFaults,
): ReadonlyMap<string, Zone> {
  const owners = new Map<string, Zone>();
  for (const zone of zones)
    for (const [index, host] of zone.hostnames.entries()) {
      const owner = owners.get(host);
      if (owner === undefined) owners.set(host, zone);
      else if (owner !== zone) faults.add(zone, takenName(index, host, owner));
    }
  return owners;
}

function takenName(index: number, host: string, owner: Zone): Fault {
  const place = `zone ${showValue(owner)} at ${showSource(sourceOf(owner))}`;
  const cure = `remove one of the two: ${place} has the same host name`;
  return { path: `hostnames[${String(index)}]`, value: showValue(host), cure };
}

/** Who tells the addresses of host names. A table that lacks one of them would never know better. */
export function checkZoneResolver(
  given: unknown,
  hostnames: ReadonlyMap<string, Zone>,
  faults: PolicyFaults,
): Resolver {
  if (given === undefined) return DEFAULT_RESOLVER;
  if (!isResolver(given)) {
    const cure = 'give a resolver, such as dnsResolver()';
    faults.addPolicy({ path: 'zoneResolver', value: showValue(given), cure });
    return DEFAULT_RESOLVER;
  }
  faults.collect(given);
  if (given.type === 'hash')
    for (const [host, zone] of hostnames)
      if (!given.mapping.has(host)) faults.add(zone, notInTable(zone, host));
  return given;
}

const DEFAULT_RESOLVER = dnsResolver();

function isResolver(value: unknown): value is Resolver {
  return isKind(value, ['resolver']);
}

function notInTable(zone: Zone, host: string): Fault {
  const path = `hostnames[${String(zone.hostnames.indexOf(host))}]`;
  const cure = 'add it to the mapping of the zoneResolver, which is a table without it';
  return { path, value: showValue(host), cure };
}

/** The zones by subnet. The same subnet twice, host bits aside, would leave it to chance which zone an address has. */
export function treeOf(zones: readonly Zone[], faults: PolicyFaults): SubnetTree<Zone> {
  const tree = new SubnetTree<Zone>();
  for (const zone of zones)
    for (const [index, subnet] of zone.subnets.entries()) {
      const owner = tree.insert(subnet, zone);
      if (owner !== undefined) faults.add(zone, taken(index, zone, owner));
    }
  return tree;
}

function taken(index: number, zone: Zone, owner: Zone): Fault {
  const place = `zone ${showValue(owner)} at ${showSource(sourceOf(owner))}`;
  const cure = `remove one of the two: ${owner === zone ? 'this zone' : place} has the same subnet`;
  const value = showValue(String(zone.subnets[index]));
  return { path: `subnets[${String(index)}]`, value, cure };
}
