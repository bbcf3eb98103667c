import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_TIMER_MS, milliseconds } from './milliseconds.ts';

describe('milliseconds', () => {
  it('takes every time that a timer can run', () => {
    for (const time of [1, 600_000, MAX_TIMER_MS]) assert.equal(milliseconds.parse(time), time);
  });

  it('says what to give instead of any other', () => {
    const cures: [time: unknown, cure: string][] = [
      [0, 'give at least 1 millisecond'],
      [MAX_TIMER_MS + 1, 'give at most 2147483647 milliseconds'],
      [0.5, 'give a whole number of milliseconds'],
      ['1s', 'give a whole number of milliseconds'],
    ];
    for (const [time, cure] of cures)
      assert.equal(milliseconds.safeParse(time).error?.issues[0]?.message, cure);
  });
});
