import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultLines, faultsOfPolicy, idleProxy } from '../../test/support/policy-samples.ts';
import { IpAddress } from '../address/ip-address.ts';
import type { PolicyOptions } from './define-policy.ts';
import { definePolicy } from './define-policy.ts';
import { listener, zoneListener } from './listener.ts';
import { findZone } from './policy.ts';
import { dnsResolver, hashResolver } from './resolver.ts';
import { service } from './service.ts';
import { zone } from './zone.ts';

const web = service('web', { proxy: idleProxy() });
const zones = [zone('inside', { subnets: ['10.0.0.0/8'], outboundServices: [web] })];
const listeners = [listener('127.0.0.1:80', web)];

describe('definePolicy() with zones', () => {
  const make = (...added: PolicyOptions['zones']): PolicyOptions => ({
    zones: [...zones, ...added],
    listeners,
  });

  it('refuses a subnet twice, host bits aside', () => {
    const first = zone('first', {
      subnets: ['192.168.22.0/24', '192.168.22.31', '192.168.22.30/31'],
    });
    for (const text of ['192.168.22.0/24', '192.168.22.31/32', '192.168.22.15/24']) {
      const [fault, ...rest] = faultsOfPolicy(make(first, zone('second', { subnets: [text] })));
      assert.deepEqual([fault?.subject, fault?.path, rest], ['zone "second"', 'subnets[0]', []]);
      assert.match(fault?.cure ?? '', /zone "first" at .*:\d+ has the same subnet/);
    }
    const twice = zone('twice', { subnets: ['192.0.2.1', '192.0.2.1/32'] });
    const [fault] = faultsOfPolicy(make(twice));
    assert.match(fault?.cure ?? '', /this zone has the same subnet/);
  });

  it('refuses two zones of one name', () => {
    const faults = faultsOfPolicy(make(zone('inside', { subnets: [] })));
    assert.deepEqual(
      faults.map(({ subject, path }) => `${subject} ${path}`),
      ['zone "inside" name'],
    );
    assert.match(faults[0]?.cure ?? '', /the one at .*policy-zones\.test\.ts:\d+ has it/);
  });

  it('refuses ancestors that are not in the list', () => {
    const grandparent = zone('grandparent', { subnets: [] });
    const parent = zone('parent', { subnets: [], parent: grandparent });
    const child = zone('child', { subnets: [], parent });
    assert.deepEqual(faultLines(make(child)), [
      'zone "child" parent "parent"',
      'zone "child" parent "grandparent"',
    ]);
  });

  it('refuses zones of a line, or of a limit, that are not in the list', () => {
    const unlisted = zone('unlisted', { subnets: [] });
    const limited = service('limited', { proxy: idleProxy(), limitTargetZonesTo: [unlisted] });
    const lines = [{ from: unlisted, service: limited }];
    const made = zoneListener('127.0.0.1:80', { services: lines });
    assert.deepEqual(faultLines({ zones, listeners: [made] }), [
      'listener "127.0.0.1:80" services[0].from "unlisted"',
      'service "limited" limitTargetZonesTo "unlisted"',
    ]);
  });

  it('refuses a host name of two zones', () => {
    const first = zone('first', { hostnames: ['www.example.org'] });
    const second = zone('second', { hostnames: ['b.example', 'WWW.example.org.'] });
    const [fault, ...rest] = faultsOfPolicy(make(first, second));
    assert.deepEqual([fault?.subject, fault?.path, rest], ['zone "second"', 'hostnames[1]', []]);
    assert.match(fault?.cure ?? '', /zone "first" at .*:\d+ has the same host name/);
  });

  it('refuses a resolver of host names that is none, or that is faulty', () => {
    assert.deepEqual(faultLines({ ...make(), zoneResolver: 'dns' }), ['policy zoneResolver "dns"']);
    const zoneResolver = dnsResolver({ timeoutMs: 0 });
    assert.deepEqual(faultLines({ ...make(), zoneResolver }), ['resolver timeoutMs 0']);
  });

  it('refuses a table without one of the host names, and has the addresses of one with them', () => {
    const www = zone('www', { hostnames: ['a.example', 'b.example'] });
    const mapping = { 'a.example': '192.0.2.1' };
    assert.deepEqual(faultLines({ ...make(www), zoneResolver: hashResolver({ mapping }) }), [
      'zone "www" hostnames[1] "b.example"',
    ]);
    const whole = hashResolver({ mapping: { ...mapping, 'b.example': '::2' } });
    const policy = definePolicy({ ...make(www), zoneResolver: whole });
    assert.equal(findZone(policy, IpAddress.parse('192.0.2.1')), www);
    assert.equal(findZone(policy, IpAddress.parse('::2')), www);
  });
});
