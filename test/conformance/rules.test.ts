// Which rule a packet gets: the cases of the original's own tests (reference: conformance cases, rules R1 to R19), and what
// follows from the order in which scores are compared. R20, a dispatcher that uploads fewer or more rules to the kernel
// than it announced, has nothing to correspond to: rules are one value of a policy, and no kernel module is told of them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Packet } from '../../src/policy/packet.ts';
import { numberRules } from '../../src/policy/number-rules.ts';
import { PolicyFaults } from '../../src/policy/policy-faults.ts';
import type { RuleOptions } from '../../src/policy/rule.ts';
import { rule } from '../../src/policy/rule.ts';
import { RuleIndex } from '../../src/policy/rule-index.ts';
import type { Zone } from '../../src/policy/zone.ts';
import { declare, faultsOf } from '../../src/proxy/policy-fault.ts';
import { wrong } from '../support/policy-samples.ts';
import { incomingOf, packetOf, ruleOf, zoneOf } from '../support/rule-samples.ts';

type Rules = Readonly<Record<number, RuleOptions>>;

/** The id of the rule that a packet gets: by the index, and the same by asking every rule. */
function winner(rules: Rules, packet: Packet): number | undefined {
  const index = new RuleIndex(
    Object.entries(rules).map(([id, options]) => ({ id: Number(id), rule: ruleOf(options) })),
  );
  const best = index.best(packet);
  assert.deepEqual(best, index.candidates(packet)[0]);
  return best?.id;
}

function from(address: string, clientZone?: Zone): Packet {
  return packetOf({
    client: address.includes(':') ? `[${address}]:9` : `${address}:9`,
    clientZone,
  });
}

function to(address: string, destinationZone?: Zone): Packet {
  return packetOf({
    local: address.includes(':') ? `[${address}]:80` : `${address}:80`,
    destinationZone,
  });
}

function toPort(port: number, protocol = 6): Packet {
  return packetOf({ local: `192.0.2.1:${port}`, protocol });
}

const a = zoneOf('A');
const aa = zoneOf('AA', a);
const ab = zoneOf('AB', a);
const aba = zoneOf('ABA', ab);
const abaa = zoneOf('ABAA', aba);
const aaz = zoneOf('AAZ', aa);
const ay = zoneOf('AY', a);
const z = zoneOf('Z');
const za = zoneOf('ZA', z);

describe('rules of the original', () => {
  it('R1: without rules there is no service', () => {
    assert.equal(winner({}, packetOf()), undefined);
  });

  it('R2: a rule without conditions is for everything', () => {
    for (const packet of [packetOf(), from('::1', z), packetOf({ protocol: 1 })])
      assert.equal(winner({ 1: {} }, packet), 1);
  });

  it('R3: of identical rules the lowest id wins', () => {
    assert.equal(winner({ 4: {}, 2: {}, 3: {} }, packetOf()), 2);
  });

  it('R4: of 128 identical rules the first wins', () => {
    const rules = Object.fromEntries(Array.from({ length: 128 }, (_, index) => [index + 1, {}]));
    assert.equal(winner(rules, packetOf()), 1);
  });

  const ports = { ports: '10,60000-65535' };
  it('R5: a rule for ports wins over one without conditions', () => {
    for (const port of [10, 60_000, 63_000, 65_535])
      assert.equal(winner({ 1: {}, 2: ports }, toPort(port)), 2, String(port));
    for (const port of [9, 11, 59_999])
      assert.equal(winner({ 1: {}, 2: ports }, toPort(port)), 1, String(port));
  });

  it('R6: a rule for ports is for no others', () => {
    for (const port of [9, 11, 59_999]) assert.equal(winner({ 2: ports }, toPort(port)), undefined);
  });

  it('R7: longer subnets win over shorter ones, and subnets over zones', () => {
    const rules: Rules = {
      1: { sourceSubnets: '10.99.201.169/32' },
      2: { from: z },
      3: { sourceSubnets: '10.99.201.0/24' },
      4: { from: a },
      5: { from: za, sourceSubnets: '10.99.201.66/32' },
    };
    assert.equal(winner(rules, from('10.99.201.169', z)), 1);
    assert.equal(winner(rules, from('10.99.201.41', z)), 3);
    assert.equal(winner(rules, from('10.99.101.169', z)), 2);
    assert.equal(winner(rules, from('10.99.201.66', z)), 5);
    assert.equal(winner(rules, from('10.99.101.137', za)), 5);
    assert.equal(winner(rules, from('10.199.201.1')), undefined);
  });

  it('R8: the same for IPv6', () => {
    const rules: Rules = {
      1: { sourceSubnets: 'fd00:bb:1030:1100:cc:aa:bb:dd/128' },
      2: { from: z },
      3: { sourceSubnets: 'fd00:bb:1030:1100:cc:aa:bb:0/96' },
      4: { from: a },
      5: { from: za, sourceSubnets: 'fd00:bb:1030:1100:cc:22:bb:cc/128' },
    };
    assert.equal(winner(rules, from('fd00:bb:1030:1100:cc:aa:bb:dd', z)), 1);
    assert.equal(winner(rules, from('fd00:bb:1030:1100:cc:aa:bb:1', z)), 3);
    assert.equal(winner(rules, from('fd00:bb:1030:1100:cd::1', z)), 2);
    assert.equal(winner(rules, from('fd00:bb:1030:1100:cc:22:bb:cc', z)), 5);
    assert.equal(winner(rules, from('fd00:bb:1030:1100:cc:22:bb:cd', za)), 5);
    assert.equal(winner(rules, from('fd00:bb:1030:1200::1')), undefined);
  });

  const nested: Rules = {
    1: { destinationSubnets: ['1.2.3.4/32', 'ff00:1::4/128'] },
    2: { destinationSubnets: ['1.2.3.2/30', 'ff00:1::4/126'] },
    3: { destinationSubnets: ['1.2.3.2/31', 'ff00:1::2/127'] },
    4: { destinationSubnets: ['1.2.3.0/24', 'ff00:1::/120'] },
  };
  it('R9: the longest destination subnet wins, in rules with both families', () => {
    const cases = {
      '1.2.3.4': 1,
      '1.2.3.2': 3,
      '1.2.3.1': 2,
      '1.2.3.200': 4,
      '1.2.2.5': undefined,
    };
    for (const [address, id] of Object.entries(cases))
      assert.equal(winner(nested, to(address)), id, address);
    const cases6 = {
      'ff00:1::4': 1,
      'ff00:1::2': 3,
      'ff00:1::5': 2,
      'ff00:1::c8': 4,
      'ff00:2::': undefined,
    };
    for (const [address, id] of Object.entries(cases6))
      assert.equal(winner(nested, to(address)), id, address);
  });

  it('R10: a rule with IPv4 subnets only is for no IPv6 destination', () => {
    const rules: Rules = { 1: { destinationSubnets: ['1.2.3.4', '0.0.0.0/0'] } };
    assert.equal(winner(rules, to('ff00::1')), undefined);
    assert.equal(winner({ ...rules, 2: {} }, to('ff00::1')), 2);
  });

  it('R11: host bits of a subnet do not count', () => {
    const rules: Rules = { 1: { destinationSubnets: 'ffc0::1/127' } };
    for (const address of ['ffc0::', 'ffc0::1']) assert.equal(winner(rules, to(address)), 1);
    assert.equal(winner(rules, to('ffc0::2')), undefined);
  });

  it('R12: of the zones above a packet the deepest wins', () => {
    const rules: Rules = {
      1: { to: aba },
      2: { to: ab },
      3: { to: a },
      4: { to: aaz },
      5: { to: ay },
    };
    const cases: [Zone, number | undefined][] = [
      [abaa, 1],
      [aba, 1],
      [ab, 2],
      [aa, 3],
      [a, 3],
      [aaz, 4],
      [ay, 5],
      [z, undefined],
    ];
    for (const [zone, id] of cases)
      assert.equal(winner(rules, to('10.0.0.1', zone)), id, zone.name);
    const list: Rules = { 1: { to: [aba, ab, a, aaz, ay] }, 2: { to: aa } };
    assert.equal(winner(list, to('10.0.0.1', aa)), 2);
    assert.equal(winner(list, to('10.0.0.1', aaz)), 1);
  });

  it('R13: an interface by name wins over one by group', () => {
    const rules: Rules = { 1: { interfaceGroups: 1 }, 2: { interfaces: 'dummy0' } };
    const packet = (name: string): Packet => packetOf({ incoming: incomingOf(name, 1) });
    assert.equal(winner(rules, packet('dummy0')), 2);
    assert.equal(winner(rules, packet('dummy1')), 1);
  });

  const full = {
    interfaces: 'dummy0',
    protocols: 'tcp',
    sourcePorts: 5,
    ports: 6,
    sourceSubnets: '1.2.3.4/32',
    destinationSubnets: '2.3.4.5/32',
  } as const;
  const exact = packetOf({
    client: '1.2.3.4:5',
    local: '2.3.4.5:6',
    incoming: incomingOf('dummy0', 1),
    clientZone: aa,
    destinationZone: za,
  });
  const mistakes: readonly RuleOptions[] = [
    { interfaces: 'dummy1' },
    { interfaces: [], interfaceGroups: 2 },
    { protocols: 'udp' },
    { sourcePorts: 6 },
    { ports: 5 },
    { sourceSubnets: '1.2.3.5/32' },
    { destinationSubnets: '2.3.4.4/32' },
  ];
  const withMistakes = (right: RuleOptions): Rules => {
    const rules: Record<number, RuleOptions> = { 50: right };
    for (const [index, mistake] of mistakes.entries()) rules[index + 1] = { ...right, ...mistake };
    return rules;
  };

  it('R14: a rule that is wrong in one condition never matches', () => {
    assert.equal(winner(withMistakes(full), exact), 50);
    for (const mistake of mistakes)
      assert.equal(winner({ 1: { ...full, ...mistake } }, exact), undefined);
  });

  it('R15: the same with zones in place of subnets', () => {
    const { sourceSubnets, destinationSubnets, ...rest } = full;
    const byClient = { ...rest, destinationSubnets, from: a };
    assert.equal(winner({ 1: { ...byClient, from: z }, 2: byClient }, exact), 2);
    const byServer = { ...rest, sourceSubnets, to: z };
    assert.equal(winner({ 1: { ...byServer, to: a }, 2: byServer }, exact), 2);
    assert.equal(winner({ 1: { ...byServer, to: a } }, exact), undefined);
  });

  it('R16: a rule for TCP is not for UDP, nor the other way round', () => {
    const rules: Rules = { 1: { protocols: 'tcp' }, 2: { protocols: 'udp' } };
    assert.deepEqual(
      [6, 17, 1].map((protocol) => winner(rules, toPort(80, protocol))),
      [1, 2, undefined],
    );
  });

  it('R17: a range of one port is as good as the port', () => {
    assert.equal(winner({ 1: { ports: '9-11' }, 2: { ports: '10-10' } }, toPort(10)), 2);
    assert.equal(winner({ 1: { ports: '10-10' }, 2: { ports: 10 } }, toPort(10)), 1);
  });

  it('R18: what a rule cannot mean is a fault', () => {
    const service = ruleOf().service;
    const faulty: readonly object[] = [
      { source_subnet6: '::1' },
      { sourceSubnets6: '::1' },
      { from: 'intranet' },
      { service: 'web' },
      { ports: 'http' },
      { ports: 80.5 },
      { detect: [{ detector: 'http', service }] },
      { detect: [{ service }] },
    ];
    for (const options of faulty) {
      const made = rule(wrong({ service, ...options }));
      assert.equal(faultsOf(made).length, 1, JSON.stringify(options));
    }
    const place = (): object => declare({}, place);
    const faults = new PolicyFaults(place());
    numberRules([ruleOf({ id: 7 }), ruleOf({ id: 7 })], faults);
    assert.deepEqual(
      faults.found.map(({ path }) => path),
      ['id'],
    );
  });

  it('R19: a rule with 300 interfaces keeps them all', () => {
    const interfaces = Array.from({ length: 300 }, (_, index) => `dummy${index}`);
    const options = { interfaces, ports: [5, '10-20'], protocols: 'tcp' as const, from: [a, z] };
    const made = ruleOf(options);
    assert.deepEqual(faultsOf(made), []);
    assert.deepEqual([made.interfaces, made.from, made.protocols], [interfaces, [a, z], [6]]);
    assert.equal(String(made.ports), '5,10-20');
    for (const name of ['dummy0', 'dummy299'])
      assert.equal(
        winner(
          { 1: options },
          packetOf({ incoming: incomingOf(name), local: '1.1.1.1:15', clientZone: za }),
        ),
        1,
      );
  });
});

describe('what follows from the order of scores', () => {
  const packet = packetOf({
    client: '10.0.0.1:40000',
    local: '192.0.2.1:80',
    clientZone: abaa,
    destinationZone: abaa,
    incoming: incomingOf('eth0', 3, ['192.0.2.1']),
    requestId: 1,
  });
  const wins: [what: string, better: RuleOptions, worse: RuleOptions][] = [
    [
      'an interface beats exact ports and hosts',
      { interfaceGroups: 3 },
      { ...{ protocols: 'tcp', sourcePorts: 40_000, ports: 80 }, sourceSubnets: '10.0.0.1' },
    ],
    [
      'an IPsec request beats name and group',
      { requestIds: 1 },
      { interfaces: 'eth0', interfaceGroups: 3 },
    ],
    [
      'name and group beat the name',
      { interfaces: 'eth0', interfaceGroups: 3 },
      { interfaces: 'eth0' },
    ],
    [
      'a protocol beats ports and hosts',
      { protocols: 6 },
      { ports: 80, destinationSubnets: '192.0.2.1' },
    ],
    ['a source port beats a port', { sourcePorts: '1-65535' }, { ports: 80 }],
    ['an exact port beats a range', { ports: 80 }, { ports: '80-81' }],
    ['a port beats addresses', { ports: '1-65535' }, { sourceSubnets: '10.0.0.1' }],
    ['the source beats the destination', { from: a }, { destinationSubnets: '192.0.2.1' }],
    ['the shortest subnet beats the deepest zone', { sourceSubnets: '0.0.0.0/0' }, { from: abaa }],
    [
      'subnet and zone beat the subnet',
      { sourceSubnets: '10.0.0.0/8', from: a },
      { sourceSubnets: '10.0.0.0/8' },
    ],
    ['a deeper zone beats its parent', { from: aba }, { from: ab }],
    [
      'an interface of the destination beats its zone',
      { destinationInterfaceGroups: 3 },
      { to: abaa },
    ],
    [
      'a destination subnet beats its interface',
      { destinationSubnets: '0.0.0.0/0' },
      { destinationInterfaces: 'eth0' },
    ],
    ['anything beats nothing', { to: a }, {}],
  ];
  for (const [what, better, worse] of wins)
    it(what, () => {
      assert.equal(winner({ 1: worse, 2: better }, packet), 2);
      assert.equal(winner({ 1: worse }, packet), 1);
    });

  it('overlapping ranges tie, whatever their size, and the lower id wins', () => {
    assert.equal(winner({ 1: { ports: '1-65535' }, 2: { ports: '80-81' } }, packet), 1);
    const index = new RuleIndex(
      [1, 2].map((id) => ({ id, rule: ruleOf({ ports: `${80 - id}-99` }) })),
    );
    assert.equal(index.best(packet)?.tiedWith, 2);
  });

  it('a list of overlapping ranges misses nothing', () => {
    for (const ports of ['1-1000,500-600', '500-600,1-1000', '80-90,70-100', '1-1000,80'])
      for (const port of [80, 85, 90])
        assert.equal(winner({ 1: { ports } }, toPort(port)), 1, `${ports} ${port}`);
    assert.equal(winner({ 1: { ports: '1-1000,500-600' } }, toPort(700)), 1);
  });

  it('the parent of a zone covers it by the hierarchy, not by its subnets', () => {
    assert.equal(winner({ 1: { from: a } }, from('203.0.113.1', abaa)), 1);
    assert.equal(winner({ 1: { from: abaa } }, from('203.0.113.1', a)), undefined);
  });
});
