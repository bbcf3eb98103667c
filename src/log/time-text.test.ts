import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timeWriter } from './time-text.ts';

describe('timeWriter()', () => {
  it('writes each time, whichever came before', () => {
    const write = timeWriter();
    for (const time of [
      0, 0, 1, 0, 999, 1000, 1_767_312_245_678, 1_767_312_245_678, 1_767_312_246_009, -1, -1000,
    ])
      assert.equal(write(time), new Date(time).toISOString());
  });
});
