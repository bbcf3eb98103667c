import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at, faultLines, idleProxy } from '../../test/support/policy-samples.ts';
import { decide } from './decide.ts';
import type { ConnectFacts, Decision } from './decision.ts';
import { definePolicy } from './define-policy.ts';
import { explainDecision } from './explain.ts';
import { listener } from './listener.ts';
import { hashNat, randomNat, staticNat } from './nat-addresses.ts';
import { nat46, nat64 } from './nat-families.ts';
import { generalNat } from './nat-subnets.ts';
import { directedRouter, inbandRouter, transparentRouter } from './router.ts';
import type { ServiceOptions } from './service.ts';
import { service } from './service.ts';
import { zone } from './zone.ts';

const proxy = idleProxy();

/** Decides a connect from 10.1.2.3:40000 to 192.0.2.80:8080 through a service with these options. */
function connect(
  options: Partial<ServiceOptions>,
  facts: ConnectFacts = {},
  client = '10.1.2.3:40000',
): Decision {
  const web = service('web', { proxy, ...options });
  const zones = [
    zone('inside', { subnets: ['10.0.0.0/8', '2001:db8:1::/48'], outboundServices: [web] }),
    zone('dmz', { subnets: ['192.0.2.0/24', '2001:db8:2::/48'], inboundServices: [web] }),
    zone('nat64', { subnets: ['64:ff9b::/96'], inboundServices: [web] }),
    zone('closed', { subnets: ['203.0.113.0/24'] }),
  ];
  const listeners = [listener('192.0.2.254:8080', web)];
  const policy = definePolicy({ zones, listeners });
  return decide(policy, {
    instance: 'zorp',
    listener: listeners[0],
    client: at(client),
    local: at('192.0.2.80:8080'),
    connect: facts,
  });
}

/** Reason, server, and where the connection comes from. */
function ends(decision: Decision): readonly (string | undefined)[] {
  const { reason, server } = explainDecision(decision);
  const local = decision.outcome === 'permitted' ? decision.route.local : undefined;
  return [reason, server ?? undefined, local === undefined ? undefined : String(local)];
}

describe('decide(): dnat', () => {
  it('makes zones and access lists see the translated server', () => {
    const dnat = generalNat({ mapping: { to: '203.0.113.0/24', translated: '192.0.2.0/24' } });
    const router = directedRouter({ destination: '203.0.113.7:80' });
    assert.deepEqual(ends(connect({ router })), ['access.inbound', '203.0.113.7:80', undefined]);
    const decision = connect({ router, dnat });
    assert.deepEqual(ends(decision), ['permitted', '192.0.2.7:80', undefined]);
    assert.equal(decision.serverZone?.name, 'dmz');
  });

  it('of NAT64 leads no client to this machine, whatever address it has embedded', () => {
    const web = service('web', { proxy, router: transparentRouter(), dnat: nat64() });
    const decideFor = (subnets: readonly string[], local: string): Decision => {
      const lists = { outboundServices: [web], inboundServices: [web] };
      const zones = [zone('any', { subnets: ['0.0.0.0/0', '::/0'], ...lists })];
      if (subnets.length > 0) zones.push(zone('own', { subnets, ...lists }));
      const listeners = [listener('[2001:db8::1]:8080', web)];
      const policy = definePolicy({ zones, listeners });
      const [client, instance] = [at('[2001:db8:1::5]:40000'), 'zorp'];
      const known = { instance, client, local: at(local), listener: listeners[0] };
      return decide(policy, { ...known, connect: {} });
    };
    const [loopback, unspecified] = ['[64:ff9b::7f00:1]:22', '[64:ff9b::]:22'];
    assert.equal(ends(decideFor([], loopback))[0], 'route.this-machine');
    assert.equal(ends(decideFor([], unspecified))[0], 'route.this-machine');
    assert.equal(ends(decideFor([], '[64:ff9b::c000:207]:22'))[0], 'permitted');
    assert.equal(ends(decideFor(['127.0.0.0/8'], loopback))[0], 'permitted');
  });

  it('cannot lead around the guards of loops, of this machine, of zones and of lists', () => {
    const to = (address: string): Decision =>
      connect(
        { router: inbandRouter(), dnat: staticNat({ address }) },
        { target: at('192.0.2.1:80') },
      );
    assert.equal(ends(to('192.0.2.254:8080'))[0], 'route.loop');
    assert.equal(ends(to('198.51.100.1:80'))[0], 'zone.server-unknown');
    assert.equal(ends(to('203.0.113.1:80'))[0], 'access.inbound');
  });

  it('with port 0 leads to the port that the client asked for', () => {
    const decision = connect({ dnat: staticNat({ address: '192.0.2.7:0' }) });
    assert.deepEqual(ends(decision), ['permitted', '192.0.2.7:8080', undefined]);
  });

  it('sees the address of the client also where the router does not forge it', () => {
    const dnat = generalNat({
      mapping: [
        { from: '10.1.0.0/16', translated: '192.0.2.1' },
        { from: '10.2.0.0/16', translated: '192.0.2.2' },
      ],
    });
    assert.equal(ends(connect({ dnat }))[1], '192.0.2.1:8080');
    assert.equal(ends(connect({ dnat }, {}, '10.2.0.1:1'))[1], '192.0.2.2:8080');
    assert.equal(ends(connect({ dnat }, {}, '10.3.0.1:1'))[1], '192.0.2.80:8080');
  });

  it('goes by the candidate and by the draw that it is given', () => {
    const router = directedRouter({ destination: ['192.0.2.1:80', '192.0.2.2:80'] });
    assert.equal(ends(connect({ router }, { candidate: 1 }))[1], '192.0.2.2:80');
    assert.equal(ends(connect({ router }, { candidate: 2 }))[0], 'route.no-target');
    const dnat = randomNat({ addresses: ['192.0.2.3:80', '192.0.2.4:80'], sticky: false });
    assert.equal(ends(connect({ dnat }))[1], '192.0.2.3:80');
    assert.equal(ends(connect({ dnat }, { draw: 0.5 }))[1], '192.0.2.4:80');
  });

  it('sees through IPv4-mapped addresses, and keeps what else is known of the connect', () => {
    const target = at('[::ffff:192.0.2.9]:80');
    const dnat = randomNat({ addresses: ['192.0.2.3:80', '192.0.2.4:80'], sticky: false });
    const decision = connect({ router: inbandRouter(), dnat }, { target, draw: 0.5 });
    assert.equal(ends(decision)[1], '192.0.2.4:80');
  });
});

describe('decide(): snat', () => {
  const snat = generalNat({ mapping: { from: '10.0.0.0/8', translated: '192.0.2.128/25' } });

  it('puts the address of the client, with the port of the router, into the translated subnet', () => {
    assert.deepEqual(ends(connect({ snat })), ['permitted', '192.0.2.80:8080', '192.0.2.131:0']);
    const router = transparentRouter({ forgePort: 'exact' });
    assert.equal(ends(connect({ snat, router }))[2], '192.0.2.131:40000');
  });

  it('leaves a port of the router as free as the router does, and makes its own exact', () => {
    const router = transparentRouter({ forgePort: 'random' });
    const kept = connect({ snat, router });
    assert.ok(kept.outcome === 'permitted');
    assert.deepEqual([kept.route.localLoose, kept.route.localRandom], [true, true]);
    const exact = connect({ snat: staticNat({ address: '192.0.2.200:20' }), router });
    assert.ok(exact.outcome === 'permitted');
    assert.equal(String(exact.route.local), '192.0.2.200:20');
    assert.deepEqual([exact.route.localLoose, exact.route.localRandom], [false, false]);
  });

  it('without a result leaves the source to the router: forged only where it forges', () => {
    const none = generalNat({ mapping: { from: '172.16.0.0/12', translated: '192.0.2.128/25' } });
    assert.equal(ends(connect({ snat: none }))[2], undefined);
    const forging = transparentRouter({ forgeAddress: true, forgePort: 'exact' });
    assert.equal(ends(connect({ snat: none, router: forging }))[2], '10.1.2.3:40000');
  });

  it('sees the server before dnat, as dnat sees the client before snat', () => {
    const router = directedRouter({ destination: '203.0.113.7:80' });
    const before = generalNat({
      mapping: [
        { from: '10.0.0.0/8', to: '203.0.113.0/24', translated: '192.0.2.128/25' },
        { translated: '198.51.100.0/24' },
      ],
    });
    // One object for both directions: what one did cannot come out of the other.
    for (const nat of [before, before]) {
      const decision = connect({ router, snat: nat, dnat: nat });
      assert.deepEqual(ends(decision), ['permitted', '192.0.2.135:80', '192.0.2.131:0']);
    }
  });
});

describe('decide(): NAT that refuses', () => {
  it('refuses the connection, with its sentence', () => {
    const nat = hashNat({ mapping: { '10.9.9.9': '192.0.2.1' } });
    for (const options of [{ snat: nat }, { dnat: nat }]) {
      const { reason, verdict, message, server } = explainDecision(connect(options));
      assert.deepEqual([reason, verdict, server], ['nat.refused', 'denied-by-policy', null]);
      assert.match(message, /No NAT is for/);
    }
    assert.equal(ends(connect({ dnat: nat64() }))[0], 'nat.refused');
  });

  it('refuses a source and a server of two families', () => {
    const forged = { router: transparentRouter({ forgeAddress: true }), dnat: nat46() };
    assert.deepEqual(ends(connect(forged)), [
      'nat.family-mismatch',
      '[64:ff9b::c000:250]:8080',
      undefined,
    ]);
    const both = { ...forged, snat: staticNat({ address: '[2001:db8:2::1]:0' }) };
    assert.deepEqual(ends(connect(both)), [
      'permitted',
      '[64:ff9b::c000:250]:8080',
      '[2001:db8:2::1]:0',
    ]);
    assert.equal(ends(connect({ dnat: nat46() }))[0], 'permitted');
  });

  it('refuses them without any NAT as well, which could only fail when it connects', () => {
    const target = at('[2001:db8:2::1]:80');
    const forging = inbandRouter({ forgeAddress: true });
    assert.deepEqual(ends(connect({ router: forging }, { target })), [
      'nat.family-mismatch',
      '[2001:db8:2::1]:80',
      undefined,
    ]);
  });

  it('takes a port of no particular address in the family of the server', () => {
    const router = inbandRouter({ forgePort: 'exact' });
    const [ipv6, ipv4] = ['[2001:db8:2::1]:80', '192.0.2.1:80'];
    assert.deepEqual(ends(connect({ router }, { target: at(ipv6) })), [
      'permitted',
      ipv6,
      '[::]:40000',
    ]);
    const other = connect({ router }, { target: at(ipv4) }, '[2001:db8:1::1]:40000');
    assert.deepEqual(ends(other), ['permitted', ipv4, '0.0.0.0:40000']);
    const translated = connect({
      router: transparentRouter({ forgePort: 'exact' }),
      dnat: nat46(),
    });
    assert.equal(ends(translated)[2], '[::]:40000');
  });
});

describe('decide(): NAT in words', () => {
  it('tells what became of both ends', () => {
    const nat = generalNat({ mapping: { to: '192.0.2.80', translated: '192.0.2.81' } });
    const snat = hashNat({ mapping: {}, defaultReject: false });
    const steps = explainDecision(connect({ snat, dnat: nat })).steps.filter(
      ({ kind }) => kind === 'nat',
    );
    assert.deepEqual(
      steps.map(({ check, outcome, name, value }) => [check, outcome, name, value]),
      [
        ['snat', 'skipped', 'hash', '10.1.2.3:0'],
        ['dnat', 'chosen', 'general', '192.0.2.80:8080 becomes 192.0.2.81:8080'],
      ],
    );
  });

  it('tells of a refusal at which end it was', () => {
    const refused = explainDecision(connect({ dnat: hashNat({ mapping: {} }) })).steps.at(-1);
    assert.deepEqual([refused?.check, refused?.outcome], ['dnat', 'refused']);
    const mismatch = explainDecision(
      connect({ router: transparentRouter({ forgeAddress: true }), dnat: nat46() }),
    ).steps.at(-1);
    assert.deepEqual(
      [mismatch?.check, mismatch?.outcome, mismatch?.value],
      ['snat', 'refused', '10.1.2.3:0'],
    );
  });

  it('says nothing where there is none', () => {
    const checks = explainDecision(connect({})).steps.map(({ check }) => check);
    assert.ok(!checks.includes('snat') && !checks.includes('dnat'), String(checks));
  });
});

it('definePolicy tells the faults of a NAT', () => {
  const web = service('web', {
    proxy,
    snat: staticNat({ address: '10.0.0.1' }),
    dnat: nat64({ prefixLength: 71 as never }),
  });
  const zones = [zone('all', { subnets: ['0.0.0.0/0'], outboundServices: [web] })];
  const lines = faultLines({ zones, listeners: [listener('192.0.2.254:8080', web)] });
  assert.deepEqual(lines, ['nat address "10.0.0.1"', 'nat prefixLength 71']);
});
