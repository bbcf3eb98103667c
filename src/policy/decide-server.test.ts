import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at, idleProxy } from '../../test/support/policy-samples.ts';
import { InterfaceTable } from '../address/interface-table.ts';
import { IpAddress } from '../address/ip-address.ts';
import { decide, decideConnect } from './decide.ts';
import { definePolicy } from './define-policy.ts';
import { explainDecision } from './explain.ts';
import { interfaceBind } from './interface-bind.ts';
import type { Listener } from './make-listener.ts';
import { listener } from './listener.ts';
import { directedRouter, inbandRouter, route } from './router.ts';
import { service } from './service.ts';
import { zone } from './zone.ts';

const proxy = idleProxy();
const explicit = service('explicit', { proxy, router: inbandRouter() });
const fixed = service('fixed', { proxy, router: directedRouter({ destination: '127.0.0.1:25' }) });
const looped = service('looped', {
  proxy,
  router: directedRouter({ destination: '127.0.0.1:3128' }),
});
const samePort = service('same-port', {
  proxy,
  router: directedRouter({ destination: '192.0.2.80:0' }),
});
const openFixed = service('open-fixed', {
  proxy,
  router: directedRouter({ destination: '192.0.2.80:80', overrideable: true }),
});

const inside = zone('inside', { subnets: ['10.0.0.0/8'], outboundServices: ['*'] });
const dmz = zone('dmz', { subnets: ['192.0.2.0/24'], inboundServices: ['*'] });
const internet = zone('internet', { subnets: ['0.0.0.0/0', '::/0'], inboundServices: ['*'] });
const host = zone('host', {
  subnets: ['127.0.0.53', '169.254.7.0/24'],
  inboundServices: [explicit],
});

const explicitListener = listener('127.0.0.1:3128', explicit);
const fixedListener = listener('192.0.2.254:25', fixed);
const loopedListener = listener('192.0.2.254:83', looped);
const openListener = listener('192.0.2.254:84', openFixed);
const samePortListener = listener('192.0.2.254:85', samePort);
const main = [fixedListener, loopedListener, openListener, samePortListener];
const policy = definePolicy({
  zones: [inside, dmz, internet, host],
  instances: { main, explicit: [explicitListener] },
});

/** Reason code and server of a connection through a listener to a server that the protocol names. */
function connectTo(
  made: Listener,
  target?: string,
  instance = 'main',
): readonly [string, string | null] {
  const connect = { target: target === undefined ? undefined : at(target) };
  const addresses = { client: at('10.1.2.3:40000'), local: at('127.0.0.1:3128') };
  const facts = { instance, listener: made, connect, ...addresses };
  const { reason, server } = explainDecision(decide(policy, facts));
  return [reason, server];
}

describe('decide(): servers that are this machine or on its link', () => {
  it('refuses one of the listeners of the instance', () => {
    assert.deepEqual(connectTo(explicitListener, '127.0.0.1:3128', 'explicit'), [
      'route.loop',
      '127.0.0.1:3128',
    ]);
    assert.equal(connectTo(explicitListener, '0.0.0.0:3128', 'explicit')[0], 'route.loop');
    assert.equal(connectTo(openListener, '192.0.2.254:25')[0], 'route.loop');
  });

  it('refuses an address of this machine where a listener is on all of them, or follows its interface', () => {
    const addresses = ['10.1.1.1', '2001:db8::1'].map((text) => IpAddress.parse(text));
    const eth0 = { index: 2, name: 'eth0', group: 0, isUp: true, addresses };
    const interfaces = new InterfaceTable([eth0]);
    const wide = listener('0.0.0.0:80', explicit);
    const following = listener(interfaceBind('eth0', { port: 81 }), explicit);
    const zones = [
      zone('all', {
        subnets: ['10.0.0.0/8', '0.0.0.0/0', '::/0'],
        outboundServices: ['*'],
        inboundServices: ['*'],
      }),
    ];
    const wideOpen = definePolicy({ zones, listeners: [wide, following] });
    const ends = {
      instance: 'zorp',
      listener: wide,
      client: at('10.2.2.2:40000'),
      local: at('10.3.3.3:80'),
    };
    const reasons = (target: string, known: InterfaceTable | undefined): readonly string[] => {
      const connect = { target: at(target) };
      const given = { ...ends, interfaces: known };
      const { client, local } = given;
      const chosen = route(explicit.router, client, local);
      const routed = { ...given, rule: undefined, service: explicit, route: chosen, connect };
      const decided = decideConnect(wideOpen, routed);
      return [
        explainDecision(decide(wideOpen, { ...given, connect })).reason,
        decided.outcome === 'refused' ? decided.refusal.reason : decided.outcome,
      ];
    };
    for (const own of ['10.1.1.1:80', '10.1.1.1:81', '[::ffff:10.1.1.1]:80'])
      assert.deepEqual(reasons(own, interfaces), ['route.loop', 'route.loop'], own);
    for (const other of ['10.1.1.1:82', '10.1.1.2:80', '[2001:db8::1]:80'])
      assert.deepEqual(reasons(other, interfaces), ['permitted', 'permitted'], other);
    assert.deepEqual(reasons('10.1.1.1:80', undefined), ['permitted', 'permitted']);
  });

  it('does not take a listener of another instance for its own', () => {
    assert.deepEqual(connectTo(loopedListener), ['permitted', '127.0.0.1:3128']);
  });

  it('refuses loopback addresses that clients name and only a wide zone has', () => {
    for (const target of ['127.0.0.1:22', '127.9.9.9:22', '[::1]:22', '0.0.0.0:22', '[::]:22'])
      assert.deepEqual(connectTo(explicitListener, target, 'explicit'), [
        'route.this-machine',
        target,
      ]);
  });

  it('refuses every other special address that clients name and only a wide zone has', () => {
    const table: Record<string, readonly string[]> = {
      'route.link-local': ['169.254.1.1', '[fe80::1]', '[::ffff:169.254.1.1]'],
      'route.metadata': ['169.254.169.254', '[fd00:ec2::254]', '[64:ff9b::169.254.169.254]'],
      'route.private': ['172.16.1.1', '192.168.1.1', '100.64.1.1', '[fd00::1]', '[fec0::1]'],
      'route.multicast': ['224.0.0.1', '255.255.255.255', '[ff02::1]'],
      'route.reserved': ['198.18.0.1', '240.0.0.1', '192.88.99.1', '[100::1]', '[2002:808:808::]'],
      'route.this-machine': ['[64:ff9b::127.0.0.1]', '[::127.0.0.1]', '[2002:7f00:1::]'],
    };
    for (const [reason, hosts] of Object.entries(table))
      for (const host of hosts)
        assert.equal(connectTo(explicitListener, `${host}:80`, 'explicit')[0], reason, host);
    assert.equal(connectTo(explicitListener, '169.254.7.7:80', 'explicit')[0], 'permitted');
    assert.equal(connectTo(explicitListener, '169.253.169.254:80', 'explicit')[0], 'permitted');
  });

  it('permits them where a zone has a subnet of them, or the router names them', () => {
    assert.equal(connectTo(explicitListener, '127.0.0.53:53', 'explicit')[0], 'permitted');
    assert.equal(connectTo(fixedListener)[0], 'permitted');
  });

  it('sees through IPv4-mapped addresses', () => {
    const target = '[::ffff:10.1.1.1]:22';
    assert.deepEqual(connectTo(explicitListener, target, 'explicit'), [
      'access.inbound',
      '10.1.1.1:22',
    ]);
    const mapped = '[::ffff:127.0.0.1]:3128';
    assert.deepEqual(connectTo(explicitListener, mapped, 'explicit'), [
      'route.loop',
      '127.0.0.1:3128',
    ]);
  });
});

describe('decide(): the other addresses of the name', () => {
  const answer = (...texts: string[]): readonly IpAddress[] =>
    texts.map((text) => IpAddress.parse(text));
  const decided = (target: string, addresses: readonly IpAddress[]): readonly unknown[] => {
    const connect = { target: at(target), answer: addresses };
    const ends = { client: at('10.1.2.3:40000'), local: at('127.0.0.1:3128') };
    const facts = { instance: 'explicit', listener: explicitListener, connect, ...ends };
    const { reason, server, serverZone, steps } = explainDecision(decide(policy, facts));
    const last = steps.at(-1);
    return [reason, server, serverZone, last?.check, last?.value];
  };

  it('refuses a name that has a special address, whichever of its addresses was chosen', () => {
    const mixed = ['route.mixed-answer', '10.9.9.9:80', 'inside', 'destination-guard'];
    const why = '10.9.9.9 is of 10.0.0.0/8, private use';
    for (const others of [
      ['1.1.1.1', '10.9.9.9'],
      ['10.9.9.9', '1.1.1.1'],
      ['::ffff:10.9.9.9', '1.1.1.1'],
    ])
      assert.deepEqual(decided('1.1.1.1:80', answer(...others)), [...mixed, why]);
  });

  it('permits a name with other addresses that are ordinary, or open to the service', () => {
    for (const others of [['1.1.1.1', '8.8.8.8'], ['2a00::1'], ['127.0.0.53']])
      assert.equal(decided('1.1.1.1:80', answer(...others))[0], 'permitted');
  });

  it('tells of the chosen address itself where that is refused', () => {
    assert.equal(decided('10.9.9.9:80', answer('1.1.1.1', '10.9.9.9'))[0], 'access.inbound');
    assert.equal(decided('127.0.0.1:80', answer('1.1.1.1'))[0], 'route.this-machine');
  });
});

describe('decide(): which server is meant', () => {
  it('refuses where nobody names one, or the protocol names port 0', () => {
    assert.deepEqual(connectTo(explicitListener, undefined, 'explicit'), ['route.no-target', null]);
    assert.deepEqual(connectTo(explicitListener, '1.1.1.1:0', 'explicit'), [
      'route.no-target',
      null,
    ]);
  });

  it('takes the port that the client asked for where the router has port 0', () => {
    assert.deepEqual(connectTo(samePortListener), ['permitted', '192.0.2.80:3128']);
  });

  it('takes the first server of the router unless the protocol may name another, and does', () => {
    assert.equal(connectTo(openListener)[1], '192.0.2.80:80');
    assert.equal(connectTo(openListener, '192.0.2.81:81')[1], '192.0.2.81:81');
    assert.equal(connectTo(fixedListener, '192.0.2.81:81')[1], '127.0.0.1:25');
  });
});
