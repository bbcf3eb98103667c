// Where the bytes of each port go when all of them pass: straight to the other side, or through a child between the two.

import type { Port } from './port.ts';

/** Straight to the other side, or through a child that is stacked between the two. */
export type RelayWay = 'direct' | 'stacked';

/** A direction: from a port to a port. */
export interface RelayRoute {
  readonly from: Port;
  readonly to: Port;
}

/** Which directions there are. */
export interface CopiedDirections {
  readonly copyToServer: boolean;
  readonly copyToClient: boolean;
}

/** The routes of these directions, with a child or without. */
export function routesOf(copied: CopiedDirections, way: RelayWay): readonly RelayRoute[] {
  const { toServer, toClient, both } = ROUTES[way];
  if (copied.copyToServer) return copied.copyToClient ? both : toServer;
  return copied.copyToClient ? toClient : NONE;
}

/** Where the end of a port is passed on to, whether its bytes are or not. */
export function partnerOf(port: Port, way: RelayWay): Port | undefined {
  for (const { from, to } of ROUTES[way].both) if (from === port) return to;
  return undefined;
}

interface Routes {
  readonly toServer: readonly RelayRoute[];
  readonly toClient: readonly RelayRoute[];
  readonly both: readonly RelayRoute[];
}

function routesFor(toServer: readonly RelayRoute[], toClient: readonly RelayRoute[]): Routes {
  return { toServer, toClient, both: [...toServer, ...toClient] };
}

const NONE: readonly RelayRoute[] = [];
/** Made once: each connection asks for them several times. */
const ROUTES: Readonly<Record<RelayWay, Routes>> = {
  direct: routesFor([{ from: 'client', to: 'server' }], [{ from: 'server', to: 'client' }]),
  stacked: routesFor(
    [
      { from: 'client', to: 'stack-client' },
      { from: 'stack-server', to: 'server' },
    ],
    [
      { from: 'server', to: 'stack-server' },
      { from: 'stack-client', to: 'client' },
    ],
  ),
};
