import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { definePolicy } from './define-policy.ts';
import { listener } from './listener.ts';
import { nat64 } from './nat-families.ts';
import { inbandRouter, transparentRouter } from './router.ts';
import type { ServiceOptions } from './service.ts';
import { service } from './service.ts';
import { guardWarnings } from './warnings-guards.ts';
import { zone } from './zone.ts';

const internet = zone('internet', { subnets: ['0.0.0.0/0', '::/0'] });
const company = zone('company', {});
const inside = zone('inside', { subnets: ['10.0.0.0/8', '8.0.0.0/8'], parent: company });
const hosts = zone('hosts', { hostnames: ['www.example'] });

function found(options: Partial<ServiceOptions>): readonly string[] {
  const made = service('web', { proxy: idleProxy(), router: inbandRouter(), ...options });
  const listeners = [listener('127.0.0.1:1', made)];
  const policy = definePolicy({ zones: [internet, company, inside, hosts], listeners });
  return guardWarnings(policy).map(({ code, message }) => `${code}: ${message}`);
}

describe('guardWarnings()', () => {
  it('has nothing against a guard as it is by default, or opened for what is special', () => {
    assert.deepEqual(found({}), []);
    assert.deepEqual(found({ destinationGuard: { permit: [inside, company, hosts] } }), []);
  });

  it('tells where the guard is off', () => {
    const [warning = '', ...more] = found({ destinationGuard: 'off' });
    assert.match(
      warning,
      /^guard\.off: service "web" has its destination guard off: clients reach/,
    );
    assert.deepEqual(more, []);
  });

  it('tells where nothing is opened', () => {
    const [warning = ''] = found({ destinationGuard: { permit: [inside, internet] } });
    assert.match(warning, /^guard\.no-effect: service "web" opens zone "internet"/);
    for (const destinationGuard of ['off', { permit: [inside] }] as const) {
      const router = transparentRouter();
      const [useless = ''] = found({ router, destinationGuard });
      assert.match(useless, /^guard\.no-effect: .* its router lets no client choose the server/);
      assert.notDeepEqual(found({ router, dnat: nat64(), destinationGuard }), [useless]);
    }
  });
});
