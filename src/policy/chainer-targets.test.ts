import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import { failoverChainer, multiTargetChainer, roundRobinChainer } from './chainer-targets.ts';

describe('the chainers that know several servers', () => {
  it('are frozen, with the times of the original', () => {
    const state = { kind: 'chainer', timeoutConnectMs: 30_000, timeoutStateMs: 60_000 };
    assert.deepEqual({ ...failoverChainer() }, { ...state, type: 'failover' });
    assert.deepEqual({ ...roundRobinChainer() }, { ...state, type: 'round-robin' });
    assert.deepEqual(
      { ...multiTargetChainer({ timeoutConnectMs: 5 }) },
      { kind: 'chainer', type: 'multi-target', timeoutConnectMs: 5 },
    );
    for (const made of [failoverChainer(), roundRobinChainer(), multiTargetChainer()]) {
      assert.ok(Object.isFrozen(made));
      assert.deepEqual(faultsOf(made), []);
    }
  });

  it('remember what is wrong with their times', () => {
    const noState = onlyFault(failoverChainer({ timeoutStateMs: 0 }), 'failoverChainer(');
    assert.match(noState.cure, /at least 1 millisecond/);
    const noTime = roundRobinChainer({ timeoutConnectMs: wrong('5') });
    assert.equal(onlyFault(noTime, 'roundRobinChainer(').path, 'timeoutConnectMs');
    const noMemory = multiTargetChainer(wrong({ timeoutStateMs: 5 }));
    assert.match(onlyFault(noMemory, 'multiTargetChainer(').cure, /option of failoverChainer\(\)/);
  });
});
