import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { untilCollected } from '../../test/support/until-collected.ts';
import { sourceOf } from '../proxy/source-location.ts';
import { definePolicy, isPolicy } from './define-policy.ts';
import { listener } from './listener.ts';
import type { Policy } from './policy.ts';
import { takePolicy } from './policy-export.ts';
import { denyService } from './service.ts';

function makePolicy(): Policy {
  const refuse = denyService('refuse');
  return definePolicy({ zones: [], listeners: [listener('127.0.0.1:80', refuse)] });
}

describe('what a policy file exports', () => {
  it('reads like the policy, before and after that was taken, and cannot be changed', () => {
    const exported = makePolicy();
    const before = { ...exported };
    const policy = takePolicy(exported);
    for (const one of [before, exported]) assert.deepEqual({ ...one }, { ...policy });
    assert.equal(exported.zones, policy.zones);
    assert.ok(isPolicy(exported) && isPolicy(policy));
    assert.ok(Object.isFrozen(exported) && Object.isFrozen(policy));
    assert.deepEqual(sourceOf(exported), sourceOf(policy));
    assert.throws(() => takePolicy(exported), /taken before/);
  });

  it('holds the policy until it is taken, and then no longer', async () => {
    const [exported, other] = [makePolicy(), makePolicy()];
    const taken = new WeakRef(takePolicy(exported));
    await untilCollected(taken);
    assert.equal(isPolicy(exported), false);
    assert.deepEqual([...other.instances.keys()], ['zorp']);
  });
});
