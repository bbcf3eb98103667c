import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { textAt, wrong } from '../../test/support/policy-samples.ts';
import { isDeclared } from '../proxy/policy-fault.ts';
import type { Matcher } from '../proxy/matcher.ts';
import { sourceOf } from '../proxy/source-location.ts';
import { anyMatcher, declareMatcher, isMatcher, matcherCure, takeMatchers } from './matcher.ts';

beforeEach(takeMatchers);

const plain: Matcher = {
  kind: 'matcher',
  type: 'function',
  matches: () => true,
  explain: () => 'matches all',
};

function make(...faults: { path: string; value: string; cure: string }[]): Matcher {
  return declareMatcher({ ...plain }, make, faults);
}

describe('declareMatcher()', () => {
  it('finishes a matcher, with the line that made it', () => {
    const made = make();
    assert.ok(isDeclared(made) && Object.isFrozen(made));
    assert.match(textAt(sourceOf(made)), /make\(\)/);
    assert.equal(made.matches('x'), true);
  });

  it('lets one with a fault never answer', () => {
    const made = make({ path: 'match', value: '"("', cure: 'close it' });
    assert.throws(() => made.matches('x'), /^Error: the matcher is faulty: "\(": close it$/);
  });

  it('remembers what was made since the last policy, once', () => {
    const made = [make(), make()];
    assert.deepEqual(takeMatchers(), made);
    assert.deepEqual(takeMatchers(), []);
  });

  it('does not fill the memory when nobody takes them', () => {
    for (let count = 0; count < 10_500; count++) make();
    assert.equal(takeMatchers().length, 10_000);
  });
});

describe('isMatcher()', () => {
  it('knows matchers and functions from all else', () => {
    assert.ok(isMatcher(make()));
    assert.ok(isMatcher(() => true));
    for (const other of [plain, { ...make() }, /x/, 'x', null, undefined])
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
    assert.match(anyMatcher.safeParse(wrong(/x/)).error?.issues[0]?.message ?? '', /^write the/);
  });
});
