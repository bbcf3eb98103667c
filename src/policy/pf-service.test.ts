import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultLines, idleProxy, onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import { listener } from './listener.ts';
import { ruleListener } from './rule-listener.ts';
import { hashNat, randomNat, staticNat } from './nat-addresses.ts';
import { nat46, nat64 } from './nat-families.ts';
import { generalNat, oneToOneNat } from './nat-subnets.ts';
import { explainPfService, pfService } from './pf-service.ts';
import { directedRouter, inbandRouter, transparentRouter } from './router.ts';
import { rule } from './rule.ts';
import { service } from './service.ts';
import { sshDetector } from '../protocols/ssh/ssh-detector.ts';

const general = generalNat({ mapping: { from: '10.0.0.0/8', translated: '192.0.2.0/24' } });

describe('pfService()', () => {
  it('is transparent, without NAT, unless it is said otherwise', () => {
    const made = pfService('all');
    assert.equal(made.router.type, 'transparent');
    assert.deepEqual(
      [made.kind, made.name, made.snat, made.dnat],
      ['pf-service', 'all', undefined, undefined],
    );
    assert.deepEqual(faultsOf(made), []);
    assert.ok(Object.isFrozen(made));
  });

  it('takes every NAT that maps ranges', () => {
    const nats = [
      general,
      staticNat({ address: '192.0.2.1:0' }),
      oneToOneNat({ mapping: { from: '10.0.0.0/24', to: '192.0.2.0/24' } }),
      hashNat({ mapping: { '10.0.0.1': '192.0.2.1' } }),
    ];
    for (const nat of nats)
      assert.deepEqual(faultsOf(pfService('all', { snat: nat, dnat: nat })), [], nat.type);
  });

  const routed: readonly (readonly [router: ReturnType<typeof inbandRouter>, cure: RegExp])[] = [
    [inbandRouter(), /give transparentRouter\(\) or directedRouter\(\)/],
    [transparentRouter({ overrideable: true }), /leave overrideable out/],
    [transparentRouter({ forgePort: 'exact' }), /leave forgePort out/],
    [directedRouter({ destination: ['192.0.2.1:0', '192.0.2.2:0'] }), /exactly one destination/],
  ];
  for (const [router, cure] of routed) {
    it(`remembers that it cannot do what a router says: ${String(cure)}`, () => {
      const fault = onlyFault(pfService('all', { router }), 'pfService(');
      assert.equal(fault.path, 'router');
      assert.match(fault.cure, cure);
    });
  }

  for (const nat of [randomNat({ addresses: '192.0.2.1:0' }), nat46(), nat64()]) {
    it(`remembers that it cannot do ${nat.type} NAT`, () => {
      const fault = onlyFault(pfService('all', { dnat: nat }), 'pfService(');
      assert.equal(fault.path, 'dnat');
      assert.match(fault.cure, /ranges to ranges of one family/);
    });
  }

  it('remembers what is no option', () => {
    const fault = onlyFault(pfService('all', wrong({ proxy: 1 })), 'pfService(');
    assert.match(fault.cure, /^it is an option of service\(\)/);
  });
});

describe('who may start a pfService', () => {
  const forwarded = pfService('all');
  const idle = service('idle', { proxy: idleProxy() });

  it('is a rule', () => {
    assert.deepEqual(faultsOf(rule({ service: forwarded })), []);
  });

  it('is no listener', () => {
    const listeners = [listener('127.0.0.1:80', forwarded)];
    assert.deepEqual(faultLines({ zones: [], listeners }), [
      'listener "127.0.0.1:80" service "all"',
    ]);
  });

  it('is no detector, and nothing beside one', () => {
    const detect = [{ detector: sshDetector(), service: wrong(forwarded) }];
    const fault = onlyFault(rule({ detect, service: idle }), 'rule(');
    assert.match(fault.cure, /in the hands of a proxy already/);
    const lines = [{ detector: sshDetector(), service: idle }];
    const rest = onlyFault(rule({ detect: lines, service: forwarded }), 'rule(');
    assert.deepEqual([rest.path, rest.value], ['service', '"all"']);
  });

  it('is no proxy', () => {
    const stacking = service('stacking', { proxy: idleProxy({ stacks: [wrong(forwarded)] }) });
    const listeners = [ruleListener('127.0.0.1:80')];
    const rules = [rule({ service: stacking })];
    assert.deepEqual(faultLines({ zones: [], rules, listeners }), [
      'service "stacking" proxy.stacks "all"',
    ]);
  });
});

describe('explainPfService()', () => {
  it('says where packets go and where they come from', () => {
    assert.equal(
      explainPfService(pfService('all')),
      'forwarded by the packet filter; transparent: to the original destination; source: the address of the outgoing interface',
    );
    const forged = pfService('all', { router: transparentRouter({ forgeAddress: true }) });
    assert.doesNotMatch(explainPfService(forged), /source:/);
    const both = explainPfService(pfService('all', { snat: general, dnat: general }));
    assert.match(both, /; source: general NAT: .*; server: general NAT: /);
  });
});
