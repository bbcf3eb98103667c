// Matchers of regular expressions: patterns in the policy itself.

import { z } from 'zod';
import type { Matcher } from '../proxy/matcher.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { checkSettings, showValue } from '../proxy/policy-fault.ts';
import { declareMatcher, listedText } from './matcher.ts';
import { PatternList } from './pattern-list.ts';

/** Options of `regexpMatcher`. */
export interface RegexpMatcherOptions {
  /**
   * Patterns in the syntax of RE2, found anywhere in the text unless `^` and `$` say otherwise. There are no
   * back-references and no look-around: so every text is decided in linear time.
   */
  readonly match: readonly string[];
  /** A text in which one of these is found does not match. Default: none. */
  readonly ignore?: readonly string[];
  /** Default: true. */
  readonly ignoreCase?: boolean;
}

const NO_PATTERNS = 'give at least one pattern: a matcher without one never matches';

const patterns = z.array(listedText, {
  error: 'give a list of patterns, such as ["^http://ads\\\\."]',
});

const schema = z.strictObject({
  match: patterns.min(1, { error: NO_PATTERNS }),
  ignore: patterns.default([]),
  ignoreCase: z.boolean({ error: 'give true or false' }).default(true),
});
registerOptions('regexpMatcher', schema);

/**
 * Matches a text in which one of the patterns is found, and none of those to ignore.
 * @example const ads = regexpMatcher({ match: ['^http://[^/]*\\bads\\.', '/banner/'], ignore: ['/banner/logo\\.png$'] });
 */
export function regexpMatcher(options: RegexpMatcherOptions): Matcher {
  const { settings, faults } = checkSettings(schema, options, { match: ['x'] });
  const { ignoreCase } = settings;
  const match = compile('match', settings.match, ignoreCase);
  const ignore = compile('ignore', settings.ignore, ignoreCase);
  const made: Matcher = {
    kind: 'matcher',
    type: 'regexp',
    matches: (text) => match.list.find(text) && !ignore.list.find(text),
    explain: () => explainPatterns(match.list.size, ignore.list.size),
  };
  return declareMatcher(made, regexpMatcher, [...faults, ...match.faults, ...ignore.faults]);
}

/** What a matcher of so many patterns does. */
export function explainPatterns(match: number, ignore: number): string {
  const matches = match === 1 ? 'matches a pattern' : `matches one of ${match} patterns`;
  if (ignore === 0) return matches;
  return `${matches} and ${ignore === 1 ? 'not another one' : `none of ${ignore} others`}`;
}

interface Compiled {
  readonly list: PatternList;
  readonly faults: readonly Fault[];
}

function compile(field: string, texts: readonly string[], ignoreCase: boolean): Compiled {
  const result = PatternList.compileAtOnce(
    texts.map((text, place) => ({ place, text })),
    ignoreCase,
  );
  if (result instanceof PatternList) return { list: result, faults: [] };
  const faults = result.map(({ place, text, cure }) => ({
    path: `${field}[${place}]`,
    value: showValue(text),
    cure,
  }));
  return { list: PatternList.NONE, faults };
}
