import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultLines, idleProxy } from '../../test/support/policy-samples.ts';
import type { PolicyOptions } from './define-policy.ts';
import { definePolicy, isPolicy } from './define-policy.ts';
import type { Listener } from './make-listener.ts';
import { listener } from './listener.ts';
import { DEFAULT_INSTANCE } from './policy-listeners.ts';
import { receiver } from './receiver.ts';
import { rule } from './rule.ts';
import { ruleListener } from './rule-listener.ts';
import { service } from './service.ts';
import { zone } from './zone.ts';

const web = service('web', { proxy: idleProxy() });
const zones = [zone('inside', { subnets: ['10.0.0.0/8'], outboundServices: [web] })];

function make(...listeners: readonly Listener[]): PolicyOptions {
  return { zones, listeners };
}

describe('definePolicy() with listeners', () => {
  it('refuses binds that exclude one another, also across instances', () => {
    const table: [one: string, other: string][] = [
      ['10.0.0.1:80', '10.0.0.1:80'],
      ['0.0.0.0:80', '10.0.0.1:80'],
      ['[::1]:80', '[::]:80'],
    ];
    for (const [one, other] of table) {
      const first = listener(one, web, { name: 'first' });
      const second = listener(other, web, { name: 'second' });
      const line = `listener "second" bind "${other}"`;
      assert.deepEqual(faultLines(make(first, second)), [line]);
      assert.deepEqual(faultLines({ zones, instances: { a: [first], b: [second] } }), [line]);
    }
    const twice = listener(['10.0.0.1:80', '10.0.0.1:80'], web);
    assert.deepEqual(faultLines(make(twice)), ['listener "10.0.0.1:80" bind "10.0.0.1:80"']);
  });

  it('lets TCP and UDP have the same port, but for that of the hidden listener, which has both', () => {
    const names = service('names', { proxy: { ...idleProxy(), takesDatagrams: true } });
    const udp = receiver('127.0.0.1:50080', names);
    const tcp = listener('127.0.0.1:50080', web);
    assert.ok(isPolicy(definePolicy(make(udp, tcp))));
    const rules = [rule({ service: web })];
    assert.deepEqual(faultLines({ zones, rules, listeners: [udp, ruleListener()] }), [
      'policy packetFilter.rulePort "127.0.0.1:50080"',
    ]);
  });

  it('lets several listeners have a port that the kernel chooses', () => {
    const first = listener('127.0.0.1:0', web, { name: 'first' });
    const second = listener('127.0.0.1:0', web, { name: 'second' });
    assert.ok(isPolicy(definePolicy(make(first, second))));
  });

  it('refuses two listeners of one name', () => {
    const first = listener('127.0.0.1:80', web, { name: 'a' });
    const second = listener('127.0.0.1:81', web, { name: 'a' });
    assert.deepEqual(faultLines(make(first, second)), ['listener "a" name "a"']);
  });

  it('gives listeners without an instance to the one of the default name', () => {
    const { instances } = definePolicy(make(listener('127.0.0.1:80', web)));
    assert.deepEqual([...instances.keys()], [DEFAULT_INSTANCE]);
  });
});
