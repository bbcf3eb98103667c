// What the matchers of hosts and of URLs share: entries in the policy, and files of them.

import { registerLiveInput } from '../proxy/live-input.ts';
import type { ListPlace, Matcher, MatcherType } from '../proxy/matcher.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { declare, showValue } from '../proxy/policy-fault.ts';
import { declareMatcher } from './matcher.ts';
import type { EntryList } from './read-list.ts';
import { filedList, filledAtOnce } from './read-list.ts';

/** What people are told of such a matcher. */
export interface ListWords {
  /** The option that has the entries. */
  readonly field: string;
  readonly one: string;
  readonly several: (count: number) => string;
  readonly listed: (file: string) => string;
  /** The cure of a matcher without entries and files. */
  readonly empty: string;
}

/** What such a matcher is made of. */
export interface ListMatcherParts {
  readonly type: MatcherType;
  readonly words: ListWords;
  readonly entries: readonly string[];
  readonly files: readonly string[];
  readonly makeList: () => EntryList;
  /** Those that were found before. */
  readonly faults: readonly Fault[];
}

/** Makes a matcher of the entries of a policy and those of its files. */
export function makeListMatcher(
  factory: (...parameters: never[]) => unknown,
  { type, words, entries, files, makeList, faults }: ListMatcherParts,
): Matcher {
  const own = makeList();
  const wrong = filledAtOnce(own, entries).map(({ index, cure }) => ({
    path: `${words.field}[${String(index)}]`,
    value: showValue(entries[index]),
    cure,
  }));
  const lists = files.map((file) => filedList(file, makeList));
  for (const { file } of lists) registerLiveInput(declare(file, factory));
  const placeOf = (text: string): ListPlace | undefined => {
    for (const list of lists) {
      const place = list.placeOf(text);
      if (place !== undefined) return place;
    }
    return undefined;
  };
  const made: Matcher = {
    kind: 'matcher',
    type,
    matches: (text) => own.find(text) !== undefined || placeOf(text) !== undefined,
    placeOf,
    explain: () => explain(words, entries.length, files),
  };
  const isEmpty = faults.length === 0 && entries.length === 0 && files.length === 0;
  const empty = isEmpty ? [{ path: '', value: '{}', cure: words.empty }] : [];
  return declareMatcher(made, factory, [...faults, ...wrong, ...empty]);
}

function explain(words: ListWords, count: number, files: readonly string[]): string {
  const own = count === 0 ? [] : [count === 1 ? words.one : words.several(count)];
  return `is in ${[...own, ...files.map(words.listed)].join(' or ')}`;
}
