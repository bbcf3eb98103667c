// Random policies for the packet filter: rules that start a proxy, a pfService or a denyService.
import { definePolicy } from '../../src/policy/define-policy.ts';
import { pfService } from '../../src/policy/pf-service.ts';
import type { Policy } from '../../src/policy/policy.ts';
import type { RuleOptions } from '../../src/policy/rule.ts';
import { rule } from '../../src/policy/rule.ts';
import type { AnyService } from '../../src/policy/service.ts';
import { denyService, service } from '../../src/policy/service.ts';
import { plugProxy } from '../../src/protocols/plug/index.ts';
import { faultsOf } from '../../src/proxy/policy-fault.ts';
import { ZONES_OF_RULES } from './arbitraries-rules.ts';

/** The conditions of a rule, and what it starts: 0 a proxy, 1 a denyService, 2 a pfService. */
export type FilterRuleSeed = readonly [options: RuleOptions, started: number];

const plug = service('plug', { proxy: plugProxy() });
const deny = denyService('deny');
const STARTED: readonly AnyService[] = [plug, deny, pfService('forward')];

/** So that there is a rule where all others exclude themselves. */
const LAST = rule({ id: 1000, destinationSubnets: '192.0.2.0/24', service: deny });

/** The policy of some rules; half of the ids fall. A proxied rule cannot ask for IPsec. */
export function filterPolicyOf(seeds: readonly FilterRuleSeed[]): Policy {
  const made = seeds.map(([options, started], index) => {
    const { requestIds = [], ...others } = options;
    const chosen = STARTED[started] ?? deny;
    const id = index % 2 === 0 ? 200 - index : index;
    return rule({ ...others, ...(chosen === plug ? {} : { requestIds }), id, service: chosen });
  });
  const right = made.filter((one) => faultsOf(one).length === 0);
  return definePolicy({ zones: ZONES_OF_RULES, rules: [...right, LAST] });
}
