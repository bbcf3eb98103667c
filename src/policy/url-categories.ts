// Categories of URLs from lists of one's own: per category lists of domains, of URLs and of expressions.

import { z } from 'zod';
import type { AnyMatcher } from '../proxy/matcher.ts';
import { askMatcher, isListOfOthers, isMatcher, matcherCure, showPlace } from '../proxy/matcher.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import type { AskedUrl, UrlCategories } from '../proxy/url-categories.ts';
import { makeDomainMatcher } from './matcher-domain.ts';
import { makeRegexpFileMatcher } from './matcher-regexp-file.ts';
import { makeUrlListMatcher } from './matcher-url-list.ts';

/** A list: a file, several files, or a matcher. */
export type CategoryList = string | readonly string[] | AnyMatcher;

/** What is of a category: whatever one of these lists has. At least one of them. */
export interface CategoryLists {
  /** Hosts, in files as `domainMatcher` reads them: domains, lines of hosts files, addresses, subnets. */
  readonly domains?: CategoryList;
  /** URLs, in files as `urlListMatcher` reads them. */
  readonly urls?: CategoryList;
  /** Regular expressions over the whole URL, in files as `regexpFileMatcher` reads them. */
  readonly expressions?: CategoryList;
}

const LIST_CURE = 'give the path of a file, a list of paths, or a matcher';
const path = z.string().min(1);
const list = z.union(
  [
    path,
    z.array(path).min(1).readonly(),
    z.custom<AnyMatcher>(isMatcher, { error: ({ input }) => matcherCure(input) }),
  ],
  { error: LIST_CURE },
);

const hosts = list.refine((given) => !isMatcher(given) || !isListOfOthers(given, 'hosts'), {
  error: 'this matcher looks at URLs: write it as urls',
});
const urls = list.refine((given) => !isMatcher(given) || !isListOfOthers(given, 'URLs'), {
  error: 'this matcher looks at hosts: write it as domains',
});

const lists = z
  .strictObject(
    { domains: hosts.optional(), urls: urls.optional(), expressions: urls.optional() },
    { error: 'give lists, such as { domains: "lists/ads.txt" }' },
  )
  .refine((given) => Object.values(given).some((one) => one !== undefined), {
    error: 'give at least one of domains, urls and expressions',
  });

const name = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, {
  error: 'name it with 1 to 64 lower-case letters, digits, "_" and "-"',
});

const schema = z.record(name, lists, { error: 'give an object of categories by name' });
const EMPTY: Fault = { path: '', value: '{}', cure: 'give at least one category' };

/** The matchers of a category: over hosts, and over whole URLs. */
interface Category {
  readonly hosts: readonly AnyMatcher[];
  readonly urls: readonly AnyMatcher[];
}

/**
 * Makes categories of URLs from lists. `httpProxy({ urlCategories, urlCategory })` says what becomes of each of them.
 * @example const categories = urlCategories({ ads: { domains: 'lists/ads.txt', urls: 'lists/ads-urls.txt' } });
 */
export function urlCategories(given: Readonly<Record<string, CategoryLists>>): UrlCategories {
  const { settings, faults } = checkSettings(schema, given, {});
  const categories = new Map<string, Category>(
    Object.entries(settings).map(([one, category]) => [one, categoryOf(category)]),
  );
  const partsOf = (one: string, { text, host }: AskedUrl): readonly [AnyMatcher, string][] => {
    const category = categories.get(one);
    if (category === undefined) return [];
    return [
      ...category.hosts.map((matcher): [AnyMatcher, string] => [matcher, host]),
      ...category.urls.map((matcher): [AnyMatcher, string] => [matcher, text]),
    ];
  };
  const made: UrlCategories = {
    kind: 'url-categories',
    names: Object.freeze([...categories.keys()]),
    has: (one, url) =>
      partsOf(one, url).some(([matcher, text]) => askMatcher(`category ${one}`, matcher, text)),
    placeOf: (one, url) => {
      for (const [matcher, text] of partsOf(one, url)) {
        const place = showPlace(matcher, text);
        if (place !== undefined) return place;
      }
      return undefined;
    },
  };
  const isEmpty = faults.length === 0 && categories.size === 0;
  return declare(made, urlCategories, isEmpty ? [EMPTY] : faults);
}

function categoryOf({ domains, urls, expressions }: z.output<typeof lists>): Category {
  return {
    hosts: matchersOf(domains, (file) => [makeDomainMatcher(urlCategories, { file })]),
    urls: [
      ...matchersOf(urls, (file) => [makeUrlListMatcher(urlCategories, { file })]),
      ...matchersOf(expressions, (files) =>
        files.map((matchFile) => makeRegexpFileMatcher(urlCategories, { matchFile })),
      ),
    ],
  };
}

function matchersOf(
  given: CategoryList | undefined,
  ofFiles: (files: readonly string[]) => readonly AnyMatcher[],
): readonly AnyMatcher[] {
  if (given === undefined) return [];
  if (typeof given === 'string') return ofFiles([given]);
  return isFiles(given) ? ofFiles(given) : [given];
}

function isFiles(given: CategoryList): given is readonly string[] {
  return Array.isArray(given);
}
