import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Matcher } from './matcher.ts';
import {
  anyMatcher,
  askMatcher,
  explainMatcher,
  hostMatcher,
  isMatcher,
  matcherCure,
  matcherOver,
} from './matcher.ts';
import { declare } from './policy-fault.ts';
import { PolicyFault } from './violation.ts';

const short: Matcher = {
  kind: 'matcher',
  type: 'function',
  matches: (text) => text.length < 4,
  explain: () => 'is short',
};

describe('askMatcher()', () => {
  it('asks a matcher or a function', () => {
    assert.equal(askMatcher('filter', short, 'abc'), true);
    assert.equal(askMatcher('filter', short, 'abcd'), false);
    assert.equal(
      askMatcher('filter', (text) => text === 'x', 'x'),
      true,
    );
  });

  it('makes what a matcher throws a fault of the policy', () => {
    const broken = (): boolean => {
      throw new Error('no list');
    };
    assert.throws(
      () => askMatcher('URL filter', broken, 'x'),
      (error) =>
        error instanceof PolicyFault &&
        error.code === 'policy.function-failed' &&
        error.message === 'The URL filter failed: no list',
    );
  });

  it('takes nothing for an answer but true and false: a promise of false is no true', () => {
    for (const answer of [Promise.resolve(false), 1, 'no', undefined, null])
      assert.throws(
        () => askMatcher('URL filter', () => answer as never, 'x'),
        (error) => error instanceof PolicyFault && error.code === 'policy.invalid-result',
      );
  });
});

describe('explainMatcher()', () => {
  it('names matchers and functions', () => {
    assert.equal(explainMatcher(short), 'is short');
    const isBad = (): boolean => true;
    assert.equal(explainMatcher(isBad), 'satisfies isBad()');
    assert.equal(
      explainMatcher(() => true),
      'satisfies a function',
    );
  });
});

describe('isMatcher()', () => {
  it('knows matchers and functions from all else', () => {
    assert.ok(isMatcher(declare({ ...short }, it)));
    assert.ok(isMatcher(() => true));
    for (const other of [short, { ...declare({ ...short }, it) }, /x/, 'x', null, undefined])
      assert.equal(isMatcher(other), false);
  });
});

describe('matcherCure()', () => {
  it('tells how a RegExp is written', () => {
    assert.equal(
      matcherCure(/a\.b/i),
      'write the pattern as a text: regexpMatcher({ match: ["a\\\\.b"] })',
    );
    assert.match(matcherCure('x'), /^give a matcher/);
    assert.match(anyMatcher.safeParse(/x/).error?.issues[0]?.message ?? '', /^write the/);
  });
});

describe('matcherOver()', () => {
  const hosts = declare({ ...short, type: 'domain' } as const, it);
  const urls = declare({ ...short, type: 'url-list' } as const, it);
  const both = declare({ ...short, type: 'and', parts: [short, hosts, urls] } as const, it);

  it('takes lists of what is asked about, and what looks at any text', () => {
    const urlMatcher = matcherOver('URLs', 'not hosts');
    for (const given of [hosts, declare({ ...short }, it), () => true])
      assert.ok(hostMatcher.safeParse(given).success);
    for (const given of [urls, () => true]) assert.ok(urlMatcher.safeParse(given).success);
    for (const given of [hosts, both])
      assert.equal(urlMatcher.safeParse(given).error?.issues[0]?.message, 'not hosts');
    for (const given of [urls, both])
      assert.match(hostMatcher.safeParse(given).error?.message ?? '', /such as domainMatcher/);
  });
});
