import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { RetryTimes } from './retry-times.ts';

describe('RetryTimes', () => {
  it('waits a second at first, then ever longer, a minute at most', () => {
    const clock = new ManualClock();
    const due: number[] = [];
    const retries: RetryTimes = new RetryTimes(clock, () => {
      due.push(clock.monotonic() / 1_000);
      retries.failed('a', new Error('taken'));
    });
    retries.failed('a', new Error('taken'));
    clock.advance(250_000);
    assert.deepEqual(due, [1, 3, 7, 15, 31, 63, 123, 183, 243]);
  });

  it('says what is news: a first failure, another reason, an end', () => {
    const retries = new RetryTimes(new ManualClock(), () => undefined);
    const taken = new Error('taken');
    assert.deepEqual([retries.failed('a', taken), retries.failed('a', taken)], [true, false]);
    assert.equal(retries.failed('a', new Error('no such address')), true);
    assert.equal(retries.failed('b', taken), true);
    assert.deepEqual([retries.succeeded('a'), retries.succeeded('a')], [true, false]);
  });

  it('forgets what nobody wants', () => {
    const clock = new ManualClock();
    const retries = new RetryTimes(clock, () => assert.fail('forgotten'));
    for (const key of ['a', 'b', 'c']) retries.failed(key, 'no reason');
    retries.keep((key) => key === 'b');
    assert.equal(clock.armed, 1);
    retries.clear();
    clock.advance(100_000);
    assert.equal(clock.armed, 0);
  });
});
