import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import { takeMatchers } from './matcher.ts';
import { regexpMatcher } from './matcher-regexp.ts';

afterEach(takeMatchers); // a faulty one would be a fault of the next policy that a test defines

describe('regexpMatcher()', () => {
  it('matches where some pattern is found and no pattern to ignore', () => {
    const matcher = regexpMatcher({ match: ['ads\\.', '^http://x/'], ignore: ['good', '\\.png$'] });
    for (const text of ['http://ads.example/', 'http://X/', 'see ADS.'])
      assert.equal(matcher.matches(text), true, text);
    for (const text of ['http://adsx/', 'https://x/', 'http://ads.good/', 'http://x/a.PNG'])
      assert.equal(matcher.matches(text), false, text);
  });

  it('can be told that case counts', () => {
    const matcher = regexpMatcher({ match: ['Ads'], ignore: ['X'], ignoreCase: false });
    assert.equal(matcher.matches('ads'), false);
    assert.equal(matcher.matches('Ads x'), true);
    assert.equal(matcher.matches('Ads X'), false);
  });

  it('refuses a pattern that does not compile: the original only logged it, and did not block', () => {
    const faults = faultsOf(regexpMatcher({ match: ['fine', 'a('], ignore: ['[z-a]'] }));
    assert.deepEqual(faults, [
      { path: 'match[1]', value: '"a("', cure: 'correct it: missing closing ): `a(`' },
      {
        path: 'ignore[0]',
        value: '"[z-a]"',
        cure: 'correct it: invalid character class range: `z-a`',
      },
    ]);
  });

  it('never answers when it has a fault', () => {
    assert.throws(() => regexpMatcher({ match: ['fine', 'a('] }).matches('fine'), /faulty: "a\("/);
  });

  it('says how a RegExp is written', () => {
    const fault = onlyFault(regexpMatcher({ match: [wrong(/a\.b/)] }), 'regexpMatcher(');
    assert.equal(fault.path, 'match[0]');
    assert.equal(fault.cure, 'write the pattern as a text: "a\\\\.b"');
  });

  const nonsense: [what: string, options: unknown, cure: RegExp][] = [
    ['no options', undefined, /^give the options as an object: match, ignore, ignoreCase$/],
    ['no pattern', { match: [] }, /^give at least one pattern/],
    ['a text for a list', { match: 'x' }, /^give a list of patterns/],
    ['a number for a pattern', { match: [7] }, /^give a list of patterns as texts$/],
    ['an unknown option', { match: ['x'], flags: 'i' }, /^remove it/],
    ['a text for a flag', { match: ['x'], ignoreCase: 'yes' }, /^give true or false$/],
  ];
  for (const [what, options, cure] of nonsense)
    it(`refuses ${what}`, () => {
      assert.match(onlyFault(regexpMatcher(wrong(options)), 'regexpMatcher(').cure, cure);
    });

  it('explains itself', () => {
    assert.equal(regexpMatcher({ match: ['a'] }).explain(), 'matches a pattern');
    assert.equal(
      regexpMatcher({ match: ['a', 'b'], ignore: ['c'] }).explain(),
      'matches one of 2 patterns and not another one',
    );
    assert.equal(
      regexpMatcher({ match: ['a'], ignore: ['c', 'd'] }).explain(),
      'matches a pattern and none of 2 others',
    );
  });
});
