// Where the bytes of each port go when all of them pass: straight to the other side, or through a child between the two.

import type { Port } from './engine.ts';

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
  const toServer = way === 'direct' ? DIRECT_TO_SERVER : STACKED_TO_SERVER;
  const toClient = way === 'direct' ? DIRECT_TO_CLIENT : STACKED_TO_CLIENT;
  return [...(copied.copyToServer ? toServer : []), ...(copied.copyToClient ? toClient : [])];
}

/** Where the end of a port is passed on to, whether its bytes are or not. */
export function partnerOf(port: Port, way: RelayWay): Port | undefined {
  return routesOf(BOTH, way).find(({ from }) => from === port)?.to;
}

const BOTH: CopiedDirections = { copyToServer: true, copyToClient: true };
const DIRECT_TO_SERVER: readonly RelayRoute[] = [{ from: 'client', to: 'server' }];
const DIRECT_TO_CLIENT: readonly RelayRoute[] = [{ from: 'server', to: 'client' }];
const STACKED_TO_SERVER: readonly RelayRoute[] = [
  { from: 'client', to: 'stack-client' },
  { from: 'stack-server', to: 'server' },
];
const STACKED_TO_CLIENT: readonly RelayRoute[] = [
  { from: 'server', to: 'stack-server' },
  { from: 'stack-client', to: 'client' },
];
