// The hidden listener of the rules in a policy: where it stands, and that a policy with one instance has it by itself.

import { redeclare, showValue } from '../proxy/policy-fault.ts';
import type { Listener } from './make-listener.ts';
import type { PacketFilterSettings } from './packet-filter-settings.ts';
import type { PolicyFaults } from './policy-faults.ts';
import { bindHidden, ruleListener } from './rule-listener.ts';

/** Listeners by the name of their instance. */
type Instances = ReadonlyMap<string, readonly Listener[]>;

/** What there is to be known of a policy. */
export interface HiddenNeeds {
  readonly hasRules: boolean;
  readonly packetFilter: PacketFilterSettings;
}

/**
 * The same instances with the hidden listener at its port: where `ruleListener()` stands, or in the only instance of a
 * policy that has rules and no listener that asks them.
 */
export function withHidden(
  instances: Instances,
  { hasRules, packetFilter }: HiddenNeeds,
  faults: PolicyFaults,
): Instances {
  const all = [...instances.values()].flat();
  for (const surplus of all.filter(({ isHidden }) => isHidden).slice(1))
    faults.add(surplus, { path: '', value: showValue(surplus.name), cure: ONE_ONLY });
  const isAsked = all.some(({ type }) => type === 'rule');
  const isMissing = hasRules && !isAsked && instances.size === 1;
  return new Map(
    [...instances].map(([name, listeners]) => {
      const added = isMissing ? [redeclare({ ...ruleListener() }, faults.place)] : [];
      const bound = [...listeners, ...added].map((listener) =>
        listener.isHidden ? bindHidden(listener, packetFilter.rulePort) : listener,
      );
      return [name, Object.freeze(bound)];
    }),
  );
}

const ONE_ONLY =
  'keep one ruleListener() without a bind in the whole policy: the packet filter brings all connections to that one';
