// decide: what happens to a connection, and why. The dispatcher, `zorp explain` and the tests of a policy all call this
// one pure function.

import { SocketAddress } from '../address/socket-address.ts';
import type { Refusal } from '../proxy/engine.ts';
import { checkService, chooseAnyService } from './decide-client.ts';
import { decideServer } from './decide-server.ts';
import { checkDirect, findListener } from './decide-listener.ts';
import type {
  ConnectionFacts,
  Decision,
  ListenedFacts,
  Permitted,
  Refused,
  RoutedConnection,
  ServerDecision,
} from './decision.ts';
import { refusalFor } from './decision.ts';
import { PROTOCOL_NUMBERS } from './ip-protocol.ts';
import type { Listener } from './make-listener.ts';
import type { Policy } from './policy.ts';
import { route } from './router.ts';
import type { Trace } from './trace.ts';
import { stepsOf, UNTRACED } from './trace.ts';

export type {
  ConnectionFacts,
  Decision,
  Detecting,
  Permitted,
  Refused,
  ServerDecision,
} from './decision.ts';

/** Whether anybody will read how a decision came about; the decision is the same. */
export type Tracing = 'traced' | 'untraced';

/** Decides a connection by what is known of it. Pure: the same facts under the same policy decide alike. */
export function decide(
  policy: Policy,
  given: ConnectionFacts,
  tracing: Tracing = 'traced',
): Decision {
  const facts = withProtocol(unmapped(given));
  const trace: Trace = tracing === 'traced' ? [] : UNTRACED;
  const accepted = decideAccept(policy, facts, trace);
  if (accepted.outcome !== 'permitted') return accepted;
  const { service, route: chosen } = accepted;
  if (facts.connect !== undefined) {
    const asked = { ...facts, rule: accepted.rule, service, route: chosen };
    return withServer(accepted, decideServer(policy, asked, trace));
  }
  const because = chosen.isInband
    ? 'the protocol may name it; decided when the proxy connects'
    : 'decided when the proxy connects';
  trace.push({ check: 'server', outcome: 'open', subject: service.router, because });
  return accepted;
}

function withServer(accepted: Permitted, decided: ServerDecision): Permitted | Refused {
  const { server, serverZone } = decided;
  if (decided.outcome === 'permitted')
    return { ...accepted, server, serverZone, route: decided.route };
  const { listener, rule, clientZone, service, trace } = accepted;
  const { refusal } = decided;
  const known = { listener, rule, clientZone, server, serverZone, trace, service };
  return { outcome: 'refused', ...known, refusal };
}

/**
 * Decides where a connection may go that was accepted before: another service does not come of it, whatever the zones have
 * become since. `decide` with `connect` is both in one.
 */
export function decideConnect(policy: Policy, accepted: RoutedConnection): ServerDecision {
  return decideServer(policy, unmapped(accepted), UNTRACED);
}

/** The client side: which service the connection gets, and whether the client may use it. */
function decideAccept(policy: Policy, facts: ConnectionFacts, trace: Trace): Decision {
  const listener = findListener(policy, facts, trace);
  if (listener === undefined) return refuseUnasked(undefined, NO_LISTENER, trace);
  const loop = checkDirect(listener, facts, trace);
  if (loop !== undefined) return refuseUnasked(listener, loop, trace);
  const listened = isListened(facts) ? facts : { ...facts, listener };
  const choice = chooseAnyService(policy, listened, trace);
  const { service, rule, clientZone } = choice;
  const steps = stepsOf(trace);
  if (rule !== undefined && choice.isDetecting) {
    const known = { listener, rule, clientZone, ...NO_SERVER, trace: steps };
    return { outcome: 'detecting', ...known, service };
  }
  const refusal = checkService(policy, choice, trace);
  if (service?.kind !== 'service' || refusal !== undefined) {
    const known = { listener, rule, clientZone, ...NO_SERVER, trace: steps };
    return { outcome: 'refused', ...known, service, refusal: refusal ?? choice.missing };
  }
  const because = 'the service has it';
  trace.push({ check: 'router', outcome: 'chosen', subject: service.router, because });
  return {
    outcome: 'permitted',
    listener,
    rule,
    clientZone,
    server: undefined, // not decided yet
    serverZone: undefined,
    trace: steps,
    service,
    route: route(service.router, facts.client, facts.local),
  };
}

const NO_SERVER = { server: undefined, serverZone: undefined };

/** Refuses a connection before anybody asks for its service. */
function refuseUnasked(listener: Listener | undefined, refusal: Refusal, trace: Trace): Refused {
  const nothing = { rule: undefined, clientZone: undefined, service: undefined };
  const known = { listener, ...nothing, ...NO_SERVER, trace: stepsOf(trace) };
  return { outcome: 'refused', ...known, refusal };
}

/**
 * The same facts, with every IPv4-mapped IPv6 address as the IPv4 address that a connection would reach. Otherwise
 * ::ffff:10.0.0.1 would be of whatever zone has ::/0, which is a way around the zone of 10.0.0.1.
 */
function unmapped<Facts extends ConnectionFacts>(facts: Facts): Facts {
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

function isListened(facts: ConnectionFacts): facts is ListenedFacts {
  return facts.listener !== undefined;
}

/** A receiver takes datagrams, also where nobody says so. */
function withProtocol(facts: ConnectionFacts): ConnectionFacts {
  if (facts.protocol !== undefined || facts.listener?.protocol !== 'udp') return facts;
  return { ...facts, protocol: PROTOCOL_NUMBERS.udp };
}

function plain({ address, port }: SocketAddress): SocketAddress {
  return SocketAddress.of(address.unmapped(), port);
}

const NO_LISTENER = refusalFor('listener.none', 'No listener of this instance listens there');
