import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusalFor } from './decision.ts';

describe('refusalFor()', () => {
  it('is a denial by the policy that nobody can change', () => {
    const refusal = refusalFor('zone.none', 'No zone');
    const verdict = 'denied-by-policy';
    assert.deepEqual(refusal, { reason: 'zone.none', verdict, message: 'No zone' });
    assert.ok(Object.isFrozen(refusal));
  });
});
