import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { PolicyGarbage } from './policy-garbage.ts';

describe('the garbage of policies', () => {
  it('is collected once for several policies, some time after the first was replaced', () => {
    const clock = new ManualClock();
    const collections: number[] = [];
    const garbage = new PolicyGarbage(clock, () => collections.push(clock.monotonic()));
    const from = clock.monotonic();
    garbage.note();
    clock.advance(9_000);
    garbage.note();
    clock.advance(60_000);
    garbage.note();
    clock.advance(60_000);
    assert.deepEqual(
      collections.map((at) => at - from),
      [10_000, 79_000],
    );
  });

  it('is left alone at the end', () => {
    const clock = new ManualClock();
    const garbage = new PolicyGarbage(clock, () => assert.fail());
    garbage.stop();
    garbage.note();
    garbage.stop();
    clock.advance(60_000);
    assert.equal(clock.armed, 0);
  });
});
