import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at, idleProxy } from '../../test/support/policy-samples.ts';
import { InterfaceTable } from '../address/interface-table.ts';
import { IpAddress } from '../address/ip-address.ts';
import { decide } from './decide.ts';
import type { ListenerMatch } from './decide-listener.ts';
import { listenerFor } from './decide-listener.ts';
import { definePolicy } from './define-policy.ts';
import { explainDecision } from './explain.ts';
import { listener } from './listener.ts';
import type { Listener } from './make-listener.ts';
import { rule } from './rule.ts';
import { ruleListener } from './rule-listener.ts';
import { service } from './service.ts';
import { zone } from './zone.ts';

const web = service('web', { proxy: idleProxy() });
const exact = listener('192.0.2.1:80', web, { name: 'exact' });
const wide = listener('0.0.0.0:81', web, { name: 'wide' });
const redirected = listener('0.0.0.0:50081', web, {
  ...{ name: 'redirected', transparent: true, redirectPorts: '80-90' },
});
const policy = definePolicy({
  zones: [zone('all', { subnets: ['0.0.0.0/0'], outboundServices: ['*'], inboundServices: ['*'] })],
  rules: [rule({ service: web })],
  listeners: [ruleListener({ name: 'hidden' }), wide, redirected, exact],
});
const listeners = policy.instances.get('zorp') ?? [];

function takerOf(among: readonly Listener[], to: string): ListenerMatch | undefined {
  return listenerFor(among, { to: at(to), protocol: 6, interfaces: undefined });
}

describe('listenerFor()', () => {
  const table: [to: string, name: string][] = [
    ['192.0.2.1:80', 'exact'],
    ['127.0.0.1:81', 'wide'],
    ['203.0.113.1:80', 'redirected'],
    ['203.0.113.1:81', 'redirected'],
    ['203.0.113.1:443', 'hidden'],
    ['[2001:db8::1]:443', 'hidden'],
    ['0.0.0.0:50081', 'hidden'],
  ];
  for (const [to, name] of table)
    it(`gives ${to} to ${name}`, () => {
      assert.equal(takerOf(listeners, to)?.listener.name, name);
    });

  it('finds a listener on all addresses where nothing redirects the port, and else none', () => {
    assert.equal(takerOf([wide], '203.0.113.1:81')?.listener, wide);
    assert.equal(takerOf([wide, redirected], '203.0.113.1:443'), undefined);
  });

  it('is what decide() says', () => {
    const client = at('10.0.0.1:5000');
    const decision = decide(policy, { instance: 'zorp', client, local: at('203.0.113.1:443') });
    assert.equal(decision.outcome, 'permitted');
    const steps = explainDecision(decision).steps.filter(({ check }) => check === 'listener');
    assert.deepEqual(
      steps.map(({ name, outcome, because }) => `${name} ${outcome} ${because}`),
      ['hidden chosen the packet filter brings to it what no other listener takes'],
    );
    const facts = { instance: 'zorp', client, local: at('192.0.2.1:80') };
    const exactly = explainDecision(decide(policy, facts)).steps.slice(0, 4);
    assert.deepEqual(
      exactly.map(({ name, outcome }) => `${name} ${outcome}`),
      ['hidden skipped', 'wide skipped', 'redirected skipped', 'exact chosen'],
    );
  });
});

/** A machine with this address. */
function withAddress(text: string): InterfaceTable {
  const addresses = [IpAddress.parse(text)];
  return new InterfaceTable([{ index: 2, name: 'eth0', group: 0, isUp: true, addresses }]);
}

describe('the loop guard', () => {
  const client = at('10.0.0.1:5000');
  const [hidden] = listeners;
  function reasonOf(made: typeof hidden, local: string, own?: string): string {
    const interfaces = own === undefined ? undefined : withAddress(own);
    const facts = { instance: 'zorp', listener: made, client, local: at(local), interfaces };
    return explainDecision(decide(policy, facts)).reason;
  }

  it('refuses what is meant for a transparent listener itself', () => {
    assert.equal(reasonOf(hidden, '127.0.0.1:50080'), 'dispatch.loop');
    assert.equal(reasonOf(hidden, '[::1]:50080'), 'dispatch.loop');
    assert.equal(reasonOf(redirected, '127.0.0.9:50081'), 'dispatch.loop');
    assert.equal(reasonOf(redirected, '10.9.9.9:50081', '10.9.9.9'), 'dispatch.loop');
  });

  it('lets through what is meant for the same port of another machine, and for another port', () => {
    assert.equal(reasonOf(redirected, '203.0.113.1:50081', '10.9.9.9'), 'permitted');
    assert.equal(reasonOf(redirected, '10.9.9.9:80', '10.9.9.9'), 'permitted');
    assert.equal(reasonOf(hidden, '203.0.113.1:50080'), 'permitted');
    assert.equal(reasonOf(wide, '203.0.113.1:81'), 'permitted'); // refused when it connects
  });

  it('lets a transparent router go to a port that another listener has on all addresses of this machine', () => {
    const connected = (made: typeof hidden): string => {
      const known = { instance: 'zorp', listener: made, client, local: at('203.0.113.1:81') };
      return explainDecision(decide(policy, { ...known, connect: {} })).reason;
    };
    assert.equal(connected(redirected), 'permitted');
    assert.equal(connected(wide), 'route.loop');
  });
});
