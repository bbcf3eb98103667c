// A hold set empties exactly once, whatever the order of its reasons.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HoldSet } from './hold-set.ts';

describe('a hold set', () => {
  it('begins empty', () => {
    assert.equal(new HoldSet().isHeld, false);
  });

  it('says when the first reason comes and when the last one goes', () => {
    const holds = new HoldSet();
    assert.equal(holds.add('peer-full'), true);
    assert.equal(holds.add('waiting'), false);
    assert.deepEqual(holds.reasons, ['peer-full', 'waiting']);
    assert.equal(holds.remove('peer-full'), false);
    assert.equal(holds.isHeld, true);
    assert.equal(holds.remove('waiting'), true);
    assert.equal(holds.isHeld, false);
  });

  it('counts a repeated reason once', () => {
    const holds = new HoldSet();
    holds.add('waiting');
    assert.equal(holds.add('waiting'), false);
    assert.equal(holds.remove('waiting'), true);
  });

  it('does not mind the release of a reason that is not there', () => {
    const holds = new HoldSet();
    assert.equal(holds.remove('waiting'), false);
    holds.add('peer-full');
    assert.equal(holds.remove('waiting'), false);
    assert.equal(holds.isHeld, true);
  });

  it('alternates between held and free, for any sequence', () => {
    const step = fc.tuple(fc.constantFrom('add', 'remove'), fc.constantFrom('a', 'b', 'c'));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const holds = new HoldSet();
        let isHeld = false;
        for (const [action, reason] of steps) {
          const turned = action === 'add' ? holds.add(reason) : holds.remove(reason);
          if (turned) {
            isHeld = !isHeld;
            assert.equal(isHeld, action === 'add');
          }
          assert.equal(holds.isHeld, isHeld);
        }
      }),
    );
  });
});
