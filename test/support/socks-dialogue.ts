// Dialogues of the SOCKS engine for its playbooks.

import type { ProxyContext, Stackable } from '../../src/proxy/engine.ts';
import { plugProxy } from '../../src/protocols/plug/index.ts';
import type { SocksOptions } from '../../src/protocols/socks/index.ts';
import { socksProxy } from '../../src/protocols/socks/index.ts';
import type { Playbook } from './playbook.ts';
import { playbook, started, testContext } from './playbook.ts';

/** What gets the contents of the connections. */
export const TUNNEL: Stackable = { kind: 'service', name: 'tunnel', proxy: plugProxy() };

/** A dialogue of a fresh engine that has started, in which logs and timers do not matter. */
export function socks(
  options: Partial<SocksOptions> = {},
  more: Partial<ProxyContext> = {},
): Playbook {
  const proxy = socksProxy({ connect: TUNNEL, targetPorts: '1-65535', ...options });
  const engine = proxy.create({ ...testContext(), ...more });
  return playbook(engine, { ignoring: ['log', 'timer'] }).given(started());
}
