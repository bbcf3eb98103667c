// Matchers of URLs that stand in lists: sites, directories and pages, from a few to millions.

import { z } from 'zod';
import type { Matcher } from '../proxy/matcher.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings } from '../proxy/policy-fault.ts';
import { oneOrMore } from './fields.ts';
import { makeListMatcher } from './list-matcher.ts';
import { listedText, listFile } from './matcher.ts';
import { UrlList } from './url-list.ts';

/** Options of `urlListMatcher`; at least one of them. */
export interface UrlListMatcherOptions {
  /**
   * `'http://example.org/ads'`, or `'example.org/ads'` for both schemes: that URL, with any query, and all that is below
   * it in the tree of paths. `'example.org/show?id=7'` stands for that query, with further parameters or without.
   */
  readonly urls?: readonly string[];
  /**
   * A file with one such entry a line, or several files; blank lines and lines that begin with `#` are skipped. The path
   * is absolute, or relative to the policy file. When it changes it is read anew.
   */
  readonly file?: string | readonly string[];
}

const schema = z.strictObject({
  urls: z
    .array(listedText, { error: 'give a list of URLs, such as ["example.org/ads"]' })
    .default([]),
  file: oneOrMore(listFile, 'give the path of a file, or a list of them').optional(),
});
registerOptions('urlListMatcher', schema);

const WORDS = {
  field: 'urls',
  one: 'a URL',
  several: (count: number) => `one of ${count} URLs`,
  listed: (file: string) => `one of the URLs of ${file}`,
  empty: 'give urls or a file: a matcher without them never matches',
};

/**
 * Matches a URL that is in a list, or below one in the tree of paths. Lists of a million URLs are fine: the time that an
 * answer takes depends only on how long the URL is.
 * @example const pages = urlListMatcher({ urls: ['example.org/ads'], file: 'lists/ads-urls.txt' });
 */
export function urlListMatcher(options: UrlListMatcherOptions): Matcher {
  return makeUrlListMatcher(urlListMatcher, options);
}

/** Makes one for a function of the vocabulary, at whose line its faults are told. */
export function makeUrlListMatcher(
  factory: (...parameters: never[]) => unknown,
  options: UrlListMatcherOptions,
): Matcher {
  const { settings, faults } = checkSettings(schema, options, {});
  return makeListMatcher(factory, {
    type: 'url-list',
    words: WORDS,
    entries: settings.urls,
    files: settings.file ?? [],
    makeList: () => new UrlList(),
    faults,
  });
}
