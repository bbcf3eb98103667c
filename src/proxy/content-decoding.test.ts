import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isWithinBounds, UNMEASURED_BYTES } from './content-decoding.ts';

describe('the bounds of decoding', () => {
  const bounds = { maxRatio: 100, maxBytes: 1_000_000 };

  it('are the ratio, beyond what harms nobody, and the size', () => {
    for (const [coded, decoded, expected] of [
      [1, UNMEASURED_BYTES, 'yes'],
      [1, UNMEASURED_BYTES + 1, 'too-compressed'],
      [3_000, 300_000, 'yes'],
      [3_000, 300_001, 'too-compressed'],
      [900_000, 1_000_000, 'yes'],
      [900_000, 1_000_001, 'too-long'],
    ] as const)
      assert.equal(isWithinBounds(bounds, coded, decoded), expected, `${coded} -> ${decoded}`);
  });

  it('know no size where none is set', () => {
    assert.equal(isWithinBounds({ maxRatio: 10, maxBytes: 0 }, 1e12, 1e13), 'yes');
  });
});
