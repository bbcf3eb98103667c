// The plug: the proxy for protocols that Zorp does not speak.

import type { Copying } from '../../proxy/copying.ts';
import type { ProxyContext, ProxyEngine, ProxyFactory, Stackable } from '../../proxy/engine.ts';
import { guard } from '../../proxy/guard.ts';
import { checkSettings, declare } from '../../proxy/policy-fault.ts';
import { ENDINGS } from './endings.ts';
import { PlugCore } from './plug-proxy.ts';
import type { PlugOptions, PlugSettings } from './settings.ts';
import { plugSchema } from './settings.ts';

export type { PlugAnswer, PlugCheck, PlugOptions, PlugStack, PlugStatistics } from './settings.ts';

/**
 * Copies bytes in both directions without looking at them, or lets a service or a program look at them.
 * @example plugProxy({ timeoutMs: 60_000, copyToClient: false })
 */
export function plugProxy(options: PlugOptions = {}): ProxyFactory {
  const { settings, faults } = checkSettings(plugSchema, options, {});
  const made: ProxyFactory = {
    name: 'plug',
    tellsRefusals: false,
    takesDatagrams: settings.stack === undefined, // a child sees bytes, and no datagrams
    stacks: stacksOf(settings),
    copying: copyingOf(settings),
    create: (context: ProxyContext): ProxyEngine => guard(new PlugCore(settings, context)),
    explain: () => explain(settings),
  };
  return declare(made, plugProxy, faults);
}

/** What it does where nothing is to be asked on the way. */
function copyingOf(settings: PlugSettings): Copying | undefined {
  const { stack, statistics, timeoutMs, copyToServer, copyToClient, shutdownSoft } = settings;
  if (stack !== undefined || statistics !== undefined) return undefined;
  return { timeoutMs, copyToServer, copyToClient, endsSoftly: shutdownSoft, endings: ENDINGS };
}

/** What a plug may stack, for the checks of the policy. */
function stacksOf({ stack, stacks }: PlugSettings): readonly Stackable[] {
  return stack === undefined || typeof stack === 'function' ? stacks : [stack];
}

/** How the bytes pass. */
function wayOf({ stack }: PlugSettings): string {
  if (stack === undefined) return 'without looking at them';
  return typeof stack === 'function'
    ? 'through what the policy chooses for each session'
    : `through ${stack.kind} ${stack.name}`;
}

function explain(settings: PlugSettings): string {
  const { copyToServer, copyToClient, timeoutMs, ...rest } = settings;
  const ways = [copyToServer ? 'to the server' : '', copyToClient ? 'to the client' : ''];
  const copied = ways.filter((way) => way !== '').join(' and ');
  const parts = [
    copied === '' ? 'throws away all bytes' : `copies bytes ${copied} ${wayOf(settings)}`,
    `ends after ${timeoutMs} ms without traffic`,
    rest.shutdownSoft || rest.stack !== undefined
      ? 'closes each direction by itself'
      : 'ends when either side ends',
  ];
  if (rest.secondarySessions > 0)
    parts.push(`takes up to ${rest.secondarySessions} further flows of its client over UDP`);
  if (rest.statistics !== undefined)
    parts.push(`asks the policy every ${rest.statistics.everyMs} ms whether to go on`);
  return parts.join(', ');
}
