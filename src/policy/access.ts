// Access control: which services may leave the zone of the client and enter the zone of the server.

import type { Refusal } from '../proxy/engine.ts';
import { refusalFor } from './decision.ts';
import type { Policy } from './policy.ts';
import type { AnyService, Service } from './service.ts';
import type { Check, Trace } from './trace.ts';
import { UNTRACED } from './trace.ts';
import type { Zone, ZoneLists } from './zone.ts';

/** Which list of a zone is asked. */
export type Direction = 'outbound' | 'inbound';

/** May this service leave or enter this zone? */
export interface AccessQuestion {
  readonly direction: Direction;
  /** Undefined: no zone has the address. */
  readonly zone: Zone | undefined;
  readonly service: AnyService;
  readonly startedBy: StartedBy;
}

/** What named the service. A rule says for whom it is, a listener only where it is offered. */
export type StartedBy = 'listener' | 'rule';

/**
 * Asks the lists of a zone: a declared list always binds, one that is not declared inherits from the parent (unless the
 * zone is an umbrella). In the end nothing is permitted to the service of a listener, and to that of a rule what the
 * rule says.
 * @returns the refusal; undefined if the service is permitted.
 */
export function checkAccess(
  policy: Policy,
  question: AccessQuestion,
  trace: Trace,
): Refusal | undefined {
  const { direction, zone, service, startedBy } = question;
  if (zone === undefined) return startedBy === 'rule' ? undefined : UNKNOWN[direction];
  const subject = listOwner(policy, direction, zone, trace);
  const list = listOf(policy, direction, subject);
  const isPermitted = isListed(list, service) ?? startedBy === 'rule';
  const outcome = isPermitted ? 'passed' : 'refused';
  const because = list === undefined ? whyNoList(subject, outcome) : LISTED[outcome];
  trace.push({ check: checkOf(direction), outcome, subject, because });
  return isPermitted ? undefined : refusal(question);
}

/**
 * Whether the list that counts for a zone, its own or an inherited one, names a service; undefined where no zone declares
 * a list.
 */
export function isListedIn(
  policy: Policy,
  { direction, zone }: { readonly direction: Direction; readonly zone: Zone },
  service: AnyService,
): boolean | undefined {
  const owner = listOwner(policy, direction, zone, UNTRACED);
  return isListed(listOf(policy, direction, owner), service);
}

function checkOf(direction: Direction): Check {
  return direction === 'outbound' ? 'outbound-services' : 'inbound-services';
}

/** The zone whose list counts: the first that declares one, or the last that was asked. */
function listOwner(policy: Policy, direction: Direction, zone: Zone, trace: Trace): Zone {
  let owner = zone;
  while (listOf(policy, direction, owner) === undefined && !owner.isUmbrella) {
    if (owner.parent === undefined) break;
    const because = 'it declares no list';
    trace.push({ check: checkOf(direction), outcome: 'inherited', subject: owner, because });
    owner = owner.parent;
  }
  return owner;
}

/** The list that a zone itself declares. */
function listOf({ lists }: Policy, direction: Direction, zone: Zone): ZoneLists['outbound'] {
  const declared = lists.get(zone);
  return direction === 'outbound' ? declared?.outbound : declared?.inbound;
}

/** Whether a list names a service; undefined if there is no list. */
function isListed(list: ZoneLists['outbound'], service: AnyService): boolean | undefined {
  return list === undefined ? undefined : list.has(service) || list.has('*');
}

const LISTED = {
  passed: 'its list permits the service',
  refused: 'its list does not name the service',
};

function whyNoList(zone: Zone, outcome: 'passed' | 'refused'): string {
  if (outcome === 'passed') return 'no zone declares a list, and the rule permits it';
  return zone.isUmbrella
    ? 'it declares no list, and an umbrella zone inherits none'
    : 'it declares no list, and there is no parent';
}

/** A rule may be for addresses that are in no zone; whatever else is started is permitted to zones only. */
const UNKNOWN: Readonly<Record<Direction, Refusal>> = {
  outbound: refusalFor('zone.client-unknown', 'The client is in no zone of the policy'),
  inbound: refusalFor('zone.server-unknown', 'The server is in no zone of the policy'),
};

function refusal({ direction, zone, service }: AccessQuestion): Refusal {
  const name = zone?.name ?? '';
  const message =
    direction === 'outbound'
      ? `Clients in zone ${name} may not use service ${service.name}`
      : `Service ${service.name} may not reach servers in zone ${name}`;
  return { reason: `access.${direction}`, verdict: 'denied-by-policy', message };
}

/** Checks that the server is in one of the zones to which the service is limited, or below one of them. */
export function checkTargetZones(
  policy: Policy,
  zone: Zone | undefined,
  service: Service,
  trace: Trace,
): Refusal | undefined {
  const limit = policy.targetZones.get(service);
  if (limit === undefined) return undefined;
  const check = 'target-zones';
  for (let subject = zone; subject !== undefined; subject = subject.parent) {
    if (!limit.has(subject)) continue;
    trace.push({ check, outcome: 'passed', subject, because: 'the service is limited to it' });
    return undefined;
  }
  const because = 'it is limited to zones that the server is not in';
  trace.push({ check, outcome: 'refused', subject: service, because });
  const where = zone === undefined ? 'no zone' : `zone ${zone.name}`;
  const message = `Service ${service.name} may not reach servers in ${where}`;
  return { reason: 'access.target-zones', verdict: 'denied-by-policy', message };
}
