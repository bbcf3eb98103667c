import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { MIN_RESTED, RestGarbage } from './rest-garbage.ts';

interface Scene {
  readonly clock: ManualClock;
  readonly collections: readonly number[];
  readonly rest: (count: number) => void;
}

function scene(size = 10): Scene {
  const clock = new ManualClock();
  const collections: number[] = [];
  const garbage = new RestGarbage(clock, () => collections.push(clock.monotonic()), { size });
  const rest = (count: number): void => {
    for (let left = count; left > 0; left--) garbage.note();
  };
  return { clock, collections, rest };
}

describe('the garbage of sessions at rest', () => {
  it('is collected once, in the first pause after many of them', () => {
    const { clock, collections, rest } = scene();
    rest(MIN_RESTED - 1);
    clock.advance(1_000);
    assert.deepEqual(collections, []);
    rest(1);
    clock.advance(60);
    rest(1);
    clock.advance(10_000);
    assert.deepEqual(collections, [1_200]);
    assert.equal(clock.armed, 0);
    rest(MIN_RESTED);
    clock.advance(10_000);
    assert.equal(collections.length, 2);
  });

  it('is collected after more of them where there are more', () => {
    const { clock, collections, rest } = scene(100_000);
    rest(9_999);
    clock.advance(1_000);
    rest(1);
    clock.advance(1_000);
    assert.deepEqual(collections, [1_100]);
  });
});
