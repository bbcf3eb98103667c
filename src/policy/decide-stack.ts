// Whether a service may be stacked under the proxy of another: its contents cross the same zones, so the same lists bind.

import type { ConnectFailure } from '../proxy/engine.ts';
import type { StartedBy } from './access.ts';
import { checkAccess, checkTargetZones } from './access.ts';
import type { Policy } from './policy.ts';
import type { AnyService, Service } from './service.ts';
import type { TraceStep } from './trace.ts';
import type { Zone } from './zone.ts';

/** A service that a proxy wants to stack, and the zones that its contents cross. */
export interface StackFacts {
  readonly name: string;
  readonly clientZone: Zone | undefined;
  readonly serverZone: Zone | undefined;
  /** What named the service of the connection: a rule lets zones stand that declare no lists. */
  readonly startedBy: StartedBy;
}

/** The service that may be stacked, or why not. */
export type StackDecision = { readonly trace: readonly TraceStep[] } & (
  | { readonly ok: true; readonly service: Service }
  | { readonly ok: false; readonly failure: ConnectFailure }
);

/** Decides whether the service of this name may be stacked. Pure. */
export function decideStack(policy: Policy, facts: StackFacts): StackDecision {
  const { name, clientZone, serverZone, startedBy } = facts;
  const trace: TraceStep[] = [];
  const service = policy.services.find((candidate) => candidate.name === name);
  if (service?.kind !== 'service') return { ok: false, failure: unfit(name, service), trace };
  const isUnknown = clientZone === undefined || serverZone === undefined;
  if (isUnknown && startedBy === 'listener') return { ok: false, failure: unfit(name), trace };
  trace.push({
    check: 'service',
    outcome: 'chosen',
    subject: service,
    because: 'a proxy stacks it',
  });
  const failure =
    checkAccess(policy, { direction: 'outbound', zone: clientZone, service, startedBy }, trace) ??
    checkTargetZones(policy, serverZone, service, trace) ??
    checkAccess(policy, { direction: 'inbound', zone: serverZone, service, startedBy }, trace);
  return failure === undefined ? { ok: true, service, trace } : { ok: false, failure, trace };
}

/** Why what has this name does not run here. */
function unfit(name: string, service?: AnyService): ConnectFailure {
  const isRefusal = service?.kind === 'deny-service';
  return {
    reason: isRefusal ? 'service.denied' : 'access.stack',
    verdict: 'denied-by-policy',
    message: isRefusal
      ? `Service ${name} refuses what it is given`
      : `Service ${name} may not be stacked between these zones`,
  };
}
