// The numbers of rules: they stand in records, and the lower one decides a tie.

import { showSource, sourceOf } from '../proxy/source-location.ts';
import type { PolicyFaults } from './policy-faults.ts';
import type { Rule } from './rule.ts';

/** A rule with the number that it has in a policy. */
export interface NumberedRule {
  readonly id: number;
  readonly rule: Rule;
}

/**
 * Numbers the rules of a policy: those without an id get, in their order, the lowest that no rule has. A second rule with
 * the same id is a fault, and left out.
 * @returns the rules by ascending id.
 */
export function numberRules(rules: readonly Rule[], faults: PolicyFaults): readonly NumberedRule[] {
  const numbered = new Map<number, Rule>();
  for (const rule of rules) {
    if (rule.id === undefined) continue;
    const owner = numbered.get(rule.id);
    if (owner === undefined) numbered.set(rule.id, rule);
    else
      faults.add(rule, {
        path: 'id',
        value: String(rule.id),
        cure: `choose another: the rule at ${showSource(sourceOf(owner))} has it`,
      });
  }
  let id = 1;
  for (const rule of rules) {
    if (rule.id !== undefined) continue;
    while (numbered.has(id)) id++;
    numbered.set(id, rule);
  }
  const sorted = [...numbered].sort(([one], [other]) => one - other);
  return Object.freeze(sorted.map(([number, rule]) => Object.freeze({ id: number, rule })));
}
