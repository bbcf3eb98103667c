// Where the bytes of each port of a plug go: straight to the other side, or through a child between the two.

import type { Port } from '../../proxy/engine.ts';
import type { PlugSettings } from './settings.ts';

/** A direction of a plug: from a port to a port. */
export interface PlugRoute {
  readonly from: Port;
  readonly to: Port;
}

type Copied = Pick<PlugSettings, 'copyToServer' | 'copyToClient'>;

/** The routes of a plug with these settings, with a child or without. */
export function routesOf(copied: Copied, child: 'direct' | 'stacked'): readonly PlugRoute[] {
  const toServer = child === 'direct' ? DIRECT_TO_SERVER : STACKED_TO_SERVER;
  const toClient = child === 'direct' ? DIRECT_TO_CLIENT : STACKED_TO_CLIENT;
  return [...(copied.copyToServer ? toServer : []), ...(copied.copyToClient ? toClient : [])];
}

/** Where the end of a port is passed on to, whether its bytes are or not. */
export function partnerOf(port: Port, child: 'direct' | 'stacked'): Port | undefined {
  const both = { copyToServer: true, copyToClient: true };
  return routesOf(both, child).find(({ from }) => from === port)?.to;
}

const DIRECT_TO_SERVER: readonly PlugRoute[] = [{ from: 'client', to: 'server' }];
const DIRECT_TO_CLIENT: readonly PlugRoute[] = [{ from: 'server', to: 'client' }];
const STACKED_TO_SERVER: readonly PlugRoute[] = [
  { from: 'client', to: 'stack-client' },
  { from: 'stack-server', to: 'server' },
];
const STACKED_TO_CLIENT: readonly PlugRoute[] = [
  { from: 'server', to: 'stack-server' },
  { from: 'stack-client', to: 'client' },
];
