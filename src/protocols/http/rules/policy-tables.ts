// The lookups in the tables of the policy that go by method.

import type { ResponseRule } from '../http-options.ts';
import type { HttpSettings } from '../settings.ts';

/** The rule of a method: its own, that of `*`, or none. */
export function ruleForMethod<Rule>(
  rules: Readonly<Record<string, Rule>>,
  method: string,
): Rule | undefined {
  // Methods are names that clients choose, and `constructor` must not find anything.
  return own(rules, method) ?? own(rules, '*');
}

/** The rule for a response, the most specific first: (method, 404), (method, 40), (method, 4), (method, *), then `*`. */
export function responseRuleFor(
  rules: HttpSettings['response'],
  method: string,
  status: number,
): ResponseRule | undefined {
  return byStatus(own(rules, method), status) ?? byStatus(own(rules, '*'), status);
}

function byStatus(
  rules: Readonly<Record<string, ResponseRule>> | undefined,
  status: number,
): ResponseRule | undefined {
  if (rules === undefined) return undefined;
  const digits = String(status);
  return (
    own(rules, digits) ??
    own(rules, digits.slice(0, 2)) ??
    own(rules, digits.slice(0, 1)) ??
    own(rules, '*')
  );
}

function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
