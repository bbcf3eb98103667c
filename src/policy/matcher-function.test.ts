import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { takeMatchers } from './matcher.ts';
import { functionMatcher } from './matcher-function.ts';

afterEach(takeMatchers); // a faulty one would be a fault of the next policy that a test defines

describe('functionMatcher()', () => {
  it('asks the function', () => {
    const isLong = functionMatcher('is long', (text) => text.length > 3);
    assert.deepEqual([isLong.matches('abcd'), isLong.matches('abc')], [true, false]);
    assert.equal(isLong.explain(), 'is long');
  });

  it('needs no name', () => {
    const isLong = functionMatcher((text) => text.length > 3);
    assert.deepEqual([isLong.matches('abcd'), isLong.matches('abc')], [true, false]);
    assert.equal(isLong.explain(), 'satisfies a function');
  });

  it('takes nothing but true and false for an answer', () => {
    const async = functionMatcher(
      'asks a service',
      wrong(async () => Promise.resolve(false)),
    );
    assert.throws(() => async.matches('x'), /The asks a service returned \[object Promise\]/);
  });

  it('refuses what is no function, and no name', () => {
    const cures = [
      onlyFault(functionMatcher('x', wrong(7)), 'functionMatcher(').cure,
      onlyFault(functionMatcher(wrong(7)), 'functionMatcher(').cure,
      onlyFault(
        functionMatcher('', () => true),
        'functionMatcher(',
      ).cure,
      onlyFault(
        functionMatcher(wrong(7), () => true),
        'functionMatcher(',
      ).cure,
    ];
    assert.deepEqual(cures, [
      'give a function of a text',
      'give a function of a text',
      'give a few words, such as "is long"',
      'give a few words, such as "is long"',
    ]);
  });
});
