// That an answer is what becomes of connections, for any policy: test/laws/explain-agrees.test.ts. Here, what is assumed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at, idleProxy } from '../../test/support/policy-samples.ts';
import { definePolicy } from '../policy/define-policy.ts';
import { explainDecision } from '../policy/explain.ts';
import { csZoneListener, listener } from '../policy/listener.ts';
import type { Resolver } from '../policy/resolver.ts';
import { dnsResolver, hashResolver } from '../policy/resolver.ts';
import { inbandRouter, transparentRouter } from '../policy/router.ts';
import { service } from '../policy/service.ts';
import { zone } from '../policy/zone.ts';
import { answer } from './answer.ts';
import type { Destination } from './question.ts';

const NAMED: Destination = {
  text: 'www.example.org',
  host: 'www.example.org',
  address: at('[2001:db8::7]:80'),
  resolved: ['2001:db8::7', '192.0.2.7'],
};
const LITERAL: Destination = {
  text: '192.0.2.7',
  host: '192.0.2.7',
  address: at('192.0.2.7:80'),
  resolved: undefined,
};

/** Reason, server, and the local address that was assumed, for a service that lets the protocol name the server. */
function askNamed(to: Destination, resolver: Resolver): readonly (string | null)[] {
  const explicit = service('explicit', { proxy: idleProxy(), router: inbandRouter(), resolver });
  const inside = zone('inside', { subnets: ['10.0.0.0/8'], outboundServices: ['*'] });
  const outside = zone('outside', { subnets: ['0.0.0.0/0', '::/0'], inboundServices: ['*'] });
  const door = listener('10.0.0.1:8080', explicit);
  const policy = definePolicy({ zones: [inside, outside], listeners: [door] });
  const question = { instance: 'zorp', listener: door, client: at('10.1.2.3:40000'), to };
  const { facts, decision } = answer(policy, question);
  const { reason, server } = explainDecision(decision);
  return [reason, server, String(facts.local)];
}

describe('answer() where the protocol names the server', () => {
  const local = '10.0.0.1:8080';

  it('takes the address that the resolver of the service would try first', () => {
    assert.deepEqual(askNamed(NAMED, dnsResolver()), ['permitted', '[2001:db8::7]:80', local]);
    const ipv4 = dnsResolver({ family: 'ipv4' });
    assert.deepEqual(askNamed(NAMED, ipv4), ['permitted', '192.0.2.7:80', local]);
    const table = hashResolver({ mapping: { 'www.example.org': '192.0.2.9' } });
    assert.deepEqual(askNamed(NAMED, table), ['permitted', '192.0.2.9:80', local]);
  });

  it('refuses as a session does if that one finds none', () => {
    const unknown = ['resolve.unknown', null, local];
    assert.deepEqual(askNamed(LITERAL, dnsResolver({ family: 'ipv6' })), unknown);
    assert.deepEqual(askNamed(LITERAL, hashResolver({ mapping: { other: '192.0.2.9' } })), unknown);
  });

  it('takes it for the same server where only a redirected connection gets such a service', () => {
    const proxy = idleProxy();
    const through = service('through', { proxy, router: transparentRouter() });
    const explicit = service('explicit', { proxy, router: inbandRouter() });
    const inside = zone('inside', { subnets: ['10.0.0.0/8'], outboundServices: ['*'] });
    const outside = zone('outside', { subnets: ['0.0.0.0/0'], inboundServices: ['*'] });
    const door = csZoneListener('10.0.0.1:8080', {
      services: [
        { from: inside, to: inside, service: through },
        { from: inside, to: outside, service: explicit },
      ],
    });
    const policy = definePolicy({ zones: [inside, outside], listeners: [door] });
    const question = { instance: 'zorp', listener: door, client: at('10.1.2.3:40000') };
    const { facts, decision } = answer(policy, { ...question, to: LITERAL });
    const { reason, server } = explainDecision(decision);
    assert.deepEqual(
      [reason, server, String(facts.local)],
      ['permitted', '192.0.2.7:80', '192.0.2.7:80'],
    );
  });
});
