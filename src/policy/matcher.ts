// What all matchers of the vocabulary share: they are checked with the policy that is defined next, also where only a
// function of the policy knows them, and one with a fault never answers.

import { z } from 'zod';
import type { Matcher } from '../proxy/matcher.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { declare } from '../proxy/policy-fault.ts';

// Far more than a policy has; what makes matchers while it runs, in a function of a request, must not fill the memory.
const MAX_WAITING = 10_000;

const waiting: Matcher[] = [];

/** Finishes a matcher as `declare` does, and remembers it for definePolicy. With a fault it throws when it is asked. */
export function declareMatcher(
  made: Matcher,
  factory: (...parameters: never[]) => unknown,
  faults: readonly Fault[],
): Matcher {
  const matcher: Matcher = faults.length === 0 ? made : { ...made, matches: () => refuse(faults) };
  declare(matcher, factory, faults);
  if (waiting.length < MAX_WAITING) waiting.push(matcher);
  return matcher;
}

function refuse(faults: readonly Fault[]): never {
  const [first] = faults;
  throw new Error(`the matcher is faulty: ${first?.value ?? ''}: ${first?.cure ?? ''}`);
}

/** All matchers that were made since the last call: those of the policy that is being defined. */
export function takeMatchers(): readonly Matcher[] {
  return waiting.splice(0);
}

const NOT_PATTERNS = 'give a list of patterns as texts';

/** A text in a list of patterns or names; a RegExp is told how it is written. */
export const listedText = z.string({
  error: ({ input }) =>
    input instanceof RegExp
      ? `write the pattern as a text: ${JSON.stringify(input.source)}`
      : NOT_PATTERNS,
});

/** The path of a list file. */
export const listFile = z
  .string({ error: 'give the path of a file as text' })
  .min(1, { error: 'give the path of a file' });
