import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at, idleProxy } from '../../test/support/policy-samples.ts';
import { decide } from './decide.ts';
import type { Forwarded } from './decide-forward.ts';
import { decideForward } from './decide-forward.ts';
import type { Refused } from './decision.ts';
import { definePolicy } from './define-policy.ts';
import { explainDecision } from './explain.ts';
import { ruleListener } from './rule-listener.ts';
import { staticNat } from './nat-addresses.ts';
import { generalNat, oneToOneNat } from './nat-subnets.ts';
import type { PfServiceOptions } from './pf-service.ts';
import { pfService } from './pf-service.ts';
import type { Policy } from './policy.ts';
import { directedRouter, transparentRouter } from './router.ts';
import { rule } from './rule.ts';
import { service } from './service.ts';
import { zone } from './zone.ts';

const CLIENT = at('10.0.0.7:40000');
const SERVER = at('192.0.2.9:80');

/** What comes of a connection from the office to a server of the world by a pfService. */
function forwarded(
  options: PfServiceOptions,
  { client = CLIENT, local = SERVER, protocol = 6 } = {},
): Forwarded | Refused {
  const forward = pfService('forward', options);
  const policy = policyOf(forward);
  const found = decideForward(policy, { ...factsOf(policy), client, local, protocol });
  assert.ok(found !== undefined);
  return found;
}

function policyOf(forward: ReturnType<typeof pfService>): Policy {
  const office = zone('office', { subnets: ['10.0.0.0/24'], outboundServices: [forward] });
  const closed = zone('closed', {
    subnets: ['10.9.0.0/16'],
    outboundServices: [],
    inboundServices: [],
  });
  const world = zone('world', { subnets: ['0.0.0.0/0', '::/0'] });
  const rules = [rule({ service: forward }), rule({ ports: 25, service: other })];
  const zones = [office, closed, world];
  return definePolicy({
    zones,
    rules,
    listeners: [ruleListener('127.0.0.1:4', { name: 'rules' })],
  });
}

const other = service('other', { proxy: idleProxy() });

function factsOf(policy: Policy) {
  const listener = policy.instances.get('zorp')?.[0];
  assert.ok(listener !== undefined);
  return { instance: 'zorp', listener };
}

function endsOf(decision: Forwarded | Refused): readonly unknown[] {
  if (decision.outcome === 'refused') return [decision.refusal.reason];
  return [String(decision.server), String(decision.source)];
}

describe('decideForward()', () => {
  it('forwards to the destination, from the address of the outgoing interface', () => {
    const decision = forwarded({});
    assert.deepEqual(endsOf(decision), ['192.0.2.9:80', 'undefined']);
    assert.deepEqual([decision.clientZone?.name, decision.serverZone?.name], ['office', 'world']);
  });

  it("keeps the client's address where the router forges it", () => {
    const router = transparentRouter({ forgeAddress: true });
    assert.deepEqual(endsOf(forwarded({ router })), ['192.0.2.9:80', '10.0.0.7:0']);
  });

  it('goes to the server of the router, and keeps the port where that names none', () => {
    const whole = directedRouter({ destination: '198.51.100.1:8080' });
    assert.equal(endsOf(forwarded({ router: whole }))[0], '198.51.100.1:8080');
    const portless = directedRouter({ destination: '198.51.100.1:0' });
    assert.equal(endsOf(forwarded({ router: portless }))[0], '198.51.100.1:80');
    const forced = transparentRouter({ forcedPort: 81 });
    assert.equal(endsOf(forwarded({ router: forced }))[0], '192.0.2.9:81');
  });

  it('has no ports where the protocol has none', () => {
    const router = transparentRouter({ forcedPort: 81 });
    assert.equal(endsOf(forwarded({ router }, { protocol: 1 }))[0], '192.0.2.9:0');
  });

  it('translates both ends of the pair that they were', () => {
    const snat = generalNat({
      mapping: { from: '10.0.0.0/24', to: '192.0.2.0/24', translated: '203.0.113.0/24' },
    });
    const dnat = staticNat({ address: '198.51.100.1:0' });
    assert.deepEqual(endsOf(forwarded({ snat, dnat })), ['198.51.100.1:80', '203.0.113.7:0']);
  });

  it('refuses what NAT refuses, and what would change the family', () => {
    const snat = oneToOneNat({ mapping: { from: '172.16.0.0/24', to: '203.0.113.0/24' } });
    assert.deepEqual(endsOf(forwarded({ snat })), ['nat.refused']);
    const dnat = staticNat({ address: '[2001:db8::1]:0' });
    assert.deepEqual(endsOf(forwarded({ dnat })), ['nat.family-mismatch']);
    const router = directedRouter({ destination: '[2001:db8::1]:0', forgeAddress: true });
    assert.deepEqual(endsOf(forwarded({ router })), ['nat.family-mismatch']);
  });

  it('asks the lists of both zones, that of the server behind NAT', () => {
    const from = forwarded({}, { client: at('10.9.0.1:1') });
    assert.deepEqual(endsOf(from), ['access.outbound']);
    const dnat = staticNat({ address: '10.9.0.1:0' });
    const to = forwarded({ dnat });
    assert.deepEqual([...endsOf(to), to.serverZone?.name], ['access.inbound', 'closed']);
  });

  it('is for rules with a pfService only', () => {
    const policy = policyOf(pfService('forward'));
    const local = at('192.0.2.9:25');
    assert.equal(decideForward(policy, { ...factsOf(policy), client: CLIENT, local }), undefined);
  });

  it('is put into words', () => {
    const { outcome, reason, message, steps } = explainDecision(forwarded({}));
    assert.deepEqual([outcome, reason], ['forwarded', 'forwarded']);
    assert.equal(
      message,
      'Clients in zone office may use service forward to reach 192.0.2.9:80 in zone world, forwarded by the packet filter',
    );
    const source = steps.find(({ check }) => check === 'snat');
    assert.equal(source?.because, 'the source becomes the address of the outgoing interface');
    const router = transparentRouter({ forgeAddress: true });
    const kept = explainDecision(forwarded({ router })).steps.find(({ check }) => check === 'snat');
    assert.equal(kept?.because, "the client's address stays the source");
  });
});

describe('decide() about a pfService', () => {
  it('refuses what came to a listener all the same', () => {
    const policy = policyOf(pfService('forward'));
    const decision = decide(policy, { ...factsOf(policy), client: CLIENT, local: SERVER });
    assert.ok(decision.outcome === 'refused');
    assert.equal(decision.refusal.reason, 'service.packet-filter');
    assert.equal(decision.refusal.verdict, 'denied-by-policy');
  });
});
