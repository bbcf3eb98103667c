// A function of the policy as a matcher with a name.

import type { MatchFunction, Matcher } from '../proxy/matcher.ts';
import { askMatcher, explainMatcher } from '../proxy/matcher.ts';
import { showValue } from '../proxy/policy-fault.ts';
import { declareMatcher } from './matcher.ts';

/**
 * Makes a matcher of a function; a plain function does as well wherever a matcher is asked for, but has no name in
 * what `zorp explain` says.
 * @example const long = functionMatcher('is long', (url) => url.length > 1_000);
 */
export function functionMatcher(
  ...given: readonly [name: string, match: MatchFunction] | readonly [match: MatchFunction]
): Matcher {
  const [name, match] = given.length === 1 ? [undefined, ...given] : given;
  const made: Matcher = {
    kind: 'matcher',
    type: 'function',
    matches: (text) => askMatcher(name ?? 'matcher', match, text),
    explain: () => name ?? explainMatcher(match),
  };
  const faults = [];
  if (typeof match !== 'function')
    faults.push({ path: 'match', value: showValue(match), cure: 'give a function of a text' });
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    faults.push({
      path: 'name',
      value: showValue(name),
      cure: 'give a few words, such as "is long"',
    });
  return declareMatcher(made, functionMatcher, faults);
}
