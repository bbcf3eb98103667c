// Matchers of domains: lists of host names, from a few to millions.

import { z } from 'zod';
import type { LiveFault, LiveFile } from '../proxy/live-input.ts';
import { registerLiveInput } from '../proxy/live-input.ts';
import type { Matcher } from '../proxy/matcher.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { checkSettings, declare, showValue } from '../proxy/policy-fault.ts';
import { DomainList } from './domain-list.ts';
import { lineFault, listLines, toldFaults } from './list-lines.ts';
import { declareMatcher, listedText, listFile } from './matcher.ts';

/** Options of `domainMatcher`; at least one of them. */
export interface DomainMatcherOptions {
  /** `'example.org'` stands for itself and every name below it, `'.example.org'` only for those below. */
  readonly domains?: readonly string[];
  /**
   * A file with one domain a line; blank lines and lines that begin with `#` are skipped. The path is absolute, or
   * relative to the policy file. When it changes it is read anew.
   */
  readonly file?: string;
}

const schema = z.strictObject({
  domains: z
    .array(listedText, { error: 'give a list of domains, such as ["example.org"]' })
    .default([]),
  file: listFile.optional(),
});

/**
 * Matches a host name that is one of the domains or below one; case and a dot at the end do not count. Lists of a
 * million names are fine: the time that an answer takes depends only on how many labels the name has.
 * @example const social = domainMatcher({ domains: ['social.example'], file: 'lists/social.txt' });
 */
export function domainMatcher(options: DomainMatcherOptions): Matcher {
  const { settings, faults } = checkSettings(schema, options, {});
  const { domains, file } = settings;
  const own = listOf(domains);
  const read = file === undefined ? undefined : domainFile(file);
  if (read !== undefined) registerLiveInput(declare(read.file, domainMatcher));
  const made: Matcher = {
    kind: 'matcher',
    type: 'domain',
    matches: (host) => own.list.has(host) || read?.list().has(host) === true,
    explain: () => explain(own.list.size, file),
  };
  const isEmpty = faults.length === 0 && domains.length === 0 && file === undefined;
  return declareMatcher(made, domainMatcher, [
    ...faults,
    ...own.faults,
    ...(isEmpty ? [EMPTY] : []),
  ]);
}

const EMPTY: Fault = {
  path: '',
  value: '{}',
  cure: 'give domains or a file: a matcher without them never matches',
};

function explain(count: number, file: string | undefined): string {
  const domains = count === 1 ? 'a domain' : `one of ${count} domains`;
  const lines = file === undefined ? '' : `one of the domains of ${file}`;
  return `is in ${[count === 0 ? '' : domains, lines].filter((one) => one !== '').join(' or ')}`;
}

function listOf(domains: readonly string[]): { list: DomainList; faults: readonly Fault[] } {
  const list = new DomainList();
  const faults: Fault[] = [];
  for (const [index, domain] of domains.entries()) {
    const cure = list.add(domain);
    if (cure !== undefined)
      faults.push({ path: `domains[${index}]`, value: showValue(domain), cure });
  }
  return { list, faults };
}

interface DomainFile {
  readonly file: LiveFile;
  /** Throws until the file was read. */
  list(): DomainList;
}

/** Lines are added in 2 to 4 microseconds each: a step of this many takes a few milliseconds. */
const STEP = 2_000;

function domainFile(path: string): DomainFile {
  let list: DomainList | undefined;
  return {
    file: {
      kind: 'live-file',
      path,
      *read(text) {
        const result = yield* readDomains(text);
        if (!(result instanceof DomainList)) return toldFaults(result);
        list = result;
        return [];
      },
    },
    list: () => {
      if (list === undefined) throw new Error(`the list ${path} was not read`);
      return list;
    },
  };
}

function* readDomains(
  text: string,
): Generator<undefined, DomainList | readonly LiveFault[], undefined> {
  const list = new DomainList();
  const faults: LiveFault[] = [];
  let count = 0;
  for (const line of listLines(text)) {
    if (++count % STEP === 0) yield;
    const cure = list.add(line.text);
    if (cure !== undefined) faults.push(lineFault(line, cure));
  }
  return faults.length === 0 ? list : faults;
}
