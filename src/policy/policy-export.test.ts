import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAtOnce } from '../../test/support/read-at-once.ts';
import { until } from '../../test/support/system-wait.ts';
import { untilCollected } from '../../test/support/until-collected.ts';
import { sourceOf } from '../proxy/source-location.ts';
import { definePolicy, isPolicy } from './define-policy.ts';
import { listener } from './listener.ts';
import { domainMatcher } from './matcher-domain.ts';
import type { Matcher } from '../proxy/matcher.ts';
import type { Policy } from './policy.ts';
import { takePolicy } from './policy-export.ts';
import { denyService } from './service.ts';

function makePolicy(): Policy {
  const refuse = denyService('refuse');
  return definePolicy({ zones: [], listeners: [listener('127.0.0.1:80', refuse)] });
}

/** Whether asking a matcher of a list throws, since it has none. */
function isForgotten(matcher: Matcher): boolean {
  try {
    matcher.matches('a.example');
    return false;
  } catch (error) {
    return String(error).includes('was not read');
  }
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

  it('has the lists of a policy forgotten that nobody uses any more', async () => {
    const matcher = domainMatcher({ file: 'hosts.txt' });
    const exported = makePolicy();
    const readAndTake = (): WeakRef<Policy> => {
      const policy = takePolicy(exported);
      for (const input of policy.liveInputs)
        if (input.kind === 'live-file') readAtOnce(input, 'a.example');
      assert.equal(matcher.matches('a.example'), true);
      return new WeakRef(policy);
    };
    await untilCollected(readAndTake());
    // What is registered for it comes in a task of its own.
    await until('the list to be forgotten', () => isForgotten(matcher) || undefined);
  });
});
