// Access control: which services may leave the zone of the client and enter the zone of the server.

import type { Refusal } from '../proxy/engine.ts';
import type { Policy } from './policy.ts';
import type { AnyService, Service } from './service.ts';
import type { TraceStep } from './trace.ts';
import type { Zone } from './zone.ts';
import { ancestry } from './zone.ts';

/** Which list of a zone is asked. */
export type Direction = 'outbound' | 'inbound';

/**
 * Asks the lists of a zone: a declared list always binds, one that is not declared inherits from the parent (unless the
 * zone is an umbrella), and in the end nothing is permitted.
 * @returns the refusal; undefined if the service is permitted.
 */
export function checkAccess(
  policy: Policy,
  direction: Direction,
  zone: Zone,
  service: AnyService,
  trace: TraceStep[],
): Refusal | undefined {
  const check = direction === 'outbound' ? 'outbound-services' : 'inbound-services';
  for (const candidate of ancestry(zone)) {
    const list = policy.lists.get(candidate)?.[direction];
    if (list !== undefined) {
      const isListed = list.has(service) || list.has('*');
      const outcome = isListed ? 'passed' : 'refused';
      const because = isListed
        ? 'its list permits the service'
        : 'its list does not name the service';
      trace.push({ check, outcome, subject: candidate, because });
      return isListed ? undefined : refusal(direction, zone, service);
    }
    if (candidate.isUmbrella) {
      trace.push({
        check,
        outcome: 'refused',
        subject: candidate,
        because: 'an umbrella zone inherits no list',
      });
      return refusal(direction, zone, service);
    }
    trace.push({ check, outcome: 'inherited', subject: candidate, because: 'it declares no list' });
  }
  trace.push({ check, outcome: 'refused', subject: zone, because: 'no list permits the service' });
  return refusal(direction, zone, service);
}

function refusal(direction: Direction, zone: Zone, service: AnyService): Refusal {
  const message =
    direction === 'outbound'
      ? `Clients in zone ${zone.name} may not use service ${service.name}`
      : `Service ${service.name} may not reach servers in zone ${zone.name}`;
  return { reason: `access.${direction}`, verdict: 'denied-by-policy', message };
}

/** Checks that the server is in one of the zones to which the service is limited, or below one of them. */
export function checkTargetZones(
  policy: Policy,
  zone: Zone,
  service: Service,
  trace: TraceStep[],
): Refusal | undefined {
  const limit = policy.targetZones.get(service);
  if (limit === undefined) return undefined;
  const permitted = ancestry(zone).find((candidate) => limit.has(candidate));
  if (permitted !== undefined) {
    trace.push({
      check: 'target-zones',
      outcome: 'passed',
      subject: permitted,
      because: 'the service is limited to this zone, among others',
    });
    return undefined;
  }
  trace.push({
    check: 'target-zones',
    outcome: 'refused',
    subject: service,
    because: 'the service is not limited to a zone that the server is in',
  });
  const message = `Service ${service.name} may not reach servers in zone ${zone.name}`;
  return { reason: 'access.target-zones', verdict: 'denied-by-policy', message };
}
