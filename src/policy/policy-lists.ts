// Lists that may be given as functions, because zones and services refer to one another: forced and checked once.

import { showValue } from '../proxy/policy-fault.ts';
import type { Lazy } from './fields.ts';
import { force, isKind } from './fields.ts';
import type { Policy, ZoneLists } from './policy.ts';
import type { Faults } from './policy-check.ts';
import { report } from './policy-check.ts';
import type { AnyService, Service } from './service.ts';
import type { ListedService, ServiceList, Zone } from './zone.ts';

/** The lists of services of every zone. */
export function checkLists(
  zones: readonly Zone[],
  services: readonly AnyService[],
  faults: Faults,
): Policy['lists'] {
  const known = new Set<unknown>(services);
  const lists = new Map<Zone, ZoneLists>();
  for (const zone of zones) {
    const outbound = setOf<ServiceList>(zone, 'outboundServices', zone.outboundServices, faults);
    const inbound = setOf<ServiceList>(zone, 'inboundServices', zone.inboundServices, faults);
    lists.set(zone, {
      outbound: onlyKnown(zone, 'outboundServices', outbound, known, faults),
      inbound: onlyKnown(zone, 'inboundServices', inbound, known, faults),
    });
  }
  return lists;
}

/** The zones to which services are limited. */
export function checkTargetZones(
  zones: readonly Zone[],
  services: readonly AnyService[],
  faults: Faults,
): Policy['targetZones'] {
  const known = new Set(zones);
  const targetZones = new Map<Service, ReadonlySet<Zone>>();
  for (const service of services) {
    if (service.kind !== 'service') continue;
    const path = 'limitTargetZonesTo';
    const limit = setOf(service, path, service.limitTargetZonesTo, faults) ?? new Set();
    for (const zone of limit) {
      if (known.has(zone)) continue;
      const cure = 'give zones that are in the zones of definePolicy';
      report(faults, service, { path, value: showValue(zone), cure });
    }
    if (limit.size > 0) targetZones.set(service, limit);
  }
  return targetZones;
}

function setOf<List extends readonly unknown[]>(
  owner: object,
  path: string,
  lazy: Lazy<List> | undefined,
  faults: Faults,
): ReadonlySet<List[number]> | undefined {
  if (lazy === undefined) return undefined;
  const list = forced(owner, path, lazy, faults);
  if (list === undefined) return new Set();
  const members = new Set<List[number]>(list);
  if (members.size < list.length)
    report(faults, owner, { path, value: showValue(list.length), cure: 'name each only once' });
  return members;
}

function forced<List extends readonly unknown[]>(
  owner: object,
  path: string,
  lazy: Lazy<List>,
  faults: Faults,
): List | undefined {
  try {
    const list: unknown = force(lazy);
    if (Array.isArray(list)) return list as unknown as List;
    report(faults, owner, { path, value: showValue(list), cure: 'return a list' });
  } catch (error) {
    const cure = 'return a list of objects that are made before definePolicy is called';
    report(faults, owner, { path, value: showValue(error), cure });
  }
  return undefined;
}

function onlyKnown(
  zone: Zone,
  path: string,
  list: ReadonlySet<ListedService | '*'> | undefined,
  known: ReadonlySet<unknown>,
  faults: Faults,
): ReadonlySet<ListedService | '*'> | undefined {
  for (const member of list ?? []) {
    if (member === '*' || (known.has(member) && isKind(member, ['service', 'deny-service'])))
      continue;
    const cure = 'give services made by service() or denyService(), or "*" for all';
    report(faults, zone, { path, value: showValue(member), cure });
  }
  return list;
}
