// Access control: which services may leave the zone of the client and enter the zone of the server.

import type { Refusal } from '../proxy/engine.ts';
import type { Policy } from './policy.ts';
import type { AnyService, Service } from './service.ts';
import type { TraceStep } from './trace.ts';
import type { Zone } from './zone.ts';

/** Which list of a zone is asked. */
export type Direction = 'outbound' | 'inbound';

/** May this service leave or enter this zone? */
export interface AccessQuestion {
  readonly direction: Direction;
  readonly zone: Zone;
  readonly service: AnyService;
}

/**
 * Asks the lists of a zone: a declared list always binds, one that is not declared inherits from the parent (unless the
 * zone is an umbrella), and in the end nothing is permitted.
 * @returns the refusal; undefined if the service is permitted.
 */
export function checkAccess(
  policy: Policy,
  question: AccessQuestion,
  trace: TraceStep[],
): Refusal | undefined {
  const { direction, zone, service } = question;
  const check = direction === 'outbound' ? 'outbound-services' : 'inbound-services';
  for (let subject: Zone | undefined = zone; subject !== undefined; subject = subject.parent) {
    const list = policy.lists.get(subject)?.[direction];
    if (list?.has(service) === true || list?.has('*') === true) {
      trace.push({ check, outcome: 'passed', subject, because: 'its list permits the service' });
      return undefined;
    }
    const because = whyRefused(subject, list !== undefined);
    if (because !== undefined) {
      trace.push({ check, outcome: 'refused', subject, because });
      return refusal(question);
    }
    trace.push({ check, outcome: 'inherited', subject, because: 'it declares no list' });
  }
  return refusal(question);
}

/** Why the search ends at a zone whose list does not permit the service; undefined: it goes on at the parent. */
function whyRefused(zone: Zone, isDeclared: boolean): string | undefined {
  if (isDeclared) return 'its list does not name the service';
  if (zone.isUmbrella) return 'it declares no list, and an umbrella zone inherits none';
  return zone.parent === undefined ? 'it declares no list, and there is no parent' : undefined;
}

function refusal({ direction, zone, service }: AccessQuestion): Refusal {
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
  const check = 'target-zones';
  for (let subject: Zone | undefined = zone; subject !== undefined; subject = subject.parent) {
    if (!limit.has(subject)) continue;
    trace.push({ check, outcome: 'passed', subject, because: 'the service is limited to it' });
    return undefined;
  }
  const because = 'it is limited to zones that the server is not in';
  trace.push({ check, outcome: 'refused', subject: service, because });
  const message = `Service ${service.name} may not reach servers in zone ${zone.name}`;
  return { reason: 'access.target-zones', verdict: 'denied-by-policy', message };
}
