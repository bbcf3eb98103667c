import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ASKS_NOTHING, maskOf } from './key-mask.ts';

describe('maskOf()', () => {
  it('is one bit, never the one of what asks for nothing', () => {
    for (let level = 0; level < 14; level++)
      for (let key = 1; key < 1000; key++) {
        const mask = maskOf(level, key);
        assert.equal(Math.clz32(mask) + Math.clz32(mask & -mask), 2 * Math.clz32(mask));
        assert.notEqual(mask, 0);
        assert.equal(mask & ASKS_NOTHING, 0);
      }
  });

  it('spreads keys that follow each other, and levels, over all bits', () => {
    const counts = new Map<number, number>();
    for (let key = 1; key <= 3100; key++) {
      const mask = maskOf(8, key);
      counts.set(mask, (counts.get(mask) ?? 0) + 1);
    }
    assert.equal(counts.size, 31);
    for (const count of counts.values()) assert.ok(count > 50 && count < 200, String(count));
    assert.ok(new Set(Array.from({ length: 14 }, (_, level) => maskOf(level, 1))).size > 5);
  });
});
