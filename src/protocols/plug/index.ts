// The plug: the proxy for protocols that Zorp does not speak.

import type { ProxyContext, ProxyEngine, ProxyFactory } from '../../proxy/engine.ts';
import { guard } from '../../proxy/guard.ts';
import { checkSettings, declare } from '../../proxy/policy-fault.ts';
import { PlugCore } from './plug-proxy.ts';
import type { PlugOptions, PlugSettings } from './settings.ts';
import { plugSchema } from './settings.ts';

export type { PlugAnswer, PlugCheck, PlugOptions, PlugStatistics } from './settings.ts';

/**
 * Copies bytes in both directions without looking at them.
 * @example plugProxy({ timeoutMs: 60_000, copyToClient: false })
 */
export function plugProxy(options: PlugOptions = {}): ProxyFactory {
  const { settings, faults } = checkSettings(plugSchema, options, {});
  const made: ProxyFactory = {
    name: 'plug',
    tellsRefusals: false,
    stacks: [],
    create: (context: ProxyContext): ProxyEngine => guard(new PlugCore(settings, context)),
    explain: () => explain(settings),
  };
  return declare(made, plugProxy, faults);
}

function explain({ copyToServer, copyToClient, timeoutMs, ...rest }: PlugSettings): string {
  const ways = [copyToServer ? 'to the server' : '', copyToClient ? 'to the client' : ''];
  const copied = ways.filter((way) => way !== '').join(' and ');
  const parts = [
    copied === '' ? 'throws away all bytes' : `copies bytes ${copied} without looking at them`,
    `ends after ${timeoutMs} ms without traffic`,
    rest.shutdownSoft ? 'closes each direction by itself' : 'ends when either side ends',
  ];
  if (rest.statistics !== undefined)
    parts.push(`asks the policy every ${rest.statistics.everyMs} ms whether to go on`);
  return parts.join(', ');
}
