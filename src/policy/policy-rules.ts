// What definePolicy checks of rules: their numbers, and that they name only zones of the policy.

import type { Fault } from '../proxy/policy-fault.ts';
import type { Listener } from './make-listener.ts';
import type { NumberedRule } from './number-rules.ts';
import { numberRules } from './number-rules.ts';
import type { PolicyFaults } from './policy-faults.ts';
import { missingZone } from './policy-zones.ts';
import type { Rule } from './rule.ts';
import type { AnyService } from './service.ts';
import type { Zone } from './zone.ts';

/** The rules of a policy, by ascending id. */
export function checkRules(
  given: unknown,
  known: ReadonlySet<Zone>,
  faults: PolicyFaults,
): readonly NumberedRule[] {
  if (given === undefined) return [];
  const cure = 'give a list of rules made by rule(), not copies of them';
  const members = faults.members(given, { path: 'rules', kinds: ['rule'], cure });
  const rules = [...members] as Rule[];
  for (const rule of rules) {
    faults.collect(rule);
    for (const fault of lostZones(rule, known)) faults.add(rule, fault);
  }
  return numberRules(rules, faults);
}

function lostZones(rule: Rule, known: ReadonlySet<Zone>): readonly Fault[] {
  return (['from', 'to'] as const).flatMap((path) =>
    rule[path].filter((zone) => !known.has(zone)).map((zone) => missingZone(path, zone)),
  );
}

/** A listener that asks the rules, in a policy that has none, would refuse everything. */
export function checkRuleListeners(
  listeners: readonly Listener[],
  hasRules: boolean,
  faults: PolicyFaults,
): void {
  if (hasRules) return;
  const cure = 'give rules in definePolicy: this listener asks them, and there are none';
  for (const listener of listeners)
    if (listener.type === 'rule') faults.add(listener, { path: 'rules', value: 'none', cure });
}

/** The services that rules start, in their order. */
export function servicesOf(rules: readonly NumberedRule[]): readonly AnyService[] {
  return rules.flatMap(({ rule }) => {
    const detected = rule.detect.map((line) => line.service);
    return rule.service === undefined ? detected : [...detected, rule.service];
  });
}
