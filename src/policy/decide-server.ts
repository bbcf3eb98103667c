// The server side of a decision: which server is meant, and whether the service may reach it.

import type { SocketAddress } from '../address/socket-address.ts';
import type { IpAddress } from '../address/ip-address.ts';
import type { Subnet } from '../address/subnet.ts';
import type { SubnetMatch } from '../address/subnet-tree.ts';
import type { Refusal } from '../proxy/engine.ts';
import { checkAccess, checkTargetZones } from './access.ts';
import type { ConnectionFacts, Permitted, Refused } from './decision.ts';
import { refusalFor } from './decision.ts';
import { PROTOCOL_NUMBERS } from './ip-protocol.ts';
import type { Listener } from './make-listener.ts';
import { translateEnds } from './decide-nat.ts';
import { linkLocalSubnet, listensOn, ownSubnet, takesProtocol } from './own-address.ts';
import { listensByInterface } from './own-interfaces.ts';
import type { Policy } from './policy.ts';
import type { Route } from './router.ts';
import type { TraceStep } from './trace.ts';
import type { Zone } from './zone.ts';
import { matchZone } from './zone-step.ts';

/** Decides where an accepted connection may go. */
export function decideServer(
  policy: Policy,
  facts: ConnectionFacts,
  accepted: Permitted,
  trace: TraceStep[],
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
    checkNearby(accepted, { server, isNamed: isOfClient(accepted, target) }, match, trace) ??
    checkZone(policy, serverZone, accepted, trace);
  if (refusal !== undefined) return refuse(accepted, server, serverZone, refusal);
  return { ...accepted, server, serverZone, trace, route };
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
  trace: TraceStep[],
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
  trace: TraceStep[],
): Refusal | undefined {
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

/** Addresses that are near this machine only, and what is said where a client chose one and no zone names them. */
interface Nearby {
  readonly subnetOf: (address: IpAddress) => Subnet | undefined;
  readonly because: string;
  readonly refusal: Refusal;
}

/**
 * Where the client chooses the server it could name a loopback address, and so reach what listens there only for this
 * machine; or one of the link, such as 169.254.169.254, which gives out the keys of this machine in a cloud. A zone such
 * as 0.0.0.0/0 is not meant to permit that, only a zone with a subnet of such addresses is.
 */
function checkNearby(
  { service, rule }: Permitted,
  { server, isNamed }: ChosenTarget,
  match: SubnetMatch<Zone> | undefined,
  trace: TraceStep[],
): Refusal | undefined {
  if (!isNamed) return undefined;
  if (match === undefined && rule === undefined) return undefined; // refused for want of a zone
  for (const { subnetOf, because, refusal } of NEARBY) {
    const value = subnetOf(server.address);
    if (value === undefined || (match !== undefined && value.contains(match.subnet))) continue;
    trace.push({ check: 'server', outcome: 'refused', subject: service.router, because, value });
    return refusal;
  }
  return undefined;
}

function checkZone(
  policy: Policy,
  zone: Zone | undefined,
  { service, rule }: Permitted,
  trace: TraceStep[],
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
const NEARBY: readonly Nearby[] = [
  {
    subnetOf: ownSubnet,
    because: 'no zone has a subnet of this machine itself',
    refusal: refusalFor(
      'route.this-machine',
      'The server is this machine, and no zone names its loopback addresses',
    ),
  },
  {
    subnetOf: linkLocalSubnet,
    because: 'no zone has a subnet of link-local addresses',
    refusal: refusalFor(
      'route.link-local',
      'The server has a link-local address, and no zone names such addresses',
    ),
  },
];
