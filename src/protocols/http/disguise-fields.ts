// Fields by which servers take a request for another one than the policy has decided about: for another method, another
// path, or another proxy of their own. A rule of the policy for their names takes the place of what is done here. And fields
// that some servers take for one that the policy keeps away from them.

import { isToken } from './heads/byte-text.ts';
import type { FieldRules, HeaderRules, MethodCheck } from './rules/field-policy.ts';
import { DROP_RECEIVED } from './rules/field-policy.ts';
import { spellings } from './forwarding/spellings.ts';
import { ruleForMethod } from './rules/policy-tables.ts';
import type { HttpSettings } from './settings.ts';

/** Frameworks read the method from these where a form, or a browser, could only write POST. */
const METHOD_FIELDS = ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'];

/**
 * `Proxy` becomes the variable HTTP_PROXY of programs of CGI, which then send their own requests there (httpoxy,
 * CVE-2016-5385 and others). The other two take the place of the path with servers of Microsoft and frameworks that go
 * with them.
 */
const DROPPED = ['Proxy', 'X-Original-URL', 'X-Rewrite-URL'];

/** The rules for these fields, where the policy has none. */
export function disguiseRules(rules: HttpSettings['request']): FieldRules {
  const check: MethodCheck = {
    action: 'check-method',
    permits: (method) => isPermitted(rules, method),
  };
  const dropped = DROPPED.flatMap(spellings).map((name) => [name, DROP_RECEIVED] as const);
  const checked = METHOD_FIELDS.flatMap(spellings).map((name) => [name, check] as const);
  return Object.fromEntries<FieldRules[string]>([...dropped, ...checked]);
}

/** Of a name with more hyphens only the spelling without any is known: each doubles the number of spellings. */
const MAX_HYPHENS = 6;

/** What the policy drops, replaces or refuses does not pass in another spelling either. */
export function spellingRules(rules: HeaderRules): FieldRules {
  const others = Object.entries(rules).flatMap(([name, rule]) => {
    const isKept =
      typeof rule === 'function' || !['drop', 'replace', 'abort'].includes(rule.action);
    if (isKept || name === '*') return [];
    const other = rule.action === 'abort' ? rule : DROP_RECEIVED;
    return otherSpellings(name).map((text) => [text, other] as const);
  });
  return Object.fromEntries<FieldRules[string]>(others);
}

function otherSpellings(name: string): readonly string[] {
  const isLong = name.split('-').length - 1 > MAX_HYPHENS;
  const texts = isLong ? [name.replaceAll('-', '_')] : spellings(name);
  return texts.filter((text) => text !== name);
}

/** A function is about a request as it is: what it would say of another one nobody knows. */
function isPermitted(rules: HttpSettings['request'], method: string): boolean {
  // A list would be read by its first element, or by its last.
  if (!isToken(method)) return false;
  const rule = ruleForMethod(rules, method.toUpperCase());
  return typeof rule === 'object' && rule.action === 'accept';
}
