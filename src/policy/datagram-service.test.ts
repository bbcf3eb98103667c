// Services behind receivers: those that cannot take datagrams are faults at load where only datagrams come, and refusals
// where a connection would have been taken.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultLines, idleProxy } from '../../test/support/policy-samples.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { plugProxy } from '../protocols/plug/index.ts';
import { sshDetector } from '../protocols/ssh/index.ts';
import { sideStackChainer } from './chainer-side-stack.ts';
import { datagramObstacle } from './datagram-service.ts';
import { decide } from './decide.ts';
import { definePolicy } from './define-policy.ts';
import { PROTOCOL_NUMBERS } from './ip-protocol.ts';
import { listener } from './listener.ts';
import { receiver, zoneReceiver } from './receiver.ts';
import { rule } from './rule.ts';
import { ruleListener } from './rule-listener.ts';
import { denyService, service } from './service.ts';
import { zone } from './zone.ts';

const inner = service('inner', { proxy: idleProxy() });
const plug = service('plug', { proxy: plugProxy() });
const stacked = service('stacked', { proxy: plugProxy({ stack: inner }) });
const choosing = service('choosing', { proxy: plugProxy({ stack: () => undefined }) });
const beside = service('beside', {
  proxy: plugProxy(),
  chainer: sideStackChainer({ proxy: plugProxy() }),
});
const web = service('web', { proxy: idleProxy() });

const all = [inner, plug, stacked, choosing, beside, web];
const everywhere = zone('all', {
  subnets: ['0.0.0.0/0'],
  outboundServices: all,
  inboundServices: all,
});
const zones = [everywhere];

describe('datagramObstacle()', () => {
  it('is none for a plug alone', () => {
    assert.equal(datagramObstacle(plug), undefined);
    for (const other of [stacked, choosing, web])
      assert.match(datagramObstacle(other) ?? '', /such as plugProxy\(\) without a stack/);
    assert.match(datagramObstacle(beside) ?? '', /without sideStackChainer/);
    const told = service('told', { proxy: plugProxy(), sendProxyProtocol: 2 });
    assert.match(datagramObstacle(told) ?? '', /without sendProxyProtocol/);
  });
});

describe('definePolicy() with receivers', () => {
  it('names every service that takes no datagrams, where it stands', () => {
    const lines = [
      { from: everywhere, service: plug },
      { from: '*', service: beside },
    ] as const;
    const listeners = [
      receiver('127.0.0.1:1', web, { name: 'one' }),
      receiver('127.0.0.1:2', denyService('no')),
      zoneReceiver('127.0.0.1:3', { services: lines, name: 'three' }),
      listener('127.0.0.1:1', web),
    ];
    assert.deepEqual(faultLines({ zones, listeners }), [
      'listener "one" service "web"',
      'listener "three" services[1].service "beside"',
    ]);
  });

  it('names those of rules that are for UDP alone', () => {
    const detect = [{ detector: sshDetector(), service: stacked }];
    const rules = [
      rule({ protocols: 'udp', service: web }),
      rule({ protocols: ['udp', 17], detect, service: plug, ports: 1 }),
      rule({ protocols: ['udp', 'tcp'], service: web, ports: 2 }),
      rule({ service: web, ports: 3 }),
    ];
    const found = faultLines({ zones, rules, listeners: [ruleListener('127.0.0.1:1')] });
    assert.deepEqual(found, ['rule service "web"', 'rule detect[0].service "stacked"']);
  });
});

describe('decide() of datagrams', () => {
  const udp = receiver('192.0.2.1:53', plug, { name: 'udp' });
  const tcp = listener('192.0.2.1:53', web, { name: 'tcp' });
  const asked = ruleListener('192.0.2.2:1', { name: 'rules' });
  const rules = [rule({ service: web }), rule({ protocols: 'udp', ports: 9, service: plug })];
  const policy = definePolicy({ zones, listeners: [tcp, udp, asked], rules });
  const ends = {
    instance: 'zorp',
    client: SocketAddress.parse('10.0.0.1:4000'),
    local: SocketAddress.parse('192.0.2.1:53'),
  };

  it('finds the listener by the protocol', () => {
    const named = (protocol: number | undefined) =>
      decide(policy, { ...ends, protocol }).listener?.name;
    assert.deepEqual([undefined, 6, 17].map(named), ['tcp', 'tcp', 'udp']);
  });

  it('takes what a receiver got for datagrams, and refuses who goes round in circles', () => {
    const decision = decide(policy, { ...ends, listener: udp, connect: {} });
    assert.equal(decision.outcome === 'refused' && decision.refusal.reason, 'route.loop');
    const elsewhere = { ...ends, local: SocketAddress.parse('192.0.2.2:1') };
    // A TCP listener at the same address and port is another server.
    const other = decide(policy, { ...elsewhere, listener: udp, connect: {} });
    assert.equal(other.outcome, 'permitted');
  });

  it('refuses a service that a rule names and that takes no datagrams', () => {
    const facts = { ...ends, listener: asked };
    const outcomes = [PROTOCOL_NUMBERS.tcp, PROTOCOL_NUMBERS.udp].map((protocol) => {
      const decision = decide(policy, { ...facts, protocol });
      return decision.outcome === 'refused' ? decision.refusal.reason : decision.outcome;
    });
    assert.deepEqual(outcomes, ['permitted', 'service.no-datagrams']);
    const local = ends.local.withPort(9);
    const taken = decide(policy, { ...facts, local, protocol: PROTOCOL_NUMBERS.udp });
    assert.equal(taken.outcome, 'permitted');
  });
});
