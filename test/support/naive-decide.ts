// An independent model of decide(): the rules of the reference as plainly as they can be said, without index or trace.

import type { SocketAddress } from '../../src/address/socket-address.ts';
import { SocketAddress as Socket } from '../../src/address/socket-address.ts';
import { IpAddress } from '../../src/address/ip-address.ts';
import { Subnet } from '../../src/address/subnet.ts';
import type { ConnectionFacts } from '../../src/policy/decision.ts';
import type { HostAddresses } from '../../src/policy/host-zones.ts';
import type { Listener } from '../../src/policy/make-listener.ts';
import type { Nat } from '../../src/policy/nat.ts';
import type { Policy } from '../../src/policy/policy.ts';
import type { Router } from '../../src/policy/router.ts';
import type { AnyService, Service } from '../../src/policy/service.ts';
import type { Zone } from '../../src/policy/zone.ts';
import type { NaiveTranslation } from './naive-nat.ts';
import { naiveTranslate } from './naive-nat.ts';
import { naiveRule } from './naive-rules.ts';
import type { NatSpec } from './random-nat.ts';

/** A policy whose lists are given as lists, and what the model cannot read from it. */
export interface NaivePolicy {
  readonly policy: Policy;
  /** What each NAT is made of. */
  readonly nats: ReadonlyMap<Nat, NatSpec>;
  /** The addresses of host names. */
  readonly hosts: HostAddresses;
}

/** Where the server connection comes from. */
export interface NaiveSource {
  readonly local: string | undefined;
  readonly localLoose: boolean;
  readonly localRandom: boolean;
}

/** What is decided, as text. */
export interface NaiveDecision {
  /** The reason code of the refusal, `permitted`, or `detecting`. */
  readonly reason: string;
  readonly service: string | undefined;
  readonly rule: number | undefined;
  readonly tiedWith: number | undefined;
  readonly clientZone: string | undefined;
  readonly server: string | undefined;
  readonly serverZone: string | undefined;
  /** Only of what is permitted to connect. */
  readonly from: NaiveSource | undefined;
}

/** Decides a connection. */
export function naiveDecide(model: NaivePolicy, facts: ConnectionFacts): NaiveDecision {
  const clientZone = zoneOf(model, facts.client)?.zone;
  const started = startedBy(model, facts, clientZone);
  const { service, rule, tiedWith } = started;
  const said = { service: service?.name, rule, tiedWith, clientZone: clientZone?.name };
  const refusal = started.reason ?? clientReason(clientZone, service, rule !== undefined);
  if (refusal !== undefined || service?.kind !== 'service' || facts.connect === undefined)
    return { ...said, ...NO_SERVER, reason: refusal ?? 'permitted' };
  return { ...said, ...serverSide(model, facts, service, rule !== undefined) };
}

interface Started {
  readonly service: AnyService | undefined;
  readonly rule: number | undefined;
  readonly tiedWith: number | undefined;
  /** If that says it all. */
  readonly reason: string | undefined;
}

function startedBy(model: NaivePolicy, facts: ConnectionFacts, clientZone?: Zone): Started {
  const { listener, local } = facts;
  if (listener === undefined) throw new Error('The model knows no connection without listener');
  const localZone = zoneOf(model, local)?.zone;
  return listener.type === 'rule'
    ? byRule(model, { ...facts, listener }, [clientZone, localZone])
    : byListener(listener, clientZone, localZone);
}

function byRule(
  { policy }: NaivePolicy,
  { listener, client, local, detected }: ConnectionFacts & { readonly listener: Listener },
  [clientZone, localZone]: readonly (Zone | undefined)[],
): Started {
  const zones = { clientZones: familyOf(clientZone), localZones: familyOf(localZone) };
  const match = naiveRule(policy, { client, local, ...zones, incoming: listener.incoming });
  if (match === undefined)
    return { service: undefined, rule: undefined, tiedWith: undefined, reason: 'rule.none' };
  const { id, tiedWith, rule } = match;
  if (rule.detect.length > 0 && detected === undefined)
    return { service: rule.service, rule: id, tiedWith, reason: 'detecting' };
  const line = rule.detect.find((one) => one.service === detected);
  const service = line === undefined ? rule.service : line.service;
  return { service, rule: id, tiedWith, reason: service === undefined ? 'detect.none' : undefined };
}

function byListener(listener: Listener, client?: Zone, server?: Zone): Started {
  const service = serviceOf(listener, client, server);
  const reason = service === undefined ? 'listener.no-service' : undefined;
  return { service, rule: undefined, tiedWith: undefined, reason };
}

function clientReason(
  zone: Zone | undefined,
  service: AnyService | undefined,
  isByRule: boolean,
): string | undefined {
  if (service?.kind !== 'service') return 'service.denied';
  if (zone === undefined) return isByRule ? undefined : 'zone.client-unknown';
  return permits(zone, 'outboundServices', service, isByRule) ? undefined : 'access.outbound';
}

type ServerSide = Pick<NaiveDecision, 'reason' | 'server' | 'serverZone' | 'from'>;
const NO_SERVER = { server: undefined, serverZone: undefined, from: undefined };

function serverSide(
  model: NaivePolicy,
  facts: ConnectionFacts,
  service: Service,
  isByRule: boolean,
): ServerSide {
  const named = service.router.isOverrideable ? facts.connect?.target : undefined;
  const meant = named ?? routed(facts, service);
  if (meant === undefined || meant.port === 0) return { reason: 'route.no-target', ...NO_SERVER };
  const ends = translated(model, facts, service, meant);
  if (ends === 'refused') return { reason: 'nat.refused', ...NO_SERVER };
  const known = { ...NO_SERVER, server: String(ends.server) };
  if (ends.isMismatch) return { ...known, reason: 'nat.family-mismatch' };
  return reached(model, facts, service, { ...ends, named, isByRule });
}

/** The server as it is after NAT, and what is known of it. */
interface Reached extends Ends {
  readonly named: SocketAddress | undefined;
  readonly isByRule: boolean;
}

function reached(
  model: NaivePolicy,
  facts: ConnectionFacts,
  service: Service,
  server: Reached,
): ServerSide {
  const match = zoneOf(model, server.server);
  const known = { server: String(server.server), serverZone: match?.zone.name, from: undefined };
  const reason = isListener(model.policy, facts, server.server)
    ? 'route.loop'
    : serverReason(service, match?.zone, server.isByRule);
  if (reason !== undefined) return { ...known, reason };
  const guarded = guardRefusal(model, facts, service, { server, match });
  return { ...known, reason: 'permitted', from: server.source, ...guarded };
}

/** The guard of special addresses that clients name, and then of the addresses that come with them in an answer. */
function guardRefusal(
  model: NaivePolicy,
  facts: ConnectionFacts,
  service: Service,
  { server, match }: { readonly server: Reached; readonly match: ZoneMatch | undefined },
): Partial<ServerSide> {
  if (!isChosenByClient(service, server) || service.destinationGuard === 'off') return {};
  const own = specialReason(server.server.address, service, match);
  if (own !== undefined) return { reason: own, from: undefined };
  const others = (facts.connect?.answer ?? []).map((address): Partial<ServerSide> => {
    const ends = translated(model, facts, service, Socket.of(address, server.named?.port ?? 1));
    if (ends === 'refused') return {};
    const zone = zoneOf(model, ends.server);
    const reason = specialReason(ends.server.address, service, zone);
    if (reason === undefined) return {};
    const where = { server: String(ends.server), serverZone: zone?.zone.name, from: undefined };
    return { ...where, reason: 'route.mixed-answer' };
  });
  return others.find(({ reason }) => reason !== undefined) ?? {};
}

function isChosenByClient({ router, dnat }: Service, { named }: Reached): boolean {
  return named !== undefined || (router.type === 'transparent' && dnat?.type === 'nat64');
}

function specialReason(
  address: IpAddress,
  service: Service,
  match: ZoneMatch | undefined,
): string | undefined {
  const kind = [...SPECIAL, ...SPECIAL_IN_NAT64].find(([text]) => isIn(address, [text]));
  if (kind === undefined || kind[1] === 'ordinary') return undefined;
  const [text, reason] = kind;
  const isOpen =
    match !== undefined && isInside(match.subnet, text) && isOpenedBy(match.zone, service);
  return isOpen ? undefined : reason;
}

/** The special addresses that random policies and connections have, the smaller block before the wider one. */
const SPECIAL: readonly (readonly [block: string, reason: string])[] = [
  ['127.0.0.0/8', 'route.this-machine'],
  ['0.0.0.0/8', 'route.this-machine'],
  ['::1/128', 'route.this-machine'],
  ['::/128', 'route.this-machine'],
  ['169.254.169.254/32', 'route.metadata'],
  ['169.254.0.0/16', 'route.link-local'],
  ['fe80::/10', 'route.link-local'],
  ['10.0.0.0/8', 'route.private'],
  ['172.16.0.0/12', 'route.private'],
  ['192.168.0.0/16', 'route.private'],
  ['fc00::/7', 'route.private'],
  ['192.0.2.0/24', 'ordinary'],
  ['198.51.100.0/24', 'ordinary'],
  ['203.0.113.0/24', 'ordinary'],
  ['2001:db8::/32', 'ordinary'],
];

/** The same in the form of NAT64, as 192.0.2.0/24 is 64:ff9b::192.0.2.0/120. */
const SPECIAL_IN_NAT64 = SPECIAL.flatMap(([block, reason]) => {
  const [address = '', length = ''] = block.split('/');
  return address.includes(':')
    ? []
    : [[`64:ff9b::${address}/${String(96 + Number(length))}`, reason] as const];
});

function isOpenedBy(zone: Zone, service: Service): boolean {
  const { destinationGuard, limitTargetZonesTo } = service;
  const permit = typeof destinationGuard === 'object' ? destinationGuard.permit : [];
  const lists = [permit, limitTargetZonesTo ?? []].map((lazy) =>
    typeof lazy === 'function' ? lazy() : lazy,
  );
  if (familyOf(zone).some((one) => lists.some((list) => list.includes(one)))) return true;
  return permits(zone, 'inboundServices', service, false);
}

function routed(
  { local, connect }: ConnectionFacts,
  { router }: Service,
): SocketAddress | undefined {
  const original = local.withPort(router.forcedPort ?? local.port);
  const servers = router.type === 'transparent' ? [original] : router.destinations;
  const server = servers[connect?.candidate ?? 0]; // an in-band router has none
  return server?.port === 0 ? server.withPort(local.port) : server;
}

interface Ends {
  readonly server: SocketAddress;
  readonly source: NaiveSource;
  readonly isMismatch: boolean;
}

/** Both directions see the untranslated pair; remote port 0 is the port that the client asked for. */
function translated(
  { nats }: NaivePolicy,
  facts: ConnectionFacts,
  { router, snat, dnat }: Service,
  destination: SocketAddress,
): Ends | 'refused' {
  const { client, local, connect } = facts;
  const source = client.withPort(wantedPort(router.forgePort, client.port));
  const translate = (nat: Nat | undefined, direction: 'snat' | 'dnat'): NaiveTranslation => {
    const spec = nat === undefined ? undefined : nats.get(nat);
    if (nat === undefined || spec === undefined) return undefined;
    return naiveTranslate(nat, spec, { source, destination, direction, draw: connect?.draw ?? 0 });
  };
  const from = translate(snat, 'snat');
  const to = translate(dnat, 'dnat') ?? destination;
  if (from === 'refused' || to === 'refused') return 'refused';
  const server = to.port === 0 ? to.withPort(local.port) : to;
  return { server, ...sourceOf(router, source, from, server) };
}

function wantedPort(forgePort: Router['forgePort'], clientPort: number): number {
  if (typeof forgePort === 'number') return forgePort;
  return forgePort === 'any' ? 0 : clientPort;
}

/** NAT decides, then forging; a port of no particular address is one of the family of the server. */
function sourceOf(
  { forgeAddress, forgePort }: Router,
  source: SocketAddress,
  translation: SocketAddress | undefined,
  server: SocketAddress,
): Omit<Ends, 'server'> {
  const isRouters = translation === undefined || translation.port === source.port;
  const unforged = source.port === 0 ? undefined : anyAddress(server, source.port);
  const origin = translation ?? (forgeAddress ? source : unforged);
  const local = origin === undefined ? undefined : String(origin);
  const localRandom = isRouters && forgePort === 'random';
  const localLoose = localRandom || (isRouters && forgePort === 'group');
  const isMismatch = origin !== undefined && origin.address.family !== server.address.family;
  return { source: { local, localLoose, localRandom }, isMismatch };
}

function anyAddress({ address }: SocketAddress, port: number): SocketAddress {
  return Socket.of(IpAddress.parse(address.family === 'ipv4' ? '0.0.0.0' : '::'), port);
}

/** A listener of the instance has this address: by name, or because it listens on all that are surely of this machine. */
function isListener(
  policy: Policy,
  { instance, local }: ConnectionFacts,
  server: SocketAddress,
): boolean {
  const binds = (policy.instances.get(instance) ?? []).flatMap((one) => one.binds);
  const { address } = server;
  return binds.some((bind) => {
    if (bind.port !== server.port) return false;
    if (bind.address.equals(address) || isIn(address, ['0.0.0.0/8', '::/128'])) return true;
    const isForAll = isIn(bind.address, ['0.0.0.0/32', '::/128']);
    const isNear = isIn(address, ['127.0.0.0/8', '::1/128']) || address.equals(local.address);
    return isForAll && bind.address.family === address.family && isNear;
  });
}

function isInside(inner: Subnet, outer: string): boolean {
  return Subnet.parse(outer).contains(inner);
}

function isIn(address: IpAddress, subnets: readonly string[]): boolean {
  return subnets.some((text) => Subnet.parse(text).contains(address));
}

function serverReason(
  service: Service,
  zone: Zone | undefined,
  isByRule: boolean,
): string | undefined {
  if (zone === undefined && !isByRule) return 'zone.server-unknown';
  const lazy = service.limitTargetZonesTo;
  const limit = typeof lazy === 'function' ? lazy() : lazy;
  if (limit !== undefined && !familyOf(zone).some((one) => limit.includes(one)))
    return 'access.target-zones';
  if (zone === undefined) return undefined;
  return permits(zone, 'inboundServices', service, isByRule) ? undefined : 'access.inbound';
}

interface ZoneMatch {
  readonly zone: Zone;
  readonly subnet: Subnet;
}

/** That of the host that has the address, unless it is a subnet of its own or two zones have it; then by subnet. */
function zoneOf({ policy, hosts }: NaivePolicy, { address }: SocketAddress): ZoneMatch | undefined {
  const matches = policy.zones
    .flatMap((zone) => zone.subnets.map((subnet) => ({ zone, subnet })))
    .filter(({ subnet }) => subnet.contains(address))
    .sort((one, other) => other.subnet.prefixLength - one.subnet.prefixLength);
  const [best] = matches;
  const byHost = policy.zones.filter((zone) =>
    zone.hostnames.some((host) => hosts.get(host)?.some((one) => one.equals(address)) === true),
  );
  const [owner] = byHost;
  if (owner === undefined || byHost.length > 1 || best?.subnet.isHost === true) return best;
  return { zone: owner, subnet: new Subnet(address) };
}

function familyOf(zone: Zone | undefined): readonly Zone[] {
  return zone === undefined ? [] : [zone, ...familyOf(zone.parent)];
}

/** A declared or inherited list binds; in the end a rule permits, and a listener does not. */
function permits(
  zone: Zone,
  list: 'outboundServices' | 'inboundServices',
  service: Service,
  isByRule: boolean,
): boolean {
  const declared = zone[list] as readonly unknown[] | undefined;
  if (declared !== undefined) return declared.includes('*') || declared.includes(service);
  if (zone.parent === undefined || zone.isUmbrella) return isByRule;
  return permits(zone.parent, list, service, isByRule);
}

function serviceOf(listener: Listener, client?: Zone, server?: Zone): AnyService | undefined {
  const weigh = (key: Zone | '*', zone: Zone | undefined): number => {
    const all = familyOf(zone);
    const family = listener.followParent ? all : all.slice(0, 1);
    if (key === '*') return Math.max(1, family.length);
    return family.includes(key) ? family.indexOf(key) : Infinity;
  };
  const weighed = listener.choices.map((line) => ({
    line,
    weight: [weigh(line.from, client), listener.type === 'cs-zone' ? weigh(line.to, server) : 0],
  }));
  const [best] = weighed
    .filter(({ weight }) => weight.every(Number.isFinite))
    .sort((one, other) => compare(one.weight, other.weight));
  return best?.line.service;
}

function compare([a = 0, b = 0]: readonly number[], [c = 0, d = 0]: readonly number[]): number {
  return a - c || b - d;
}
