// What a policy says that no ruleset can say: each rule by its place, with the reason and the cure.

import type { Listener } from '../policy/make-listener.ts';
import type { NumberedRule } from '../policy/number-rules.ts';
import type { Policy } from '../policy/policy.ts';
import { placed } from '../policy/warning.ts';
import { ruleName } from '../policy/warnings-rules.ts';
import { MOST_FLOWS } from './flow-numbers.ts';
import { PacketFilterError } from './packet-filter-error.ts';

const CODE = 'ruleset.inexpressible';

/** A rule that the packet filter cannot express. */
export function inexpressible({ id, rule }: NumberedRule, why: string): PacketFilterError {
  const name = placed(rule, ruleName({ id, rule }));
  return new PacketFilterError(CODE, `The packet filter cannot express ${name}: ${why}`);
}

/** Whether a rule gives its connections to a proxy, which finds the rule again. */
export function isProxied({ rule: { service, detect } }: NumberedRule): boolean {
  return detect.length > 0 || service?.kind === 'service';
}

/** The listener of the rules to which connections are brought; undefined if there is none. */
export function hiddenListener({ instances }: Policy): Listener | undefined {
  return [...instances.values()].flat().find(({ isHidden }) => isHidden);
}

/** @throws PacketFilterError for the first rule that cannot be expressed. */
export function checkExpressible(policy: Policy, takers: number): void {
  if (takers > MOST_FLOWS)
    throw new PacketFilterError(
      CODE,
      `The packet filter can tell ${MOST_FLOWS} transparent listeners and pfServices apart, and the policy has ${takers}: let some share one`,
    );
  const hidden = hiddenListener(policy);
  for (const numbered of policy.rules.filter(isProxied)) {
    if (hidden === undefined)
      throw inexpressible(
        numbered,
        'its connections are brought to a proxy, and no listener takes them: add ruleListener() without a bind',
      );
    if (numbered.rule.requestIds.length > 0)
      throw inexpressible(
        numbered,
        'requestIds are known only to the packet filter, and the proxy has to find the same rule again: remove them, or start a pfService or a denyService',
      );
  }
}
