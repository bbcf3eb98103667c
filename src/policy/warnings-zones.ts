// Zones that change nothing, and lists of zones that permit nothing.

import type { Subnet } from '../address/subnet.ts';
import type { Direction } from './access.ts';
import type { Policy } from './policy.ts';
import { findZone } from './policy.ts';
import type { Warning } from './warning.ts';
import { called, warn } from './warning.ts';
import type { Zone, ZoneLists } from './zone.ts';
import { ancestry } from './zone.ts';

/** The warnings about zones. */
export function zoneWarnings(policy: Policy): readonly Warning[] {
  const peopled = withAncestors(policy.zones.filter(hasAddresses));
  const parents = withAncestors(
    policy.zones.flatMap(({ parent }) => (parent === undefined ? [] : [parent])),
  );
  const named = namedZones(policy);
  return policy.zones.flatMap((zone): readonly Warning[] => {
    if (!peopled.has(zone)) return [emptyZone(zone)];
    if (isUsed(policy, zone, named) || parents.has(zone)) return emptyLists(policy, zone);
    return [unusedZone(zone)];
  });
}

function hasAddresses({ subnets, hostnames }: Zone): boolean {
  return subnets.length + hostnames.length > 0;
}

function withAncestors(zones: readonly Zone[]): ReadonlySet<Zone> {
  return new Set(zones.flatMap(ancestry));
}

function emptyZone(zone: Zone): Warning {
  return warn('zone.empty', zone, {
    message: `${called(zone)} has no subnets and no host names, nor has a zone below it: no address is ever in it`,
    cure: 'give it subnets or hostnames, or remove it',
  });
}

function unusedZone(zone: Zone): Warning {
  return warn('zone.unused', zone, {
    message: `${called(zone)} changes nothing: no rule, listener or service names it or a server in it, it has no lists of services, and no other zone has its addresses`,
    cure: 'name it, give it lists of services, or remove it',
  });
}

/** The zones that rules, lines of listeners and limits of services name, and those of the servers that routers name. */
function namedZones(policy: Policy): ReadonlySet<Zone | '*' | undefined> {
  const { rules, instances, services, targetZones, guards } = policy;
  const listeners = [...instances.values()].flat();
  const lines = listeners.flatMap(({ choices }) => choices);
  const balancers = listeners.flatMap(({ proxyProtocol }) => proxyProtocol?.from ?? []);
  const servers = services.flatMap((one) =>
    one.kind === 'deny-service' ? [] : one.router.destinations,
  );
  return new Set([
    ...rules.flatMap(({ rule }) => [...rule.from, ...rule.to]),
    ...lines.flatMap(({ from, to }) => [from, to]),
    ...balancers.flatMap((one) => ('kind' in one ? [one] : [])),
    ...[...targetZones.values()].flatMap((zones) => [...zones]),
    ...[...guards.values()].flatMap((zones) => (zones === 'off' ? [] : [...zones])),
    ...servers.map(({ address }) => findZone(policy, address)),
  ]);
}

/**
 * Whether anything would change without a zone: it or one above it is named, has a list or has the server of a service,
 * or it takes addresses out of a wider zone. Host names may take any.
 */
function isUsed(policy: Policy, zone: Zone, named: ReadonlySet<unknown>): boolean {
  const says = (one: Zone): boolean => named.has(one) || hasList(policy.lists.get(one));
  if (ancestry(zone).some(says) || zone.hostnames.length > 0) return true;
  return zone.subnets.some((subnet) => isWithinOther(policy, zone, subnet));
}

function hasList(lists: ZoneLists | undefined): boolean {
  return lists?.outbound !== undefined || lists?.inbound !== undefined;
}

function isWithinOther({ zoneTree }: Policy, zone: Zone, subnet: Subnet): boolean {
  return zoneTree
    .matches(subnet.address)
    .some((match) => match.value !== zone && match.subnet.contains(subnet));
}

/** Lists that permit nothing: where an empty list cuts off an inherited one, it says what it means. */
function emptyLists(policy: Policy, zone: Zone): readonly Warning[] {
  return (['outbound', 'inbound'] as const).flatMap((direction) => {
    const list = policy.lists.get(zone)?.[direction];
    if (list === undefined || permitsSomething(list)) return [];
    const inherited = inheritedList(policy, zone, direction);
    if (inherited !== undefined && permitsSomething(inherited)) return [];
    const what = list.size === 0 ? 'is empty' : 'has only services that refuse';
    const message = `${called(zone)}: ${direction}Services ${what} and permits nothing`;
    return [warn('list.empty', zone, { message, cure: cureOf(policy) })];
  });
}

function permitsSomething(list: NonNullable<ZoneLists['outbound']>): boolean {
  return [...list].some((one) => one === '*' || one.kind !== 'deny-service');
}

/** The list that would count if the zone had none. */
function inheritedList(policy: Policy, zone: Zone, direction: Direction): ZoneLists['outbound'] {
  let next = zone;
  while (!next.isUmbrella && next.parent !== undefined) {
    next = next.parent;
    const list = policy.lists.get(next)?.[direction];
    if (list !== undefined) return list;
  }
  return undefined;
}

function cureOf({ instances }: Policy): string {
  const hasRules = [...instances.values()].flat().some(({ type }) => type === 'rule');
  return hasRules
    ? 'name the services that it permits; or leave it out: then it is for the rules to say, and one that starts a denyService refuses'
    : 'name the services that it permits; or leave it out: a zone without a list permits nothing';
}
