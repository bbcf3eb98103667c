// The NAT of a decision: where the server connection comes from and goes to, once the service has translated both.

import type { SocketAddress } from '../address/socket-address.ts';
import type { Refusal } from '../proxy/engine.ts';
import type { ConnectionFacts } from './decision.ts';
import { refusalFor } from './decision.ts';
import type { Nat, NatDirection, NatPair } from './nat.ts';
import { endOf } from './nat.ts';
import type { Route, Router } from './router.ts';
import { anyLocal, untranslatedSource } from './router.ts';
import type { Service } from './service.ts';
import type { Trace } from './trace.ts';

/** The two ends of a server connection, or why there is none. */
export type TranslatedEnds =
  | { readonly outcome: 'translated'; readonly server: SocketAddress; readonly route: Route }
  | {
      readonly outcome: 'refused';
      readonly server: SocketAddress | undefined;
      readonly refusal: Refusal;
    };

/** A connection, the service that translates it, and the route that the router of that chose. */
export interface Translating extends Pick<ConnectionFacts, 'client' | 'local' | 'connect'> {
  readonly service: Pick<Service, 'router' | 'snat' | 'dnat'>;
  readonly route: Route;
}

/**
 * Translates both ends of a server connection. Both directions see the same untranslated pair: the client's address with
 * the port that the router wants, and the server that is meant (as in the original).
 */
export function translateEnds(
  connection: Translating,
  server: SocketAddress,
  trace: Trace,
): TranslatedEnds {
  const { service, route, client } = connection;
  const { router, snat, dnat } = service;
  if (snat === undefined && dnat === undefined)
    // as with most
    return joined(connection, server, routeTowards(server, router, route), trace);
  const source = untranslatedSource(router, client);
  const draw = connection.connect?.draw ?? 0;
  const context = { pair: { source, destination: server }, draw, trace };
  const local = translate(snat, 'snat', context);
  if (local.outcome === 'refused') return { ...local, server: undefined };
  const remote = translate(dnat, 'dnat', context);
  if (remote.outcome === 'refused') return { ...remote, server: undefined };
  const to = remote.address ?? server;
  const from =
    local.address === undefined
      ? routeTowards(to, router, route)
      : routeFrom(route, local.address, source);
  return joined(connection, to, from, trace);
}

/** Both ends, unless they are of two families. */
function joined(
  { local, service }: Translating,
  meant: SocketAddress,
  route: Route,
  trace: Trace,
): TranslatedEnds {
  const server = withPort(meant, local.port);
  if (!isMismatch(route.local, server)) return { outcome: 'translated', server, route };
  const because = 'the connection would come from an address of the other family';
  const step = { check: 'snat', outcome: 'refused', because, value: route.local } as const;
  trace.push({ ...step, subject: service.snat ?? service.router });
  return { outcome: 'refused', server, refusal: FAMILY_MISMATCH };
}

function isMismatch(local: SocketAddress | undefined, server: SocketAddress): boolean {
  return local !== undefined && local.address.family !== server.address.family;
}

interface NatContext {
  readonly pair: NatPair;
  readonly draw: number;
  readonly trace: Trace;
}

type TranslatedEnd =
  | { readonly outcome: 'known'; readonly address: SocketAddress | undefined }
  | { readonly outcome: 'refused'; readonly refusal: Refusal };

const AS_IT_WAS: TranslatedEnd = { outcome: 'known', address: undefined };

/** One end; its address is undefined where it stays as it was. */
function translate(
  subject: Nat | undefined,
  check: NatDirection,
  { pair, draw, trace }: NatContext,
): TranslatedEnd {
  if (subject === undefined) return AS_IT_WAS;
  const result = subject.translate(pair, check, draw);
  const before = endOf(pair, check);
  switch (result.outcome) {
    case 'unmapped': {
      const because = 'it has nothing for this pair of addresses';
      trace.push({ check, outcome: 'skipped', subject, because, value: before });
      return AS_IT_WAS;
    }
    case 'refused': {
      const because = 'it cannot translate the address';
      trace.push({ check, outcome: 'refused', subject, because, value: before });
      const { message } = result;
      return { outcome: 'refused', refusal: refusalFor('nat.refused', message) };
    }
    case 'translated': {
      const { address } = result;
      const value = before === undefined ? address : { before, after: address };
      trace.push({ check, outcome: 'chosen', subject, because: 'it translates', value });
      return { outcome: 'known', address };
    }
  }
}

/** A port of any address of this machine is one of the family that the server has, whichever the client has. */
function routeTowards({ address }: SocketAddress, router: Router, route: Route): Route {
  if (route.local === undefined || router.forgeAddress) return route;
  return { ...route, local: anyLocal(address.family, route.local.port) };
}

/** A port that the router chose stays as free as the router left it; one that NAT chose is exact. */
function routeFrom(route: Route, local: SocketAddress, before: SocketAddress): Route {
  const isRouters = local.port === before.port;
  return {
    ...route,
    local,
    localLoose: isRouters && route.localLoose,
    localRandom: isRouters && route.localRandom,
  };
}

/** Port 0 stands for the port that the client asked for (as in the original). */
function withPort(server: SocketAddress, port: number): SocketAddress {
  return server.port === 0 ? server.withPort(port) : server;
}

/** Neither a socket nor the packet filter can join the two families. */
export const FAMILY_MISMATCH = refusalFor(
  'nat.family-mismatch',
  'Source and server are an IPv4 and an IPv6 address: translate both or none',
);
