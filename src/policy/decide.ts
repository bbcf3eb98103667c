// decide: what happens to a connection, and why. The dispatcher, `zorp explain` and the tests of a policy all call this
// one pure function.

import type { SocketAddress } from '../address/socket-address.ts';
import type { Refusal } from '../proxy/engine.ts';
import { checkAccess, checkTargetZones } from './access.ts';
import { chooseService } from './choose-service.ts';
import type { Listener } from './listener.ts';
import { isOwnAddress } from './own-address.ts';
import type { Policy } from './policy.ts';
import type { Route } from './router.ts';
import { route } from './router.ts';
import type { AnyService, Service } from './service.ts';
import type { Check, TraceStep } from './trace.ts';
import type { Zone } from './zone.ts';

/** What is known of a connection. */
export interface ConnectionFacts {
  /** The instance that the connection came to. */
  readonly instance: string;
  /** The listener that accepted it; undefined: the one of the instance that listens on `local`. */
  readonly listener?: Listener | undefined;
  readonly client: SocketAddress;
  /** Original destination, as the client saw it. */
  readonly local: SocketAddress;
  /** Present when the server side is to be decided too; `target` is the server that the protocol names, if it does. */
  readonly connect?: { readonly target?: SocketAddress | undefined } | undefined;
}

/** What both kinds of decision tell. */
interface DecisionFacts {
  readonly listener: Listener | undefined;
  readonly clientZone: Zone | undefined;
  readonly serverZone: Zone | undefined;
  /** The server that is meant; undefined as long as the server side is not decided. */
  readonly server: SocketAddress | undefined;
  readonly trace: readonly TraceStep[];
}

/** A connection that may go on. */
export interface Permitted extends DecisionFacts {
  readonly outcome: 'permitted';
  readonly service: Service;
  readonly route: Route;
}

/** A connection that is refused. */
export interface Refused extends DecisionFacts {
  readonly outcome: 'refused';
  /** The service that it would have got; undefined if there was none. */
  readonly service: AnyService | undefined;
  readonly refusal: Refusal;
}

/** What happens to a connection. */
export type Decision = Permitted | Refused;

/** Decides a connection by what is known of it. Pure: the same facts under the same policy decide alike. */
export function decide(policy: Policy, facts: ConnectionFacts): Decision {
  const trace: TraceStep[] = [];
  const listener = facts.listener ?? findListener(policy, facts, trace);
  if (listener === undefined) return refuse({ trace }, undefined, NO_LISTENER);
  if (facts.listener !== undefined)
    trace.push({
      check: 'listener',
      outcome: 'chosen',
      subject: listener,
      because: 'it accepted the connection',
    });
  const clientZone = zoneOf(policy, facts.client, 'client-zone', trace);
  const destination =
    listener.type === 'cs-zone'
      ? zoneOf(policy, facts.local, 'destination-zone', trace)
      : undefined;
  const known = { listener, clientZone, trace };
  const service = chooseService(listener, { client: clientZone, destination }, trace);
  const refusal = checkService(policy, service, clientZone, trace);
  if (service === undefined || service.kind === 'deny-service' || refusal !== undefined)
    return refuse(known, service, refusal ?? NO_SERVICE);
  const chosen = route(service.router, facts.client, facts.local);
  trace.push({
    check: 'router',
    outcome: 'passed',
    subject: service.router,
    because: 'the router of the service leads',
    value: service.router.type,
  });
  const permitted: Permitted = {
    outcome: 'permitted',
    ...known,
    service,
    route: chosen,
    server: undefined,
    serverZone: undefined,
  };
  return facts.connect === undefined ? permitted : decideServer(policy, facts, permitted, trace);
}

/** The server side: which server is meant, and whether the service may reach it. */
function decideServer(
  policy: Policy,
  facts: ConnectionFacts,
  permitted: Permitted,
  trace: TraceStep[],
): Decision {
  const { service, route: chosen } = permitted;
  const named = chosen.isInband ? facts.connect?.target : undefined;
  const server = named ?? chosen.targets[0];
  if (server === undefined || server.port === 0) {
    trace.push({
      check: 'server',
      outcome: 'refused',
      subject: service.router,
      because: 'neither the router nor the protocol names a server',
    });
    return refuse(permitted, service, NO_TARGET);
  }
  const because = named === undefined ? 'the router names it' : 'the protocol names it';
  trace.push({
    check: 'server',
    outcome: 'chosen',
    subject: service.router,
    because,
    value: server,
  });
  const serverZone = zoneOf(policy, server, 'server-zone', trace);
  const known = { ...permitted, server, serverZone };
  const refusal = checkServer(policy, facts, known, trace);
  return refusal === undefined ? known : refuse(known, service, refusal);
}

function checkServer(
  policy: Policy,
  facts: ConnectionFacts,
  known: Permitted,
  trace: TraceStep[],
): Refusal | undefined {
  const { server, serverZone, service } = known;
  const listeners = policy.instances.get(facts.instance) ?? [];
  if (server !== undefined && isOwnAddress(listeners, server, facts.local)) {
    trace.push({
      check: 'server',
      outcome: 'refused',
      subject: known.listener,
      because: 'a listener of this instance listens there',
      value: server,
    });
    return LOOP;
  }
  if (serverZone === undefined) return NO_SERVER_ZONE;
  return (
    checkTargetZones(policy, serverZone, service, trace) ??
    checkAccess(policy, 'inbound', serverZone, service, trace)
  );
}

function checkService(
  policy: Policy,
  service: AnyService | undefined,
  clientZone: Zone | undefined,
  trace: TraceStep[],
): Refusal | undefined {
  if (service === undefined) {
    trace.push({
      check: 'service',
      outcome: 'refused',
      subject: undefined,
      because: 'no line of the listener fits',
    });
    return NO_SERVICE;
  }
  if (service.kind === 'deny-service') {
    trace.push({
      check: 'service',
      outcome: 'refused',
      subject: service,
      because: 'it refuses by name',
    });
    return {
      reason: 'service.denied',
      verdict: 'denied-by-policy',
      message: `Service ${service.name} refuses all connections`,
    };
  }
  trace.push({
    check: 'service',
    outcome: 'chosen',
    subject: service,
    because: 'the listener starts it',
  });
  return clientZone === undefined
    ? NO_CLIENT_ZONE
    : checkAccess(policy, 'outbound', clientZone, service, trace);
}

function zoneOf(
  policy: Policy,
  address: SocketAddress,
  check: Check,
  trace: TraceStep[],
): Zone | undefined {
  const matches = policy.zoneTree.matches(address.address);
  if (matches.length === 0)
    trace.push({
      check,
      outcome: 'refused',
      subject: undefined,
      because: 'no zone has the address',
      value: address.address,
    });
  for (const [index, match] of matches.entries()) {
    const outcome = index === 0 ? 'chosen' : 'lost';
    const because =
      index === 0 ? 'its subnet is the most specific' : 'a more specific subnet wins over its';
    trace.push({ check, outcome, subject: match.value, because, value: match.subnet });
  }
  return matches[0]?.value;
}

function findListener(
  policy: Policy,
  facts: ConnectionFacts,
  trace: TraceStep[],
): Listener | undefined {
  let found: Listener | undefined;
  for (const candidate of policy.instances.get(facts.instance) ?? []) {
    const isMeant = found === undefined && isOwnAddress([candidate], facts.local, facts.local);
    if (isMeant) found = candidate;
    const because = isMeant ? 'it listens on the address' : 'it listens elsewhere';
    trace.push({
      check: 'listener',
      outcome: isMeant ? 'chosen' : 'skipped',
      subject: candidate,
      because,
      value: facts.local,
    });
  }
  return found;
}

function refuse(
  known: Partial<DecisionFacts> & Pick<DecisionFacts, 'trace'>,
  service: AnyService | undefined,
  refusal: Refusal,
): Refused {
  const { listener, clientZone, serverZone, server, trace } = known;
  return { outcome: 'refused', listener, clientZone, serverZone, server, service, refusal, trace };
}

const NO_LISTENER = deniedFor('listener.none', 'No listener of this instance listens there');
const NO_SERVICE = deniedFor('listener.no-service', 'The listener has no service for these zones');
const NO_CLIENT_ZONE = deniedFor('zone.client-unknown', 'The client is in no zone of the policy');
const NO_SERVER_ZONE = deniedFor('zone.server-unknown', 'The server is in no zone of the policy');
const NO_TARGET = deniedFor('route.no-target', 'Nothing says which server is meant');
const LOOP = deniedFor('route.loop', 'The server is this firewall itself');

function deniedFor(reason: string, message: string): Refusal {
  return Object.freeze({ reason, verdict: 'denied-by-policy', message });
}
