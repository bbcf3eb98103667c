import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultLines, idleProxy, onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { plugProxy } from '../protocols/plug/index.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import { availabilityChainer } from './chainer-availability.ts';
import { sideStackChainer } from './chainer-side-stack.ts';
import { failoverChainer } from './chainer-targets.ts';
import { connectChainer, explainChainer, finalChainer, proxiesBeside } from './chainer.ts';
import { definePolicy } from './define-policy.ts';
import { listener } from './listener.ts';
import { program } from './program.ts';
import { service } from './service.ts';
import { watchedServers } from './watched-servers.ts';
import { directedRouter } from './router.ts';

const plug = plugProxy();

describe('sideStackChainer()', () => {
  it('connects onward to the first server, unless it is told otherwise', () => {
    const made = sideStackChainer({ proxy: plug });
    assert.deepEqual(faultsOf(made), []);
    assert.equal(made.proxy, plug);
    assert.deepEqual({ ...made.chainer }, { ...connectChainer() });
    assert.equal(made.timeoutConnectMs, 30_000);
    const other = sideStackChainer({
      proxy: plug,
      chainer: failoverChainer({ timeoutConnectMs: 5 }),
    });
    assert.equal(other.timeoutConnectMs, 5);
  });

  it('remembers what is wrong and does not throw', () => {
    const noProxy = onlyFault(sideStackChainer(wrong({})), 'sideStackChainer(');
    assert.match(noProxy.cure, /give a proxy/);
    const noChainer = sideStackChainer({ proxy: plug, chainer: wrong('connect') });
    assert.equal(onlyFault(noChainer, 'sideStackChainer(').path, 'chainer');
  });

  it('may make a chain, which ends in a chainer that connects', () => {
    const last = failoverChainer();
    const inner = sideStackChainer({ proxy: idleProxy(), chainer: last });
    const outer = sideStackChainer({ proxy: plug, chainer: inner });
    assert.equal(finalChainer(outer), last);
    assert.equal(finalChainer(last), last);
    assert.deepEqual(proxiesBeside(outer), [plug, inner.proxy]);
    assert.deepEqual(proxiesBeside(last), []);
    assert.match(
      explainChainer(outer),
      /^through plug beside it, then through .* beside it, then to the first server that/,
    );
  });
});

describe('a policy with a proxy beside', () => {
  it('checks all parts of it, and knows what it may stack', () => {
    const filter = program('filter', { command: ['/bin/cat'] });
    const chainer = sideStackChainer({ proxy: plugProxy({ stack: filter }) });
    const web = service('web', { proxy: idleProxy(), chainer });
    const made = { zones: [], listeners: [listener('127.0.0.1:80', web)] };
    assert.deepEqual(definePolicy(made).programs, [filter]);
    const faulty = service('faulty', {
      proxy: idleProxy(),
      chainer: sideStackChainer({
        proxy: plugProxy({ timeoutMs: -1 }),
        chainer: failoverChainer({ timeoutStateMs: -1 }),
      }),
    });
    const lines = faultLines({ zones: [], listeners: [listener('127.0.0.1:80', faulty)] });
    assert.deepEqual(lines, ['proxy "plug" timeoutMs -1', 'chainer timeoutStateMs -1']);
  });

  it('has its servers checked as without it', () => {
    const chainer = sideStackChainer({ proxy: plug, chainer: availabilityChainer() });
    const router = directedRouter({ destination: '192.0.2.1:80' });
    const web = service('web', { proxy: idleProxy(), router, chainer });
    assert.equal(watchedServers([web]).length, 1);
  });
});
