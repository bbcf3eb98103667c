// Matchers of hosts: lists of host names, addresses and subnets, from a few to millions.

import { z } from 'zod';
import type { Matcher } from '../proxy/matcher.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings } from '../proxy/policy-fault.ts';
import { oneOrMore } from './fields.ts';
import { HostList } from './host-list.ts';
import { makeListMatcher } from './list-matcher.ts';
import { listedText, listFile } from './matcher.ts';

/** Options of `domainMatcher`; at least one of them. */
export interface DomainMatcherOptions {
  /**
   * `'example.org'` stands for itself and every name below it, `'.example.org'` only for those below. `'192.0.2.1'` and
   * `'2001:db8::/32'` stand for hosts that are addresses.
   */
  readonly domains?: readonly string[];
  /**
   * A file with one such entry a line, or several files; blank lines and lines that begin with `#` are skipped. Lines of
   * hosts files, `0.0.0.0 ads.example`, stand for exactly their names. The path is absolute, or relative to the policy
   * file. When it changes it is read anew.
   */
  readonly file?: string | readonly string[];
}

const schema = z.strictObject({
  domains: z
    .array(listedText, { error: 'give a list of domains, such as ["example.org"]' })
    .default([]),
  file: oneOrMore(listFile, 'give the path of a file, or a list of them').optional(),
});
registerOptions('domainMatcher', schema);

const WORDS = {
  field: 'domains',
  one: 'a domain',
  several: (count: number) => `one of ${count} domains`,
  listed: (file: string) => `one of the domains of ${file}`,
  empty: 'give domains or a file: a matcher without them never matches',
};

/**
 * Matches a host name that is one of the domains or below one, and addresses; case and a dot at the end do not count.
 * Lists of a million names are fine: the time that an answer takes depends only on how long the name is.
 * @example const social = domainMatcher({ domains: ['social.example'], file: 'lists/social.txt' });
 */
export function domainMatcher(options: DomainMatcherOptions): Matcher {
  return makeDomainMatcher(domainMatcher, options);
}

/** Makes one for a function of the vocabulary, at whose line its faults are told. */
export function makeDomainMatcher(
  factory: (...parameters: never[]) => unknown,
  options: DomainMatcherOptions,
): Matcher {
  const { settings, faults } = checkSettings(schema, options, {});
  return makeListMatcher(factory, {
    type: 'domain',
    words: WORDS,
    entries: settings.domains,
    files: settings.file ?? [],
    makeList: () => new HostList(),
    faults,
  });
}
