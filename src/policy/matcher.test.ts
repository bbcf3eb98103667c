import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { textAt } from '../../test/support/policy-samples.ts';
import { isDeclared } from '../proxy/policy-fault.ts';
import type { Matcher } from '../proxy/matcher.ts';
import { sourceOf } from '../proxy/source-location.ts';
import { declareMatcher, takeMatchers } from './matcher.ts';

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
