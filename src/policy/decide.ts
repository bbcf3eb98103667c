// decide: what happens to a connection, and why. The dispatcher, `zorp explain` and the tests of a policy all call this
// one pure function.

import { SocketAddress } from '../address/socket-address.ts';
import type { Refusal } from '../proxy/engine.ts';
import { checkAccess } from './access.ts';
import { chooseService } from './choose-service.ts';
import { decideServer } from './decide-server.ts';
import type { ConnectionFacts, Decision } from './decision.ts';
import { refusalFor } from './decision.ts';
import type { Listener } from './listener.ts';
import { listensOn } from './own-address.ts';
import type { Policy } from './policy.ts';
import { route } from './router.ts';
import type { AnyService } from './service.ts';
import type { TraceStep } from './trace.ts';
import type { Zone } from './zone.ts';
import { matchZone } from './zone-step.ts';

export type { ConnectionFacts, Decision, Permitted, Refused } from './decision.ts';

/** Decides a connection by what is known of it. Pure: the same facts under the same policy decide alike. */
export function decide(policy: Policy, given: ConnectionFacts): Decision {
  const facts = unmapped(given);
  const trace: TraceStep[] = [];
  const accepted = decideAccept(policy, facts, trace);
  if (accepted.outcome === 'refused') return accepted;
  if (facts.connect !== undefined) return decideServer(policy, facts, accepted, trace);
  const because = accepted.route.isInband
    ? 'the protocol may name it; decided when the proxy connects'
    : 'decided when the proxy connects';
  trace.push({ check: 'server', outcome: 'open', subject: accepted.service.router, because });
  return accepted;
}

/** The client side: which service the connection gets, and whether the client may use it. */
function decideAccept(policy: Policy, facts: ConnectionFacts, trace: TraceStep[]): Decision {
  const server = undefined; // not decided yet
  const serverZone = undefined;
  const listener = findListener(policy, facts, trace);
  if (listener === undefined) {
    const nothing = { listener, clientZone: undefined, server, serverZone, service: undefined };
    return { outcome: 'refused', ...nothing, trace, refusal: NO_LISTENER };
  }
  const clientZone = matchZone(policy, facts.client, 'client-zone', trace)?.value;
  const destination =
    listener.type === 'cs-zone'
      ? matchZone(policy, facts.local, 'destination-zone', trace)?.value
      : undefined;
  const service = chooseService(listener, { client: clientZone, destination }, trace);
  const refusal = checkService(policy, service, clientZone, trace);
  const known = { listener, clientZone, server, serverZone, trace };
  if (service === undefined || service.kind === 'deny-service' || refusal !== undefined)
    return { outcome: 'refused', ...known, service, refusal: refusal ?? NO_SERVICE };
  const because = 'the service has it';
  trace.push({ check: 'router', outcome: 'chosen', subject: service.router, because });
  const chosen = route(service.router, facts.client, facts.local);
  return { outcome: 'permitted', ...known, service, route: chosen };
}

function findListener(
  policy: Policy,
  facts: ConnectionFacts,
  trace: TraceStep[],
): Listener | undefined {
  const check = 'listener';
  if (facts.listener !== undefined) {
    const because = 'it accepted the connection';
    trace.push({ check, outcome: 'chosen', subject: facts.listener, because });
    return facts.listener;
  }
  const value = facts.local;
  for (const subject of policy.instances.get(facts.instance) ?? []) {
    if (listensOn(subject, value, value)) {
      trace.push({ check, outcome: 'chosen', subject, because: 'it listens there', value });
      return subject;
    }
    trace.push({ check, outcome: 'skipped', subject, because: 'it listens elsewhere', value });
  }
  return undefined;
}

function checkService(
  policy: Policy,
  service: AnyService | undefined,
  clientZone: Zone | undefined,
  trace: TraceStep[],
): Refusal | undefined {
  const check = 'service';
  if (service === undefined) {
    const because = 'no line of the listener fits';
    trace.push({ check, outcome: 'refused', subject: undefined, because });
    return NO_SERVICE;
  }
  if (service.kind === 'deny-service') {
    trace.push({ check, outcome: 'refused', subject: service, because: 'it refuses by name' });
    const message = `Service ${service.name} refuses all connections`;
    return { reason: 'service.denied', verdict: 'denied-by-policy', message };
  }
  trace.push({ check, outcome: 'chosen', subject: service, because: 'the listener starts it' });
  if (clientZone === undefined) return NO_CLIENT_ZONE;
  return checkAccess(policy, { direction: 'outbound', zone: clientZone, service }, trace);
}

/**
 * The same facts, with every IPv4-mapped IPv6 address as the IPv4 address that a connection would reach. Otherwise
 * ::ffff:10.0.0.1 would be of whatever zone has ::/0, which is a way around the zone of 10.0.0.1.
 */
function unmapped(facts: ConnectionFacts): ConnectionFacts {
  const { client, local, connect } = facts;
  const isMapped =
    client.address.isIpv4Mapped ||
    local.address.isIpv4Mapped ||
    connect?.target?.address.isIpv4Mapped === true;
  if (!isMapped) return facts;
  const target = connect?.target === undefined ? undefined : plain(connect.target);
  return {
    ...facts,
    client: plain(client),
    local: plain(local),
    connect: connect === undefined ? undefined : { ...connect, target },
  };
}

function plain({ address, port }: SocketAddress): SocketAddress {
  return SocketAddress.of(address.unmapped(), port);
}

const NO_LISTENER = refusalFor('listener.none', 'No listener of this instance listens there');
const NO_SERVICE = refusalFor('listener.no-service', 'The listener has no service for these zones');
const NO_CLIENT_ZONE = refusalFor('zone.client-unknown', 'The client is in no zone of the policy');
