// The SOCKS proxy: connections for clients that ask by SOCKS 5, 4 or 4a. What is inside goes to another service.

import type { ProxyFactory } from '../../proxy/engine.ts';
import { guard } from '../../proxy/guard.ts';
import { declare } from '../../proxy/policy-fault.ts';
import { HttpCore } from '../http/http-proxy.ts';
import type { HttpSettings } from '../http/settings.ts';
import type { HttpPlan } from '../http/http-plan.ts';
import { httpPlanOf } from '../http/http-plan.ts';
import { explainUrlFilter } from '../http/filters/url-filter.ts';
import type { SocksOptions } from './settings.ts';
import { readSettings } from './settings.ts';
import { SocksCore } from './socks-proxy.ts';

export type { SocksOptions } from './settings.ts';
export { socksDetector } from './socks-detector.ts';

/**
 * A proxy for SOCKS 5, 4 and 4a (RFC 1928): CONNECT only.
 * @example socksProxy({ connect: tunnel, targetPorts: '22,443', urlFilter: { permitHosts: (host) => host.endsWith('.example') } })
 */
export function socksProxy(options: SocksOptions): ProxyFactory {
  const { settings, faults } = readSettings(options);
  const plan = httpPlanOf(settings);
  const made: ProxyFactory = {
    name: 'socks',
    tellsRefusals: true,
    authentication: 'possible',
    stacks: [...new Set([...(plan.connect?.stacks ?? []), ...settings.stacks])],
    create: (context) => guard(new SocksCore(new HttpCore(plan, context), context)),
    explain: () => explain(settings, plan),
  };
  return declare(made, socksProxy, faults);
}

function explain(
  { request, targetPorts, urlFilter }: HttpSettings,
  { connect, parent }: HttpPlan,
): string {
  const rule = request['CONNECT'];
  const decision = typeof rule === 'function' ? ' by a function' : ` ${rule?.action ?? ''}`;
  const through = parent === undefined ? '' : `; ${parent.explain()}`;
  const filter = urlFilter === undefined ? '' : `; ${explainUrlFilter(urlFilter)}`;
  return `SOCKS: ports ${String(targetPorts)}${decision}, ${connect?.explain() ?? 'to nothing'}${filter}${through}`;
}
