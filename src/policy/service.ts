// Services: everything about one kind of connection in one place.

import { z } from 'zod';
import type { ProxyFactory } from '../proxy/engine.ts';
import type { ProxyHeaderVersion } from '../proxy/write-proxy-header.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import type { Authentication } from './authentication.ts';
import { explainAuthentication } from './authentication.ts';
import type { AnyAuthorization } from './authorization.ts';
import { anyAuthorization, explainAuthorization } from './authorization.ts';
import type { Chainer } from './chainer.ts';
import { connectChainer, explainChainer } from './chainer.ts';
import type { Encryption } from './encryption.ts';
import { explainEncryption } from './encryption.ts';
import type { Lazy } from './fields.ts';
import { functionOf, nameFaults, nameOf, objectOf } from './fields.ts';
import type { DestinationGuard } from './guard-options.ts';
import { explainGuard, guardSchema } from './guard-options.ts';
import type { Resolver } from './resolver.ts';
import { dnsResolver, explainResolver } from './resolver.ts';
import type { Nat } from './nat.ts';
import type { PfService } from './pf-service.ts';
import { explainPfService } from './pf-service.ts';
import { NO_PROXY, proxyFactory } from './proxy-field.ts';
import type { CommonReply, Ipv4Reply, Ipv6Reply, Replies } from './refusal-kind.ts';
import { COMMON_REPLIES, explainReplies, IPV4_REPLIES, IPV6_REPLIES } from './refusal-kind.ts';
import type { Router } from './router.ts';
import { explainRouter, transparentRouter } from './router.ts';
import type { Zone } from './zone.ts';

/** Bounds on what a service may use. */
export interface Limits {
  /** Sessions of this service at the same time, in one process. Default: 0, no limit, as in the original. */
  readonly maxInstances?: number;
}

/** Options of `service`. */
export interface ServiceOptions {
  /** What speaks the protocol: `httpProxy(...)`, `plugProxy(...)`. */
  readonly proxy: ProxyFactory;
  /** Which server is meant. Default: `transparentRouter()`. */
  readonly router?: Router;
  /** How the server connection is made. Default: `connectChainer()`. */
  readonly chainer?: Chainer;
  /** How a server that the protocol names becomes an address. Default: `dnsResolver()`. */
  readonly resolver?: Resolver;
  /** Where the server connection comes from, instead of where the router says. Default: no NAT. */
  readonly snat?: Nat;
  /** What becomes of the server address before zones and access lists are asked. Default: no NAT. */
  readonly dnat?: Nat;
  /** How users prove who they are, before anything of theirs goes to a server. Default: nobody is asked. */
  readonly authentication?: Authentication;
  /** Which users may use it, asked anew at every use. It needs `authentication`. Default: all who proved their name. */
  readonly authorization?: AnyAuthorization;
  /** On which sides TLS is spoken: `clientOnlyEncryption`, `serverOnlyEncryption`, `twoSidedEncryption`. Default: on none. */
  readonly encryption?: Encryption;
  readonly limits?: Limits;
  /** The server must be in one of these zones, or in one below them. Default: no restriction. */
  readonly limitTargetZonesTo?: Lazy<readonly Zone[]>;
  /**
   * Where the client chooses the server: the zones whose special addresses (of this machine, of private networks, of
   * the metadata of a cloud) it may reach, or `'off'` for no guard at all. Default: those of zones that name the service.
   */
  readonly destinationGuard?: DestinationGuard | 'off';
  /**
   * Where the client has chosen the address of its server and asks for it by a name, in TLS or HTTP: whether the name must have that
   * address. `refuse`, `warn` (it passes, and the record says so), or `off`. Sites that answer with other addresses each time, or other ones
   * to everybody, are common, so `refuse` needs clients that ask the resolver of the service. Default: `'off'`.
   */
  readonly checkServerAddress?: 'refuse' | 'warn' | 'off';
  /** Sides on which TCP keepalive is switched on. Default: `'none'`. */
  readonly keepalive?: 'none' | 'client' | 'server' | 'both';
  /**
   * The mark of all packets of its server connections, 1 to 0xffffffff, for routing and the packet filter; the bit of
   * `packetFilter.mark` is not free. Needs CAP_NET_ADMIN. Default: none.
   */
  readonly serverMark?: number;
  /** Type of service of these packets: the DSCP in the upper six of its bits, 0 to 255. Default: that of the system, 0. */
  readonly serverTos?: number;
  /**
   * Begin each server connection with a PROXY header of this version, which tells the server who the client is. The server
   * must expect it, or it takes the header for a request. Default: none.
   */
  readonly sendProxyProtocol?: ProxyHeaderVersion;
}

/** A kind of connection that is proxied. */
export interface Service {
  readonly kind: 'service';
  readonly name: string;
  readonly proxy: ProxyFactory;
  readonly router: Router;
  readonly chainer: Chainer;
  readonly resolver: Resolver;
  readonly snat: Nat | undefined;
  readonly dnat: Nat | undefined;
  readonly authentication: Authentication | undefined;
  readonly authorization: AnyAuthorization | undefined;
  readonly encryption: Encryption | undefined;
  readonly limits: Required<Limits>;
  readonly limitTargetZonesTo: Lazy<readonly Zone[]> | undefined;
  readonly destinationGuard: DestinationGuard | 'off' | undefined;
  readonly checkServerAddress: 'refuse' | 'warn' | 'off';
  readonly keepalive: 'none' | 'client' | 'server' | 'both';
  readonly serverMark: number | undefined;
  readonly serverTos: number | undefined;
  readonly sendProxyProtocol: ProxyHeaderVersion | undefined;
}

/** Options of `denyService`. */
export interface DenyServiceOptions {
  /**
   * How packets are turned away: `'drop'` without a word, `'tcp-reset'` (only TCP, others are dropped) or with an ICMP
   * message. Where a listener accepted the connection already, everything but `'drop'` resets it. Default: `'drop'`.
   */
  readonly reply?: CommonReply;
  /** The same for IPv4 alone, which has more kinds. Default: `reply`. */
  readonly ipv4Reply?: Ipv4Reply;
  /** The same for IPv6 alone, which has more kinds. Default: `reply`. */
  readonly ipv6Reply?: Ipv6Reply;
  /** Whether refused connections are recorded. Default: true. */
  readonly logging?: boolean;
}

/** A kind of connection that is refused by name: cuts a hole into something wider. */
export interface DenyService extends Replies {
  readonly kind: 'deny-service';
  readonly name: string;
  readonly logging: boolean;
}

/** What a rule may start. */
export type AnyService = Service | DenyService | PfService;

/** The cure of a `limitTargetZonesTo` without zones: the original took it for no limit, a reader takes it for nothing. */
export const NO_TARGET_ZONES =
  'give at least one zone, or leave the field out: then any zone will do';

const zoneList = z
  .array(objectOf<Zone>(['zone'], 'give a zone made by zone()'))
  .min(1, { error: NO_TARGET_ZONES })
  .readonly();

const nat = objectOf<Nat>(['nat'], 'give a NAT, such as staticNat({ address: "192.0.2.1:0" })');

const MARK_CURE = 'give a whole number of 1 to 0xffffffff, such as 0x10';
const TOS_CURE = 'give a whole number of 0 to 255, such as 0x10';

const schema = z.strictObject({
  proxy: proxyFactory,
  router: objectOf<Router>(['router'], 'give a router, such as inbandRouter()').optional(),
  chainer: objectOf<Chainer>(['chainer'], 'give a chainer, such as connectChainer()').optional(),
  resolver: objectOf<Resolver>(['resolver'], 'give a resolver, such as dnsResolver()').optional(),
  snat: nat.optional(),
  dnat: nat.optional(),
  authentication: objectOf<Authentication>(
    ['authentication'],
    'give an authentication policy, such as inbandAuthentication({ provider })',
  ).optional(),
  authorization: anyAuthorization.optional(),
  encryption: objectOf<Encryption>(
    ['encryption'],
    'give an encryption policy, such as clientOnlyEncryption({ clientCertificate })',
  ).optional(),
  limits: z
    .strictObject({
      maxInstances: z
        .int({ error: 'give a whole number, 0 for no limit' })
        .min(0, { error: 'give a whole number, 0 for no limit' })
        .default(0),
    })
    .default({ maxInstances: 0 })
    .readonly(),
  limitTargetZonesTo: z
    .union([zoneList, functionOf<readonly Zone[]>()], {
      error: 'give a list of zones made by zone(), or a function that returns one',
    })
    .optional(),
  destinationGuard: guardSchema.optional(),
  checkServerAddress: z
    .enum(['refuse', 'warn', 'off'], { error: 'give "refuse", "warn" or "off"' })
    .default('off'),
  keepalive: z
    .enum(['none', 'client', 'server', 'both'], {
      error: 'give "none", "client", "server" or "both"',
    })
    .default('none'),
  serverMark: z
    .int({ error: MARK_CURE })
    .min(1, { error: MARK_CURE })
    .max(0xffff_ffff, { error: MARK_CURE })
    .optional(),
  serverTos: z
    .int({ error: TOS_CURE })
    .min(0, { error: TOS_CURE })
    .max(255, { error: TOS_CURE })
    .optional(),
  sendProxyProtocol: z
    .union([z.literal(1), z.literal(2)], { error: 'give a version of the PROXY protocol, 1 or 2' })
    .optional(),
});
registerOptions('service', schema);

// Each service has its own copy, made at the line of the service: that is where a trace of it leads.
const DEFAULT_ROUTER = transparentRouter();
const DEFAULT_CHAINER = connectChainer();
const DEFAULT_RESOLVER = dnsResolver();

/**
 * Makes a service.
 * @example const web = service('web', { proxy: httpProxy({ mode: 'explicit' }), router: inbandRouter() });
 */
export function service(name: string, options: ServiceOptions): Service {
  const { settings, faults } = checkSettings(schema, options, { proxy: NO_PROXY });
  const made: Service = {
    kind: 'service',
    name: nameOf(name),
    proxy: settings.proxy,
    router: settings.router ?? declare({ ...DEFAULT_ROUTER }, service),
    chainer: settings.chainer ?? declare({ ...DEFAULT_CHAINER }, service),
    resolver: settings.resolver ?? declare({ ...DEFAULT_RESOLVER }, service),
    snat: settings.snat,
    dnat: settings.dnat,
    authentication: settings.authentication,
    authorization: settings.authorization,
    encryption: settings.encryption,
    limits: settings.limits,
    limitTargetZonesTo: settings.limitTargetZonesTo,
    destinationGuard: settings.destinationGuard,
    checkServerAddress: settings.checkServerAddress,
    keepalive: settings.keepalive,
    serverMark: settings.serverMark,
    serverTos: settings.serverTos,
    sendProxyProtocol: settings.sendProxyProtocol,
  };
  return declare(made, service, [...nameFaults(name), ...faults]);
}

/** One of some words, which the cure lists. */
function oneOf<const Words extends readonly string[]>(
  words: Words,
): z.ZodEnum<Record<Words[number], Words[number]>> {
  return z.enum(words, { error: `give ${words.map((word) => JSON.stringify(word)).join(', ')}` });
}

const denySchema = z.strictObject({
  reply: oneOf(COMMON_REPLIES).default('drop'),
  ipv4Reply: oneOf(IPV4_REPLIES).optional(),
  ipv6Reply: oneOf(IPV6_REPLIES).optional(),
  logging: z.boolean({ error: 'give true or false' }).default(true),
});
registerOptions('denyService', denySchema);

/**
 * Makes a service that refuses: its verdict is denied-by-policy.
 * @example const noGuests = denyService('no-guests', { reply: 'tcp-reset' });
 * @example const closed = denyService('closed', { ipv4Reply: 'icmp-host-prohibited', ipv6Reply: 'icmp-no-route' });
 */
export function denyService(name: string, options: DenyServiceOptions = {}): DenyService {
  const { settings, faults } = checkSettings(denySchema, options, {});
  const { reply, ipv4Reply = reply, ipv6Reply = reply, logging } = settings;
  const made: DenyService = {
    kind: 'deny-service',
    name: nameOf(name),
    ipv4Reply,
    ipv6Reply,
    logging,
  };
  return declare(made, denyService, [...nameFaults(name), ...faults]);
}

/** One line in English: what this service does with a connection. */
export function explainService(service: AnyService): string {
  if (service.kind === 'deny-service') {
    return `refuses: ${explainReplies(service)}${service.logging ? '' : ', not recorded'}`;
  }
  if (service.kind === 'pf-service') return explainPfService(service);
  const { maxInstances } = service.limits;
  const limit = maxInstances === 0 ? '' : `; at most ${String(maxInstances)} at a time`;
  const zones = service.limitTargetZonesTo === undefined ? '' : '; only to certain zones';
  const keepalive = service.keepalive === 'none' ? '' : `; keepalive: ${service.keepalive}`;
  const packets = explainPackets(service);
  const way = `${explainRouter(service.router)}${explainNames(service)}${explainWays(service)}`;
  return `${service.proxy.explain()}; ${way}${explainUsers(service)}${explainTls(service)}${zones}${explainGuard(service.destinationGuard)}${limit}${keepalive}${packets}`;
}

/** Who may use it. */
function explainUsers({ authentication, authorization }: Service): string {
  if (authentication === undefined) return '';
  const permitted =
    authorization === undefined ? '' : `, permits ${explainAuthorization(authorization)}`;
  return `; ${explainAuthentication(authentication)}${permitted}`;
}

function explainTls({ encryption }: Service): string {
  return encryption === undefined ? '' : `; ${explainEncryption(encryption)}`;
}

/** What marks the packets of its server connections, and how these begin. */
function explainPackets({ serverMark, serverTos, sendProxyProtocol }: Service): string {
  const mark = serverMark === undefined ? '' : `; server mark 0x${serverMark.toString(16)}`;
  const tos = serverTos === undefined ? '' : `; server TOS 0x${serverTos.toString(16)}`;
  const header = sendProxyProtocol === undefined ? '' : `; PROXY header ${sendProxyProtocol}`;
  return `${mark}${tos}${header}`;
}

/** Only what is not the default, and only where the protocol can name a server. */
function explainNames({ router, resolver }: Service): string {
  if (!router.isOverrideable) return '';
  const names = explainResolver(resolver);
  return names === explainResolver(DEFAULT_RESOLVER) ? '' : `; ${names}`;
}

function explainWays({ chainer, snat, dnat }: Service): string {
  const order = chainer.type === 'connect' ? '' : `; ${explainChainer(chainer)}`;
  const source = snat === undefined ? '' : `; source: ${snat.explain()}`;
  const server = dnat === undefined ? '' : `; server: ${dnat.explain()}`;
  return `${order}${source}${server}`;
}
