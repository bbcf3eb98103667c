// That an answer is what becomes of connections, for any policy: test/laws/explain-agrees.test.ts. Here, what is assumed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explainAsData, explainAsText } from '../../test/support/explained-rules.ts';
import { at, idleProxy } from '../../test/support/policy-samples.ts';
import { definePolicy } from '../policy/define-policy.ts';
import { explainDecision } from '../policy/explain.ts';
import { csZoneListener, listener } from '../policy/listener.ts';
import { ruleListener } from '../policy/rule-listener.ts';
import type { Resolver } from '../policy/resolver.ts';
import { dnsResolver, hashResolver } from '../policy/resolver.ts';
import { inbandRouter, transparentRouter } from '../policy/router.ts';
import { pfService } from '../policy/pf-service.ts';
import { rule } from '../policy/rule.ts';
import { service } from '../policy/service.ts';
import { zone } from '../policy/zone.ts';
import { answer } from './answer.ts';
import type { ExplainOptions } from './explain.ts';
import type { Destination } from './question.ts';

const NAMED: Destination = {
  text: 'www.example.org',
  host: 'www.example.org',
  address: at('[2001:db8::7]:80'),
  hasPort: false,
  resolved: ['2001:db8::7', '192.0.2.7'],
};
const LITERAL: Destination = {
  text: '192.0.2.7',
  host: '192.0.2.7',
  address: at('192.0.2.7:80'),
  hasPort: false,
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
    const onlyInTable = { ...NAMED, resolved: [] };
    assert.deepEqual(askNamed(onlyInTable, dnsResolver()), unknown);
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

/** The id of the rule that wins. */
async function ruleOf(options: Partial<ExplainOptions>): Promise<unknown> {
  return (await explainAsData(options)).decision['rule'];
}

describe('answer() hands to the rules', () => {
  it('protocol, ports, type and code', async () => {
    const client = '192.0.2.50';
    assert.equal(await ruleOf({ client, protocol: 'udp', to: '192.0.2.7:53' }), 1);
    const asked = { client, protocol: 'udp', to: '192.0.2.7:53', sourcePort: '53' };
    assert.equal(await ruleOf(asked), 7);
    const ping = { client, to: '192.0.2.7', protocol: 'icmp', icmpType: '8' };
    assert.equal(await ruleOf(ping), 6);
    assert.equal(await ruleOf({ ...ping, icmpCode: '1' }), 1);
    assert.equal(await ruleOf({ ...ping, protocol: 'icmpv6' }), 1);
  });

  it('interface, group, addresses and request id', async () => {
    const to = '192.0.2.7:99';
    const door = { client: '192.0.2.50', listener: 'door', to };
    assert.equal(await ruleOf(door), 1);
    assert.equal(await ruleOf({ to }), 8);
    assert.equal(await ruleOf({ ...door, interface: 'eth0', interfaceGroup: '7' }), 8);
    assert.equal(await ruleOf({ to, interface: 'eth0' }), 1);
    const own = { to: '192.0.2.7:98', interface: 'eth7' };
    assert.equal(await ruleOf(own), 1);
    assert.equal(await ruleOf({ ...own, interfaceAddress: ['192.0.2.9', '192.0.2.7'] }), 9);
    const tunnel = { to: '192.0.2.7:97', interface: 'eth0', requestId: '4294967295' };
    assert.equal(await ruleOf(tunnel), 10);
  });
});

describe('answer() of a rule that detects', () => {
  const to = '192.0.2.7:82';

  it('lists the lines as long as nobody says what they find', async () => {
    const { code, ok, decision } = await explainAsData({ to });
    assert.deepEqual([code, ok, decision['outcome']], [0, true, 'detecting']);
    const words = await explainAsText({ to });
    assert.match(words, /\nDETECTING: The first bytes tell which service rule 3 starts: /);
    assert.match(words, /\? detector +open +detector http +the first bytes will tell: web if /);
  });

  it('goes on with what is said', async () => {
    const none = await explainAsData({ to, detected: 'none' });
    assert.deepEqual([none.code, none.decision['service']], [0, 'through']);
    assert.equal(none.question['detected'], 'none');
    assert.match(
      await explainAsText({ to, detected: 'none' }),
      /; first bytes that no detector recognises\n/,
    );
  });

  it('lets a protocol that may be found name the server', async () => {
    const asked = { to: 'www.example:80', listener: 'door' };
    const open = await explainAsData(asked);
    assert.deepEqual(
      [open.decision['outcome'], open.decision['rule'], open.question['clientLocal']],
      ['detecting', 5, '192.0.2.1:8080'],
    );
    const found = await explainAsData({ ...asked, detected: 'web' });
    assert.deepEqual([found.code, found.decision['server']], [0, '192.0.2.7:80']);
    assert.match(
      await explainAsText({ ...asked, to: '192.0.2.7:80', detected: 'web' }),
      /bytes that name service web/,
    );
  });

  it('refuses a service that cannot be found, and one where nothing is detected', async () => {
    await assert.rejects(explainAsData({ to, detected: 'many' }), {
      exitCode: 2,
      message: '--detected many is no service that rule 3 can detect: give one of web, none',
    });
    const plain = { listener: 'plain', detected: 'web' };
    await assert.rejects(explainAsData(plain), {
      exitCode: 2,
      message: /here none does: leave it out$/,
    });
  });
});

describe('the answer about a service of the packet filter', () => {
  it('is what that does with the packet, whatever came to the listener', () => {
    const forward = pfService('forward');
    const rules = [rule({ service: forward })];
    const door = ruleListener('10.0.0.1:8080');
    const policy = definePolicy({ zones: [], listeners: [door], rules });
    const question = { instance: 'zorp', listener: door, client: at('10.1.2.3:40000') };
    const { decision } = answer(policy, { ...question, to: LITERAL });
    const { reason, server } = explainDecision(decision);
    assert.deepEqual([reason, server], ['forwarded', '192.0.2.7:80']);
  });
});
