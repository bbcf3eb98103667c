// Matchers made of other matchers. What a function answers is checked: a promise, which counts as true in JavaScript,
// is no answer.

import type { AnyMatcher, ListPlace, Matcher, MatcherType } from '../proxy/matcher.ts';
import { askMatcher, explainMatcher, isMatcher, matcherCure } from '../proxy/matcher.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { showValue } from '../proxy/policy-fault.ts';
import { declareMatcher } from './matcher.ts';

/** Asks one part about the text. */
type Ask = (part: AnyMatcher) => boolean;
type Combine = (parts: readonly AnyMatcher[], ask: Ask) => boolean;

/**
 * Matches what all of these match; asks no further after the first that does not.
 * @example and(companyHosts, not(regexpMatcher({ match: ['/private/'] })))
 */
export function and(...matchers: readonly [AnyMatcher, ...AnyMatcher[]]): Matcher {
  return combine('and', and, matchers);
}

/**
 * Matches what one of these matches; asks no further after the first that does.
 * @example or(ads, trackers)
 */
export function or(...matchers: readonly [AnyMatcher, ...AnyMatcher[]]): Matcher {
  return combine('or', or, matchers);
}

/**
 * Matches what this one does not match.
 * @example not(companyHosts)
 */
export function not(...matcher: readonly [AnyMatcher]): Matcher {
  return combine('not', not, matcher);
}

/**
 * Matches what an odd number of these match: of two, what exactly one of them does.
 * @example xor(oldList, newList) // on what two lists differ
 */
export function xor(...matchers: readonly [AnyMatcher, ...AnyMatcher[]]): Matcher {
  return combine('xor', xor, matchers);
}

/**
 * Matches what either all of these match or none of them does.
 * @example eq(oldList, newList) // on what two lists agree
 */
export function eq(...matchers: readonly [AnyMatcher, ...AnyMatcher[]]): Matcher {
  return combine('eq', eq, matchers);
}

type Operator = Extract<MatcherType, 'and' | 'or' | 'not' | 'xor' | 'eq'>;

const OPERATORS: Readonly<Record<Operator, Combine>> = {
  and: (parts, ask) => parts.every(ask),
  or: (parts, ask) => parts.some(ask),
  not: (parts, ask) => !parts.some(ask),
  xor: (parts, ask) => parts.filter(ask).length % 2 === 1,
  eq: (parts, ask) => new Set(parts.map(ask)).size === 1,
};

const WORDS: Readonly<Record<Operator, string>> = {
  and: 'all of',
  or: 'one of',
  not: 'not',
  xor: 'an odd number of',
  eq: 'all or none of',
};

function combine(
  operator: Operator,
  factory: (...parameters: never[]) => unknown,
  parts: readonly AnyMatcher[],
): Matcher {
  const made: Matcher = {
    kind: 'matcher',
    type: operator,
    parts,
    matches: (text) =>
      OPERATORS[operator](parts, (part) => askMatcher(`part of ${operator}()`, part, text)),
    // Of and() one part may have the text that another one takes out again: then nothing matches, and no entry is to blame.
    placeOf: (text) =>
      operator === 'and' && !made.matches(text) ? undefined : placeOf(operator, parts, text),
    explain: () => `${WORDS[operator]} (${parts.map(explainMatcher).join('; ')})`,
  };
  return declareMatcher(made, factory, [...arityFaults(operator, parts), ...partFaults(parts)]);
}

/** That of the first part that matches and knows one: of and() all match, of or() one does; the others say nothing. */
function placeOf(
  operator: Operator,
  parts: readonly AnyMatcher[],
  text: string,
): ListPlace | undefined {
  if (operator !== 'and' && operator !== 'or') return undefined;
  for (const part of parts) {
    const place = typeof part === 'function' ? undefined : part.placeOf?.(text);
    if (place !== undefined) return place;
  }
  return undefined;
}

function arityFaults(operator: Operator, parts: readonly unknown[]): readonly Fault[] {
  const isRight = operator === 'not' ? parts.length === 1 : parts.length > 0;
  if (isRight) return [];
  const cure = operator === 'not' ? 'give exactly one matcher' : 'give at least one matcher';
  return [{ path: '', value: `${operator}() of ${parts.length}`, cure }];
}

function partFaults(parts: readonly unknown[]): readonly Fault[] {
  return parts.flatMap((part, index) => {
    if (isMatcher(part)) return [];
    return [{ path: `matchers[${index}]`, value: showValue(part), cure: matcherCure(part) }];
  });
}
