// The server side of a decision: which server is meant, and whether the service may reach it.

import { SocketAddress } from '../address/socket-address.ts';
import type { SubnetMatch } from '../address/subnet-tree.ts';
import type { Refusal } from '../proxy/engine.ts';
import { checkAccess, checkTargetZones } from './access.ts';
import type { ConnectionFacts, Permitted, Refused } from './decision.ts';
import { refusalFor } from './decision.ts';
import { PROTOCOL_NUMBERS } from './ip-protocol.ts';
import type { Listener } from './make-listener.ts';
import { translateEnds } from './decide-nat.ts';
import type { GuardAnswer } from './destination-guard.ts';
import { askGuard, MIXED_ANSWER } from './destination-guard.ts';
import { listensOn, takesProtocol } from './own-address.ts';
import { listensByInterface } from './own-interfaces.ts';
import type { Policy } from './policy.ts';
import type { Route } from './router.ts';
import type { Service } from './service.ts';
import type { Trace, TraceStep } from './trace.ts';
import { UNTRACED } from './trace.ts';
import type { Zone } from './zone.ts';
import { matchZone } from './zone-step.ts';

/** Decides where an accepted connection may go. */
export function decideServer(
  policy: Policy,
  facts: ConnectionFacts,
  accepted: Permitted,
  trace: Trace,
): Permitted | Refused {
  const target = chooseTarget(facts, accepted, trace);
  if (target === undefined) return refuse(accepted, undefined, undefined, NO_TARGET);
  const translated = translateEnds(facts, accepted, target.server, trace);
  if (translated.outcome === 'refused')
    return refuse(accepted, translated.server, undefined, translated.refusal);
  const { server, route } = translated;
  const whenUnknown = accepted.rule === undefined ? 'refused' : 'skipped';
  const match = matchZone(policy, server, { check: 'server-zone', whenUnknown }, trace);
  const serverZone = match?.value;
  const refusal =
    checkLoop(policy, facts, { accepted, server }, trace) ??
    checkZone(policy, serverZone, accepted, trace);
  if (refusal !== undefined) return refuse(accepted, server, serverZone, refusal);
  const guarded = checkGuard(policy, facts, { accepted, chosen: { target, server, match } }, trace);
  if (guarded !== undefined) return refuse(accepted, guarded.server, guarded.zone, guarded.refusal);
  return { ...accepted, server, serverZone, route };
}

function refuse(
  { listener, rule, clientZone, service, trace }: Permitted,
  server: SocketAddress | undefined,
  serverZone: Zone | undefined,
  refusal: Refusal,
): Refused {
  const known = { listener, rule, clientZone, server, serverZone, trace, service };
  return { outcome: 'refused', ...known, refusal };
}

/** The server that is meant, and who means it. */
interface ChosenTarget {
  readonly server: SocketAddress;
  readonly isNamed: boolean;
}

/** A server that the protocol names counts only if the router lets it (reference: routers, inband flag). */
function chooseTarget(
  facts: ConnectionFacts,
  { route, service }: Permitted,
  trace: Trace,
): ChosenTarget | undefined {
  const check = 'server';
  const subject = service.router;
  const asked = facts.connect?.target;
  const named = route.isInband ? asked : undefined;
  if (asked !== undefined && named === undefined) {
    const because = 'the router does not let the protocol choose';
    trace.push({ check, outcome: 'skipped', subject, because, value: asked });
  }
  const server = named ?? routedServer(route, facts);
  if (server === undefined || server.port === 0) {
    const because = 'neither the router nor the protocol names a server';
    trace.push({ check, outcome: 'refused', subject, because, value: server });
    return undefined;
  }
  const isNamed = named !== undefined;
  const because = isNamed ? 'the protocol names it' : 'the router names it';
  trace.push({ check, outcome: 'chosen', subject, because, value: server });
  return { server, isNamed };
}

/** Whether the client wrote the address of the server: in its protocol, or into an address that NAT64 takes apart. */
function isOfClient({ service }: Permitted, { isNamed }: ChosenTarget): boolean {
  return isNamed || (service.router.type === 'transparent' && service.dnat?.type === 'nat64');
}

/** Port 0 of a router stands for the port that the client asked for (reference: server side, step 5). */
function routedServer(
  route: Route,
  { local, connect }: ConnectionFacts,
): SocketAddress | undefined {
  const server = route.targets[connect?.candidate ?? 0];
  return server?.port === 0 ? server.withPort(local.port) : server;
}

/**
 * A connection to one of the listeners would go round in circles. What came to a transparent listener was meant for an
 * address that is hardly one of this machine; where it is one after all, the listener there finds out.
 */
function checkLoop(
  policy: Policy,
  { instance, local, protocol, interfaces }: ConnectionFacts,
  { accepted, server: value }: { readonly accepted: Permitted; readonly server: SocketAddress },
  trace: Trace,
): Refusal | undefined {
  if (!listensAtPort(policy, instance, value)) return undefined; // nearly all
  const own = accepted.listener?.transparent === true ? undefined : local.address;
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
  readonly target: ChosenTarget;
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
  facts: ConnectionFacts,
  { accepted, chosen }: { readonly accepted: Permitted; readonly chosen: ServerAndZone },
  trace: Trace,
): Guarded | undefined {
  const { target, server, match } = chosen;
  if (!isOfClient(accepted, target)) return undefined;
  const { service } = accepted;
  const said = askGuard(policy, { service, address: server.address, match });
  trace.push(guardStep(service, said));
  if (said.refusal !== undefined) return { server, zone: match?.value, refusal: said.refusal };
  if (said.outcome === 'skipped') return undefined;
  return checkAnswer(policy, facts, { accepted, chosen }, trace);
}

/** A server that the guard refuses. */
interface Guarded {
  readonly server: SocketAddress;
  readonly zone: Zone | undefined;
  readonly refusal: Refusal;
}

function checkAnswer(
  policy: Policy,
  facts: ConnectionFacts,
  { accepted, chosen }: { readonly accepted: Permitted; readonly chosen: ServerAndZone },
  trace: Trace,
): Guarded | undefined {
  const { service } = accepted;
  const { port, address: own } = chosen.target.server;
  for (const other of facts.connect?.answer ?? []) {
    if (other.equals(own)) continue;
    const named = SocketAddress.of(other.unmapped(), port);
    const { server } = translateEnds(facts, accepted, named, UNTRACED);
    if (server === undefined) continue; // NAT refuses it, so nothing reaches it
    const match = matchZone(policy, server, SERVER_ZONE, UNTRACED);
    const said = askGuard(policy, { service, address: server.address, match });
    if (said.refusal === undefined) continue;
    trace.push(guardStep(service, said));
    return { server, zone: match?.value, refusal: MIXED_ANSWER };
  }
  return undefined;
}

const SERVER_ZONE = { check: 'server-zone', whenUnknown: 'skipped' } as const;

function guardStep(subject: Service, { outcome, because, special: value }: GuardAnswer): TraceStep {
  return { check: 'destination-guard', outcome, subject, because, value };
}

function checkZone(
  policy: Policy,
  zone: Zone | undefined,
  { service, rule }: Permitted,
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
