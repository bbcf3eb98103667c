import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpAddress } from '../address/ip-address.ts';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { definePolicy } from './define-policy.ts';
import { listener } from './listener.ts';
import { findZone, withHostAddresses } from './policy.ts';
import { service } from './service.ts';
import { zone } from './zone.ts';

describe('findZone()', () => {
  it('is the zone with the most specific subnet, or none', () => {
    const wide = zone('wide', { subnets: ['10.0.0.0/8'] });
    const narrow = zone('narrow', { subnets: ['10.1.0.0/16'] });
    const listeners = [listener('127.0.0.1:80', service('web', { proxy: idleProxy() }))];
    const policy = definePolicy({ zones: [wide, narrow], listeners });
    const found = ['10.1.2.3', '10.2.2.3', '11.0.0.0', '::1'].map((text) =>
      findZone(policy, IpAddress.parse(text)),
    );
    assert.deepEqual(found, [narrow, wide, undefined, undefined]);
  });
});

describe('withHostAddresses()', () => {
  const net = zone('net', { subnets: ['192.0.2.0/24'] });
  const www = zone('www', { hostnames: ['www.example.org'] });
  const listeners = [listener('127.0.0.1:80', service('web', { proxy: idleProxy() }))];
  const policy = definePolicy({ zones: [net, www], listeners });
  const address = IpAddress.parse('192.0.2.1');
  const addresses = new Map([['www.example.org', [address]]]);

  it('makes a policy in which the address of a host wins over every subnet around it', () => {
    const now = withHostAddresses(policy, addresses);
    assert.equal(findZone(now, address), www);
    assert.equal(findZone(now, IpAddress.parse('192.0.2.2')), net);
    assert.equal(findZone(withHostAddresses(now, new Map()), address), net);
  });

  it('changes nothing of the policy that it is given, and shares the rest with it', () => {
    const now = withHostAddresses(policy, addresses);
    assert.equal(findZone(policy, address), net);
    assert.deepEqual({ ...now, hostZones: 0 }, { ...policy, hostZones: 0 });
    assert.ok(Object.isFrozen(now));
    assert.equal(now.zoneTree, policy.zoneTree);
  });

  it('is the same policy where no zone has host names', () => {
    const plain = definePolicy({ zones: [net], listeners });
    assert.equal(withHostAddresses(plain, addresses), plain);
    assert.equal(plain.hostZones, undefined);
  });
});
