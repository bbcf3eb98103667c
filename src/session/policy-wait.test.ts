// A promise of the policy is settled once.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Deferred } from '../../test/support/pump-world.ts';
import type { Outcome } from '../proxy/engine.ts';
import { PolicyWait } from './policy-wait.ts';

function make(): { wait: PolicyWait; outcomes: Outcome[]; deferred: Deferred } {
  const outcomes: Outcome[] = [];
  return {
    wait: new PolicyWait((outcome) => outcomes.push(outcome)),
    outcomes,
    deferred: new Deferred(),
  };
}

describe('a policy wait', () => {
  it('tells what the promise came to, once', () => {
    const { wait, outcomes, deferred } = make();
    assert.equal(wait.isWaiting, false);
    wait.start(deferred);
    assert.equal(wait.isWaiting, true);
    deferred.resolve(1);
    deferred.reject(new Error('late'));
    assert.deepEqual(outcomes, [{ ok: true, value: 1 }]);
    assert.equal(wait.isWaiting, false);
  });

  it('fails with its time, and the answer that comes later is nothing', () => {
    const { wait, outcomes, deferred } = make();
    wait.timeOut();
    wait.start(deferred);
    wait.timeOut();
    deferred.resolve(1);
    assert.deepEqual(outcomes, [
      { ok: false, error: new Error('it did not answer within 30 seconds') },
    ]);
  });

  it('takes the answer of an earlier promise for nothing', () => {
    const { wait, outcomes, deferred } = make();
    const second = new Deferred();
    wait.start(deferred);
    wait.start(second);
    deferred.resolve('first');
    assert.deepEqual(outcomes, []);
    second.reject('second');
    assert.deepEqual(outcomes, [{ ok: false, error: 'second' }]);
  });
});
