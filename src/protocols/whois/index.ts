// The whois proxy: one question, one answer, line by line.

import type { ProxyContext, ProxyEngine, ProxyFactory } from '../../proxy/engine.ts';
import { guard } from '../../proxy/guard.ts';
import { checkSettings, declare } from '../../proxy/policy-fault.ts';
import { QueryCore } from '../../proxy/query-core.ts';
import type { WhoisOptions, WhoisSettings } from './settings.ts';
import { whoisSchema } from './settings.ts';
import { whoisProtocol } from './whois-proxy.ts';

export type { WhoisAnswer, WhoisOptions, WhoisRequest, WhoisRule } from './settings.ts';

/**
 * A proxy for whois (RFC 3912).
 * @example whoisProxy({ whoisRequest: ({ query }) => (query.endsWith('.example') ? accept() : reject()) })
 */
export function whoisProxy(options: WhoisOptions = {}): ProxyFactory {
  const { settings, faults } = checkSettings(whoisSchema, options, {});
  const protocol = whoisProtocol(settings);
  const made: ProxyFactory = {
    name: 'whois',
    tellsRefusals: true,
    stacks: [],
    create: (context: ProxyContext): ProxyEngine => guard(new QueryCore(protocol, context)),
    explain: () => explain(settings),
  };
  return declare(made, whoisProxy, faults);
}

function explain({ maxRequestLength, maxLineLength, whoisRequest }: WhoisSettings): string {
  const decision = whoisRequest === undefined ? 'all requests' : 'requests by a function';
  return `whois: ${decision}, up to ${maxRequestLength} bytes; answers in lines of up to ${maxLineLength} bytes`;
}
