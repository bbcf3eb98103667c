import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpAddress } from '../address/ip-address.ts';
import { idleProxy } from '../../test/support/policy-samples.ts';
import type { Chainer } from '../policy/chainer.ts';
import { plugProxy } from '../protocols/plug/index.ts';
import { sideStackChainer } from '../policy/chainer-side-stack.ts';
import { failoverChainer, roundRobinChainer } from '../policy/chainer-targets.ts';
import type { Service } from '../policy/service.ts';
import { denyService, service } from '../policy/service.ts';
import { ChainerState, ChainerStates } from './chainer-state.ts';

const one = IpAddress.parse('192.0.2.1');
const other = IpAddress.parse('192.0.2.2');

describe('the memory of a chainer', () => {
  it('is by address, and ends by age alone: asking does not refresh it', () => {
    const state = new ChainerState();
    state.fail(one, 100);
    assert.equal(state.hasFailed(one, 159, 60), true);
    assert.equal(state.hasFailed(one, 160, 60), false);
    assert.equal(state.hasFailed(other, 100, 60), false);
    state.fail(one, 150);
    assert.equal(state.hasFailed(one, 200, 60), true);
    state.forgetFailures();
    assert.equal(state.hasFailed(one, 200, 60), false);
  });

  it('is bounded, and forgets the oldest failure first', () => {
    const state = new ChainerState();
    state.fail(one, 0);
    for (let index = 0; index < 1023; index++)
      state.fail(IpAddress.fromWords('ipv4', [index + 0x0a00_0000]), 0);
    assert.equal(state.hasFailed(one, 0, 60), true);
    state.fail(one, 1); // now it is the newest
    state.fail(other, 1);
    assert.equal(state.hasFailed(IpAddress.parse('10.0.0.0'), 1, 60), false);
    assert.equal(state.hasFailed(one, 1, 60), true);
    assert.equal(state.hasFailed(other, 1, 60), true);
  });
});

describe('the memories of an instance', () => {
  const named = (name: string, chainer: Chainer): Service =>
    service(name, { proxy: idleProxy(), chainer });

  it('are one for each chainer, whoever shares it', () => {
    const states = new ChainerStates();
    const chainer = failoverChainer();
    states.of(chainer).fail(one, 0);
    assert.equal(states.of(chainer).hasFailed(one, 0, 60), true);
    assert.equal(states.of(failoverChainer()).hasFailed(one, 0, 60), false);
  });

  it('survive a reload where name and type stay, as a copy', () => {
    const states = new ChainerStates();
    const before = [named('a', failoverChainer()), named('b', failoverChainer()), denyService('c')];
    const [a] = before;
    assert.ok(a?.kind === 'service');
    const old = states.of(a.chainer);
    old.turn = 7;
    old.fail(one, 0);
    const [same, otherType, otherName] = [
      failoverChainer(),
      roundRobinChainer(),
      failoverChainer(),
    ];
    states.adopt(before, [named('a', same), named('x', otherName), named('c', failoverChainer())]);
    assert.equal(states.of(same).hasFailed(one, 0, 60), true);
    assert.equal(states.of(same).turn, 7);
    assert.equal(states.of(otherName).hasFailed(one, 0, 60), false);
    states.adopt(before, [named('a', otherType)]);
    assert.equal(states.of(otherType).turn, 0);
    states.of(same).forgetFailures();
    assert.equal(old.hasFailed(one, 0, 60), true, 'old sessions go on with theirs');
  });

  it('survive a reload behind a proxy beside, also where that is new', () => {
    const states = new ChainerStates();
    const [before, after] = [failoverChainer(), failoverChainer()];
    states.of(before).turn = 7;
    const chainer = sideStackChainer({ proxy: plugProxy(), chainer: after });
    states.adopt([named('a', before)], [named('a', chainer)]);
    assert.equal(states.of(after).turn, 7);
  });
});
