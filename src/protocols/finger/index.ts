// The finger proxy: one question about users, one answer, line by line.

import type { ProxyContext, ProxyEngine, ProxyFactory } from '../../proxy/engine.ts';
import { guard } from '../../proxy/guard.ts';
import { checkSettings, declare } from '../../proxy/policy-fault.ts';
import { QueryCore } from '../../proxy/query-core.ts';
import { fingerProtocol } from './finger-proxy.ts';
import type { FingerOptions, FingerSettings } from './settings.ts';
import { fingerSchema } from './settings.ts';

export type { FingerAnswer, FingerOptions, FingerRequest, FingerRule } from './settings.ts';

/**
 * A proxy for finger (RFC 1288).
 * @example fingerProxy({ maxHopCount: 1, fingerRequest: ({ username }) => (username === '' ? reject('No lists') : accept()) })
 */
export function fingerProxy(options: FingerOptions = {}): ProxyFactory {
  const { settings, faults } = checkSettings(fingerSchema, options, {});
  const protocol = fingerProtocol(settings);
  const made: ProxyFactory = {
    name: 'finger',
    tellsRefusals: true,
    stacks: [],
    create: (context: ProxyContext): ProxyEngine => guard(new QueryCore(protocol, context)),
    explain: () => explain(settings),
  };
  return declare(made, fingerProxy, faults);
}

function explain(settings: FingerSettings): string {
  const { maxHopCount, maxLineLength, maxUsernameLength, strictUsernameCheck } = settings;
  const decision = settings.fingerRequest === undefined ? 'all requests' : 'requests by a function';
  const names = strictUsernameCheck ? 'plain names' : 'names';
  return [
    `finger: ${decision}, ${names} of up to ${maxUsernameLength} characters`,
    `forwarded to ${maxHopCount === 'unlimited' ? 'any number of' : `up to ${maxHopCount}`} hosts`,
    `answers in lines of up to ${maxLineLength} bytes`,
  ].join('; ');
}
