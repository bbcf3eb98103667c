// The server side of a decision: which server is meant, and whether the service may reach it.

import { SocketAddress } from '../address/socket-address.ts';
import type { SubnetMatch } from '../address/subnet-tree.ts';
import type { Refusal } from '../proxy/engine.ts';
import { checkAccess, checkTargetZones } from './access.ts';
import type { RoutedConnection, ServerDecision } from './decision.ts';
import { refusalFor } from './decision.ts';
import { translateEnds } from './decide-nat.ts';
import { PROTOCOL_NUMBERS } from './ip-protocol.ts';
import type { Listener } from './make-listener.ts';
import type { GuardAnswer } from './destination-guard.ts';
import { askGuard, MIXED_ANSWER } from './destination-guard.ts';
import { listensOn, takesProtocol } from './own-address.ts';
import { listensByInterface } from './own-interfaces.ts';
import type { Policy } from './policy.ts';
import type { Service } from './service.ts';
import type { Trace, TraceStep } from './trace.ts';
import { UNTRACED } from './trace.ts';
import type { Zone } from './zone.ts';
import type { ZoneQuestion } from './zone-step.ts';
import { matchZone } from './zone-step.ts';

/** Decides where an accepted connection may go. */
export function decideServer(
  policy: Policy,
  asked: RoutedConnection,
  trace: Trace,
): ServerDecision {
  const named = namedServer(asked, trace);
  const meant = meantServer(asked, named, trace);
  if (meant === undefined) return refuse(undefined, undefined, NO_TARGET);
  const translated = translateEnds(asked, meant, trace);
  if (translated.outcome === 'refused')
    return refuse(translated.server, undefined, translated.refusal);
  const { server, route } = translated;
  const question = asked.rule === undefined ? ASKED_BY_LISTENER : ASKED_BY_RULE;
  const match = matchZone(policy, server, question, trace);
  const serverZone = match?.value;
  const refusal =
    checkLoop(policy, asked, server, trace) ?? checkZone(policy, serverZone, asked, trace);
  if (refusal !== undefined) return refuse(server, serverZone, refusal);
  if (isOfClient(asked, named)) {
    const guarded = checkGuard(policy, asked, { meant, server, match }, trace);
    if (guarded !== undefined) return guarded;
  }
  return { outcome: 'permitted', server, serverZone, route };
}

function refuse(
  server: SocketAddress | undefined,
  serverZone: Zone | undefined,
  refusal: Refusal,
): ServerRefusal {
  return { outcome: 'refused', server, serverZone, refusal };
}

type ServerRefusal = Extract<ServerDecision, { outcome: 'refused' }>;

/** A server that the protocol names counts only if the router lets it (as in the original). */
function namedServer(
  { connect, route, service }: RoutedConnection,
  trace: Trace,
): SocketAddress | undefined {
  const asked = connect?.target;
  if (asked === undefined || route.isInband) return asked;
  const because = 'the router does not let the protocol choose';
  const subject = service.router;
  trace.push({ check: 'server', outcome: 'skipped', subject, because, value: asked });
  return undefined;
}

/** The server that is meant, before NAT; undefined where nobody names one that can be connected. */
function meantServer(
  asked: RoutedConnection,
  named: SocketAddress | undefined,
  trace: Trace,
): SocketAddress | undefined {
  const check = 'server';
  const subject = asked.service.router;
  const value = named ?? routedServer(asked);
  if (value === undefined || value.port === 0) {
    const because = 'neither the router nor the protocol names a server';
    trace.push({ check, outcome: 'refused', subject, because, value });
    return undefined;
  }
  const because = named === undefined ? 'the router names it' : 'the protocol names it';
  trace.push({ check, outcome: 'chosen', subject, because, value });
  return value;
}

/** Port 0 of a router stands for the port that the client asked for (as in the original). */
function routedServer({ route, connect, local }: RoutedConnection): SocketAddress | undefined {
  const server = route.targets[connect?.candidate ?? 0];
  return server?.port === 0 ? server.withPort(local.port) : server;
}

/** Whether the client wrote the address of the server: in its protocol, or into an address that NAT64 takes apart. */
function isOfClient({ service }: RoutedConnection, named: SocketAddress | undefined): boolean {
  if (named !== undefined) return true;
  return service.router.type === 'transparent' && service.dnat?.type === 'nat64';
}

/**
 * A connection to one of the listeners would go round in circles. What came to a transparent listener was meant for an
 * address that is hardly one of this machine; where it is one after all, the listener there finds out.
 */
function checkLoop(
  policy: Policy,
  { instance, local, protocol, interfaces, listener }: RoutedConnection,
  value: SocketAddress,
  trace: Trace,
): Refusal | undefined {
  if (!listensAtPort(policy, instance, value)) return undefined; // nearly all
  const own = listener?.transparent === true ? undefined : local.address;
  const number = protocol ?? PROTOCOL_NUMBERS.tcp;
  for (const subject of policy.instances.get(instance) ?? NOBODY) {
    if (!takesProtocol(subject, number)) continue;
    const isThere =
      listensOn(subject, value, own) || listensByInterface(subject, value, interfaces);
    if (!isThere) continue;
    const because = 'a listener of this instance listens there';
    trace.push({ check: 'server', outcome: 'refused', subject, because, value });
    return LOOP;
  }
  return undefined;
}

function listensAtPort(
  { listenedPorts }: Policy,
  instance: string,
  { port }: SocketAddress,
): boolean {
  return listenedPorts.get(instance)?.has(port) === true;
}

/** A server that is meant, and the zone that has it. */
interface ServerAndZone {
  /** The server as it was meant, before NAT. */
  readonly meant: SocketAddress;
  readonly server: SocketAddress;
  readonly match: SubnetMatch<Zone> | undefined;
}

/**
 * The client chose the server: it could name what listens on this machine only for this machine, or what is meant for
 * the inside of a network only. Whoever owns a name may give it such an address next to a good one, so each address of
 * the name must pass, also those that the resolver would not use.
 */
function checkGuard(
  policy: Policy,
  asked: RoutedConnection,
  { meant, server, match }: ServerAndZone,
  trace: Trace,
): ServerRefusal | undefined {
  const { service } = asked;
  const said = askGuard(policy, { service, address: server.address, match });
  trace.push(guardStep(service, said));
  if (said.refusal !== undefined) return refuse(server, match?.value, said.refusal);
  return said.outcome === 'skipped' ? undefined : checkAnswer(policy, asked, meant, trace);
}

function checkAnswer(
  policy: Policy,
  asked: RoutedConnection,
  { port, address: own }: SocketAddress,
  trace: Trace,
): ServerRefusal | undefined {
  const { service } = asked;
  for (const other of asked.connect?.answer ?? []) {
    if (other.equals(own)) continue;
    const named = SocketAddress.of(other.unmapped(), port);
    const { server } = translateEnds(asked, named, UNTRACED);
    if (server === undefined) continue; // NAT refuses it, so nothing reaches it
    const match = matchZone(policy, server, ASKED_BY_RULE, UNTRACED);
    const said = askGuard(policy, { service, address: server.address, match });
    if (said.refusal === undefined) continue;
    trace.push(guardStep(service, said));
    return refuse(server, match?.value, MIXED_ANSWER);
  }
  return undefined;
}

const ASKED_BY_LISTENER: ZoneQuestion = { check: 'server-zone', whenUnknown: 'refused' };
const ASKED_BY_RULE: ZoneQuestion = { check: 'server-zone', whenUnknown: 'skipped' };

function guardStep(subject: Service, { outcome, because, special: value }: GuardAnswer): TraceStep {
  return { check: 'destination-guard', outcome, subject, because, value };
}

function checkZone(
  policy: Policy,
  zone: Zone | undefined,
  { service, rule }: RoutedConnection,
  trace: Trace,
): Refusal | undefined {
  const startedBy = rule === undefined ? 'listener' : 'rule';
  const unlimited = zone === undefined && startedBy === 'listener'; // refused all the same
  return (
    (unlimited ? undefined : checkTargetZones(policy, zone, service, trace)) ??
    checkAccess(policy, { direction: 'inbound', zone, service, startedBy }, trace)
  );
}

const NOBODY: readonly Listener[] = [];
const NO_TARGET = refusalFor('route.no-target', 'Nothing says which server is meant');
const LOOP = refusalFor('route.loop', 'The server is this firewall itself');
