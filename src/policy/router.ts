// Routers: which server address is meant, and which local address the server connection comes from.

import { z } from 'zod';
import type { AddressFamily } from '../address/ip-address.ts';
import { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import { oneOrMore, socketAddress } from './fields.ts';

/**
 * The local port of the server side: `any` (the kernel chooses), `exact` (the client's port), `group` (the client's, or
 * another of its group 1-511, 512-1023, 1024-65535), `random` (a random one of that group), or a number.
 */
export type ForgePort = 'any' | 'exact' | 'group' | 'random' | number;

/** Options that all routers share. */
export interface RouterOptions {
  /** Connect from the client's own address (needs a transparent set-up if it is not an address of this machine). Default: false. */
  readonly forgeAddress?: boolean;
  /** Default: `'any'`. */
  readonly forgePort?: ForgePort;
}

/** Options of `transparentRouter`. */
export interface TransparentRouterOptions extends RouterOptions {
  /** Connect to this port instead of the one that the client asked for (1 to 65535). */
  readonly forcedPort?: number;
  /** Let the protocol choose another server. Default: false. */
  readonly overrideable?: boolean;
}

/** Options of `directedRouter`. */
export interface DirectedRouterOptions extends RouterOptions {
  /**
   * The server, such as `'192.0.2.1:80'`, or several for a chainer that can use them. Port 0 stands for the port that
   * the client asked for.
   */
  readonly destination: string | readonly string[];
  /** Let the protocol choose another server. Default: false. */
  readonly overrideable?: boolean;
}

/** Chooses server and local address of a connection. */
export interface Router {
  readonly kind: 'router';
  readonly type: 'transparent' | 'directed' | 'inband';
  readonly destinations: readonly SocketAddress[];
  readonly forcedPort: number | undefined;
  readonly isOverrideable: boolean;
  readonly forgeAddress: boolean;
  readonly forgePort: ForgePort;
}

/** What a router chose for one connection. */
export interface Route {
  /** Candidate servers; empty if only the protocol can say. */
  readonly targets: readonly SocketAddress[];
  /** Whether the protocol may choose the server. */
  readonly isInband: boolean;
  /** Wanted local address of the server side; undefined lets the kernel choose. */
  readonly local: SocketAddress | undefined;
  readonly localLoose: boolean;
  readonly localRandom: boolean;
}

const portNumber = z
  .int({ error: 'give a port, 1 to 65535' })
  .min(1, { error: 'give a port, 1 to 65535' })
  .max(65_535, { error: 'give a port, 1 to 65535' });

const shared = {
  forgeAddress: z.boolean({ error: 'give true or false' }).default(false),
  forgePort: z
    .union([z.enum(['any', 'exact', 'group', 'random']), portNumber], {
      error: 'give "any", "exact", "group", "random" or a port, 1 to 65535',
    })
    .default('any'),
};
const overrideable = z.boolean({ error: 'give true or false' }).default(false);

const transparentSchema = z.strictObject({
  ...shared,
  overrideable,
  forcedPort: portNumber.optional(),
});
registerOptions('transparentRouter', transparentSchema);
const directedSchema = z.strictObject({
  ...shared,
  overrideable,
  destination: oneOrMore(socketAddress, 'give a server, such as "192.0.2.1:80", or a list of them'),
});
registerOptions('directedRouter', directedSchema);
const inbandSchema = z.strictObject(shared);
registerOptions('inbandRouter', inbandSchema);
const NONE: readonly SocketAddress[] = Object.freeze([]);

/**
 * The server is the original destination of the client.
 * @example service('web', { proxy: httpProxy(), router: transparentRouter({ forcedPort: 8080 }) });
 */
export function transparentRouter(options: TransparentRouterOptions = {}): Router {
  const { settings, faults } = checkSettings(transparentSchema, options, {});
  const made: Router = {
    kind: 'router',
    type: 'transparent',
    destinations: NONE,
    forcedPort: settings.forcedPort,
    isOverrideable: settings.overrideable,
    forgeAddress: settings.forgeAddress,
    forgePort: settings.forgePort,
  };
  return declare(made, transparentRouter, faults);
}

/**
 * The server is a fixed one, whatever the client asked for.
 * @example service('web', { proxy: httpProxy(), router: directedRouter({ destination: '192.0.2.1:80' }) });
 */
export function directedRouter(options: DirectedRouterOptions): Router {
  const { settings, faults } = checkSettings(directedSchema, options, { destination: '0.0.0.0:1' });
  const made: Router = {
    kind: 'router',
    type: 'directed',
    destinations: settings.destination,
    forcedPort: undefined,
    isOverrideable: settings.overrideable,
    forgeAddress: settings.forgeAddress,
    forgePort: settings.forgePort,
  };
  return declare(made, directedRouter, faults);
}

/**
 * The protocol names the server: an explicit HTTP proxy, for example.
 * @example service('web', { proxy: httpProxy({ mode: 'explicit' }), router: inbandRouter() });
 */
export function inbandRouter(options: RouterOptions = {}): Router {
  const { settings, faults } = checkSettings(inbandSchema, options, {});
  const made: Router = {
    kind: 'router',
    type: 'inband',
    destinations: NONE,
    forcedPort: undefined,
    isOverrideable: true,
    forgeAddress: settings.forgeAddress,
    forgePort: settings.forgePort,
  };
  return declare(made, inbandRouter, faults);
}

/** Routes that are the same for all connections: most are, and each session keeps its own. */
const fixedRoutes = new WeakMap<Router, Route>();

/** Routes one connection (as the routers of the original). */
export function route(router: Router, client: SocketAddress, local: SocketAddress): Route {
  const isFixed =
    router.type !== 'transparent' && !router.forgeAddress && router.forgePort === 'any';
  if (!isFixed) return routeOf(router, client, local);
  const known = fixedRoutes.get(router);
  if (known !== undefined) return known;
  const made = routeOf(router, client, local);
  fixedRoutes.set(router, made);
  return made;
}

function routeOf(router: Router, client: SocketAddress, local: SocketAddress): Route {
  return {
    targets: targetsOf(router, local),
    isInband: router.isOverrideable,
    local: localOf(router, client),
    localLoose: router.forgePort === 'group' || router.forgePort === 'random',
    localRandom: router.forgePort === 'random',
  };
}

function targetsOf(router: Router, local: SocketAddress): readonly SocketAddress[] {
  if (router.type !== 'transparent') return router.destinations;
  return Object.freeze([
    router.forcedPort === undefined ? local : local.withPort(router.forcedPort),
  ]);
}

function localOf(router: Router, client: SocketAddress): SocketAddress | undefined {
  const port = localPort(router.forgePort, client.port);
  if (router.forgeAddress) return client.withPort(port);
  if (port === 0) return undefined;
  return anyLocal(client.address.family, port);
}

/** A port of whatever address of this machine the kernel chooses. */
export function anyLocal(family: AddressFamily, port: number): SocketAddress {
  return SocketAddress.of(family === 'ipv4' ? ANY_IPV4 : ANY_IPV6, port);
}

/** What a client's address is before NAT: its own, with the local port that the router wants. */
export function untranslatedSource(router: Router, client: SocketAddress): SocketAddress {
  return client.withPort(localPort(router.forgePort, client.port));
}

function localPort(forgePort: ForgePort, clientPort: number): number {
  if (typeof forgePort === 'number') return forgePort;
  return forgePort === 'any' ? 0 : clientPort;
}

const ANY_IPV4 = IpAddress.parse('0.0.0.0');
const ANY_IPV6 = IpAddress.parse('::');

/** One line in English: where this router leads. */
export function explainRouter(router: Router): string {
  const override =
    router.type !== 'inband' && router.isOverrideable ? ', unless the protocol names another' : '';
  return `${explainTargets(router)}${override}${explainSource(router)}`;
}

function explainTargets({ type, forcedPort, destinations }: Router): string {
  switch (type) {
    case 'transparent': {
      const port = forcedPort === undefined ? '' : `, port ${String(forcedPort)}`;
      return `transparent: to the original destination${port}`;
    }
    case 'directed':
      return `directed: to ${destinations.join(', ')}`;
    case 'inband':
      return 'in-band: to the server that the protocol names';
  }
}

function explainSource({ forgeAddress, forgePort }: Router): string {
  const port = explainPort(forgePort, forgeAddress ? '' : "the client's ");
  if (!forgeAddress) return port === undefined ? '' : `, from ${port}`;
  return `, from the client's address${port === undefined ? '' : ` and ${port}`}`;
}

function explainPort(forgePort: ForgePort, owner: string): string | undefined {
  if (typeof forgePort === 'number') return `port ${String(forgePort)}`;
  switch (forgePort) {
    case 'any':
      return undefined;
    case 'exact':
      return `${owner}port`;
    case 'group':
      return `${owner}port or another of its group`;
    case 'random':
      return 'a random port of its group';
  }
}
