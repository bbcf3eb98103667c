import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpAddress } from '../address/ip-address.ts';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { definePolicy } from './define-policy.ts';
import { listener } from './listener.ts';
import { findZone } from './policy.ts';
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
