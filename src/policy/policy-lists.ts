// Lists that may be given as functions, because zones and services refer to one another: forced and checked once.

import { showValue } from '../proxy/policy-fault.ts';
import type { Lazy } from './fields.ts';
import { force, isKind } from './fields.ts';
import type { GuardOpening } from './guard-options.ts';
import type { PolicyFaults } from './policy-faults.ts';
import type { AnyService, Service } from './service.ts';
import { NO_TARGET_ZONES } from './service.ts';
import type { ServiceList, Zone, ZoneLists } from './zone.ts';
import { LISTED_SERVICES } from './zone.ts';

/** The lists of services of every zone. */
export type ZoneListsByZone = ReadonlyMap<Zone, ZoneLists>;

/** Forces and checks the lists of services of every zone. */
export function checkLists(zones: readonly Zone[], faults: PolicyFaults): ZoneListsByZone {
  const listOf = (
    zone: Zone,
    path: 'outboundServices' | 'inboundServices',
  ): ZoneLists['outbound'] => {
    const list = zone[path];
    if (list === undefined) return undefined;
    const forced = forceList<ServiceList>({ owner: zone, path, list }, faults);
    for (const member of forced)
      if (member !== '*' && !isKind(member, ['service', 'pf-service', 'deny-service']))
        faults.add(zone, { path, value: showValue(member), cure: LISTED_SERVICES });
    return forced;
  };
  const lists = zones.map((zone): [Zone, ZoneLists] => {
    const outbound = listOf(zone, 'outboundServices');
    return [zone, { outbound, inbound: listOf(zone, 'inboundServices') }];
  });
  return new Map(lists);
}

/** The zones to which services are limited. */
export function checkTargetZones(
  services: readonly AnyService[],
  known: ReadonlySet<unknown>,
  faults: PolicyFaults,
): ReadonlyMap<Service, ReadonlySet<Zone>> {
  const targetZones = new Map<Service, ReadonlySet<Zone>>();
  for (const service of services) {
    if (service.kind !== 'service' || service.limitTargetZonesTo === undefined) continue;
    const path = 'limitTargetZonesTo';
    const list = service.limitTargetZonesTo;
    const limit = forceList<readonly Zone[]>({ owner: service, path, list }, faults);
    checkKnown(service, { path, zones: limit, known }, faults);
    if (limit.size === 0) faults.add(service, { path, value: '[]', cure: NO_TARGET_ZONES });
    targetZones.set(service, limit);
  }
  return targetZones;
}

/** What the destination guards of services let through. */
export function checkGuards(
  services: readonly AnyService[],
  known: ReadonlySet<unknown>,
  faults: PolicyFaults,
): ReadonlyMap<Service, GuardOpening> {
  const guards = new Map<Service, GuardOpening>();
  for (const service of services) {
    if (service.kind !== 'service' || service.destinationGuard === undefined) continue;
    if (service.destinationGuard === 'off') {
      guards.set(service, 'off');
      continue;
    }
    const path = 'destinationGuard.permit';
    const list = service.destinationGuard.permit;
    const zones = forceList<readonly Zone[]>({ owner: service, path, list }, faults);
    checkKnown(service, { path, zones, known }, faults);
    guards.set(service, zones);
  }
  return guards;
}

/** Zones that a service names must be in the policy. */
function checkKnown(
  service: Service,
  { path, zones, known }: { path: string; zones: ReadonlySet<Zone>; known: ReadonlySet<unknown> },
  faults: PolicyFaults,
): void {
  const cure = 'give zones that are in the zones of definePolicy';
  for (const zone of zones)
    if (!known.has(zone)) faults.add(service, { path, value: showValue(zone), cure });
}

/** A list, where it stands, and whose it is. */
interface OwnedList<List> {
  readonly owner: object;
  readonly path: string;
  readonly list: Lazy<List>;
}

/** The members of a list. Whatever its function does is a fault of the owner, and the list is empty. */
function forceList<List extends readonly unknown[]>(
  { owner, path, list }: OwnedList<List>,
  faults: PolicyFaults,
): ReadonlySet<List[number]> {
  try {
    const forced: unknown = force(list);
    if (!Array.isArray(forced)) {
      faults.add(owner, { path, value: showValue(forced), cure: 'return a list' });
      return new Set();
    }
    const members = new Set<List[number]>(forced);
    if (members.size < forced.length)
      faults.add(owner, { path, value: showValue(forced), cure: 'name each only once' });
    return members;
  } catch (error) {
    const cure = 'return a list of objects that are made before definePolicy is called';
    faults.add(owner, { path, value: showValue(error), cure });
    return new Set();
  }
}
