// A policy for tests of the packet filter: zones that take addresses from one another, and every kind of service.

import type { PolicyOptions } from '../../src/policy/define-policy.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { pfService } from '../../src/policy/pf-service.ts';
import { denyService, service } from '../../src/policy/service.ts';
import { zone } from '../../src/policy/zone.ts';
import type { GeneratedRuleset } from '../../src/packet-filter/generate-ruleset.ts';
import { generateRuleset } from '../../src/packet-filter/generate-ruleset.ts';
import type { Json } from '../../src/packet-filter/nft-json.ts';
import { idleProxy } from './policy-samples.ts';

export const plug = service('plug', { proxy: idleProxy() });
export const forward = pfService('forward');
export const no = denyService('no', { reply: 'tcp-reset' });

export const world = zone('world', { subnets: ['0.0.0.0/0', '::/0'] });
export const office = zone('office', { subnets: ['10.0.0.0/8', '2001:db8::/32'], parent: world });
export const guests = zone('guests', { subnets: ['10.9.0.0/16'] });

/** A policy with those zones. */
export function policyWith(options: Partial<PolicyOptions>): Policy {
  return definePolicy({ zones: [world, office, guests], ...options });
}

/** The rules of a chain: their expressions. */
export function rulesOf({ commands }: GeneratedRuleset, chain: string): readonly Json[] {
  return commands.flatMap((command) => {
    const { add } = command as { add?: { rule?: { chain: string; expr: Json } } };
    return add?.rule?.chain === chain ? [add.rule.expr] : [];
  });
}

/** The rules of a chain of the ruleset of a policy with these options. */
export function chainOf(options: Partial<PolicyOptions>, chain: string): readonly Json[] {
  return rulesOf(generateRuleset(policyWith(options)), chain);
}
