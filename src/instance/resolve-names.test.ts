import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeDns } from '../../test/support/fake-dns.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { IpAddress } from '../address/ip-address.ts';
import { definePolicy } from '../policy/define-policy.ts';
import { listener } from '../policy/listener.ts';
import type { Policy } from '../policy/policy.ts';
import { findZone } from '../policy/policy.ts';
import { dnsResolver } from '../policy/resolver.ts';
import { service } from '../policy/service.ts';
import { zone } from '../policy/zone.ts';
import { resolveNames } from './resolve-names.ts';

function policyOf(...hostnames: readonly string[]): Policy {
  const zones = [zone('www', { hostnames })];
  const listeners = [listener('127.0.0.1:80', service('web', { proxy: idleProxy() }))];
  return definePolicy({ zones, listeners, zoneResolver: dnsResolver({ family: 'ipv4' }) });
}

describe('resolveNames()', () => {
  it('gives the policy with the addresses of now, and the names that have none', async () => {
    const [clock, dns] = [new ManualClock(), new FakeDns()];
    const policy = policyOf('a.example', 'b.example', 'c.example');
    const resolving = resolveNames({ policy, revision: 'a' }, clock, dns);
    dns.answer('ipv4 a.example', ['198.51.100.1']);
    dns.answer('ipv4 b.example', []);
    clock.advance(5_000);
    const resolved = await resolving;
    assert.deepEqual(resolved.unresolved, ['b.example', 'c.example']);
    assert.equal(findZone(resolved.policy, IpAddress.parse('198.51.100.1'))?.name, 'www');
    dns.fail('ipv4 c.example');
    assert.equal(clock.armed, 0);
  });

  it('asks nobody about a policy without host names', async () => {
    const policy = policyOf();
    const resolved = await resolveNames({ policy, revision: 'a' });
    assert.deepEqual([resolved.policy, resolved.unresolved], [policy, []]);
  });
});
