// Matchers: what a policy asks about a text, such as a URL, a host name or a mail address.

import { z } from 'zod';
import { callPolicy, invalidResult } from './policy-call.ts';
import { isDeclared } from './policy-fault.ts';

/** What a matcher looks at, or how it combines others. */
export type MatcherType =
  | 'regexp'
  | 'regexp-file'
  | 'domain'
  | 'url-list'
  | 'dns'
  | 'function'
  | 'and'
  | 'or'
  | 'not'
  | 'xor'
  | 'eq';

/** Says of a text whether it matches. Made by functions of the vocabulary, such as `regexpMatcher()`. */
export interface Matcher {
  readonly kind: 'matcher';
  readonly type: MatcherType;
  /** Throws an Error if it cannot say: a list that was never read, a text that is too long. */
  matches(text: string): boolean;
  /** Where the entry of a list stands that makes the text match; undefined where it stands in no file, or nothing does. */
  placeOf?(text: string): ListPlace | undefined;
  /** A few words in English, which follow "that": `matches one of 3 patterns`. */
  explain(): string;
  /** Those that it combines. */
  readonly parts?: readonly AnyMatcher[];
}

/** An entry of a list file. */
export interface ListPlace {
  /** The path as the policy has it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** A function in the place of a matcher; it answers true or false, at once. */
export type MatchFunction = (text: string) => boolean;

/** What is accepted wherever a matcher is. */
export type AnyMatcher = Matcher | MatchFunction;

/**
 * Asks a matcher about a text; `name` tells people which ('URL filter').
 * @throws PolicyFault if it throws, or answers with anything but true or false: a promise would count as true.
 */
export function askMatcher(name: string, matcher: AnyMatcher, text: string): boolean {
  const answer = callPolicy(name, () =>
    typeof matcher === 'function' ? matcher(text) : matcher.matches(text),
  );
  if (typeof answer === 'boolean') return answer;
  throw invalidResult(name, answer, 'true or false');
}

/** `lists/ads.txt:12`: the entry of a list that makes a text match; undefined where none can be told. */
export function showPlace(matcher: AnyMatcher, text: string): string | undefined {
  const place = typeof matcher === 'function' ? undefined : matcher.placeOf?.(text);
  return place && `${place.file}:${String(place.line)}`;
}

/** What a matcher does, in the words of its `explain()`. */
export function explainMatcher(matcher: AnyMatcher): string {
  if (typeof matcher !== 'function') return matcher.explain();
  return matcher.name === '' ? 'satisfies a function' : `satisfies ${matcher.name}()`;
}

/** Whether a value is a matcher that a function of the vocabulary made, or a function in its place. */
export function isMatcher(value: unknown): value is AnyMatcher {
  return typeof value === 'function' || isMadeMatcher(value);
}

/** What to write instead of a value that is no matcher. */
export function matcherCure(value: unknown): string {
  return value instanceof RegExp
    ? `write the pattern as a text: regexpMatcher({ match: [${JSON.stringify(value.source)}] })`
    : 'give a matcher, such as regexpMatcher({ match: ["..."] }), or a function of a text';
}

/** A matcher, or a function in its place. */
export const anyMatcher = z.custom<AnyMatcher>(isMatcher, {
  error: (issue) => matcherCure(issue.input),
});

function isMadeMatcher(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'matcher' &&
    isDeclared(value)
  );
}

/** What a matcher is asked about. */
export type Asked = 'hosts' | 'URLs';

const LISTS_OF: Readonly<Record<Asked, readonly MatcherType[]>> = {
  hosts: ['domain', 'dns'],
  URLs: ['url-list'],
};

/** A matcher that is asked about hosts, or about URLs. A list of the other ones is refused with the cure: it would match nothing. */
export function matcherOver(asked: Asked, cure: string): z.ZodType<AnyMatcher, AnyMatcher> {
  return anyMatcher.refine((matcher) => !isListOfOthers(matcher, asked), { error: cure });
}

/** A matcher that is asked about names of hosts. */
export const hostMatcher = matcherOver(
  'hosts',
  'this matcher looks at URLs: give one that looks at hosts, such as domainMatcher()',
);

/** Whether some part of a matcher is a list of hosts where URLs are asked about, or the other way round. */
export function isListOfOthers(matcher: AnyMatcher, asked: Asked): boolean {
  if (typeof matcher === 'function') return false;
  const { type, parts = [] } = matcher;
  const isOne = LISTS_OF[asked === 'hosts' ? 'URLs' : 'hosts'].includes(type);
  return isOne || parts.some((part) => isMatcher(part) && isListOfOthers(part, asked));
}
