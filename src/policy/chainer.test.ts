import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onlyFault, wrong } from '../../test/support/policy-samples.ts';
import type { Chainer } from './chainer.ts';
import { connectChainer, explainChainer } from './chainer.ts';
import { availabilityChainer } from './chainer-availability.ts';
import { failoverChainer, multiTargetChainer, roundRobinChainer } from './chainer-targets.ts';

describe('connectChainer()', () => {
  it('waits 30 seconds for a connection, as the original does, or as long as it is told', () => {
    const made = connectChainer();
    assert.deepEqual({ ...made }, { kind: 'chainer', type: 'connect', timeoutConnectMs: 30_000 });
    assert.ok(Object.isFrozen(made));
    assert.equal(connectChainer({ timeoutConnectMs: 5 }).timeoutConnectMs, 5);
  });

  for (const value of [0, -1, 1.5, Infinity, 86_400_001, '5', null]) {
    it(`remembers that timeoutConnectMs is ${String(value)}, and does not throw`, () => {
      const options = { timeoutConnectMs: wrong(value) };
      const fault = onlyFault(connectChainer(options), 'connectChainer(');
      assert.equal(fault.path, 'timeoutConnectMs');
      assert.match(fault.cure, /millisecond/);
    });
  }

  it('remembers an option that it does not have', () => {
    const fault = onlyFault(connectChainer(wrong({ timeout: 5 })), 'connectChainer(');
    assert.match(fault.cure, /there are timeoutConnectMs/);
  });
});

describe('explainChainer()', () => {
  const table: [chainer: Chainer, text: string][] = [
    [connectChainer(), 'to the first server only'],
    [multiTargetChainer(), 'to the servers in turn'],
    [failoverChainer(), 'to the first server that did not fail within 60000 ms'],
    [
      roundRobinChainer({ timeoutStateMs: 9 }),
      'in turn to the servers that did not fail within 9 ms',
    ],
    [availabilityChainer(), 'to the first server that a TCP check every 2000 ms finds up'],
    [
      availabilityChainer({ order: 'round-robin', check: () => true }),
      'in turn to the servers that a check of the policy every 2000 ms finds up',
    ],
  ];
  for (const [chainer, text] of table)
    it(`says "${text}"`, () => assert.equal(explainChainer(chainer), text));
});
