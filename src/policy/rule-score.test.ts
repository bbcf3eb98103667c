import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { incomingOf, packetOf, ruleOf, zoneOf } from '../../test/support/rule-samples.ts';
import type { Packet } from './packet.ts';
import type { RuleOptions } from './rule.ts';
import {
  compareScores,
  MAX_ZONE_DEPTH,
  ownInterface,
  scoreOf,
  showScore,
  WEIGHT,
  zonePoints,
} from './rule-score.ts';
import type { Zone } from './zone.ts';

const root = zoneOf('root');
const middle = zoneOf('middle', root);
const leaf = zoneOf('leaf', middle);
const other = zoneOf('other');

function score(options: RuleOptions, packet: Packet): string | undefined {
  const found = scoreOf(ruleOf(options), packet);
  return found === undefined ? undefined : showScore(found);
}

function shown(elements: Readonly<Record<string, string>>): string {
  const all = {
    iface: '0',
    'icmp code': '0',
    'icmp type': '0',
    protocol: '0',
    'source port': '0',
    port: '0',
    from: '0/0',
    to: '0/0/0',
    ...elements,
  };
  return `(${Object.entries(all)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')})`;
}

describe('scoreOf()', () => {
  const eth0 = packetOf({ incoming: incomingOf('eth0', 3, ['192.0.2.1']), requestId: 9 });
  const echo = packetOf({ protocol: 1, icmp: { type: 8, code: 0 } });
  const zones = packetOf({ clientZone: leaf, destinationZone: middle });

  const matching: [options: RuleOptions, packet: Packet, elements: Record<string, string>][] = [
    [{}, packetOf(), {}],
    [{ interfaceGroups: 3 }, eth0, { iface: '1' }],
    [{ interfaces: ['eth1', 'eth0'] }, eth0, { iface: '2' }],
    [{ interfaces: 'eth0', interfaceGroups: [1, 3] }, eth0, { iface: '3' }],
    [{ interfaces: 'eth1', interfaceGroups: 3 }, eth0, { iface: '1' }],
    [{ requestIds: 9 }, eth0, { iface: '4' }],
    [{ requestIds: 9, interfaces: 'eth0', interfaceGroups: 3 }, eth0, { iface: '7' }],
    [{ protocols: ['udp', 'tcp'] }, packetOf(), { protocol: '1' }],
    [{ protocols: 'icmp', icmpTypes: [0, 8] }, echo, { protocol: '1', 'icmp type': '1' }],
    [{ protocols: 'icmp', icmpCodes: 0 }, echo, { protocol: '1', 'icmp code': '1' }],
    [{ ports: 80 }, packetOf(), { port: '2' }],
    [{ ports: '1-100' }, packetOf(), { port: '1' }],
    [{ ports: '1-100,80' }, packetOf(), { port: '2' }],
    [{ ports: '80-80' }, packetOf(), { port: '2' }],
    [{ ports: '1-100,70-90,2-3' }, packetOf(), { port: '1' }],
    [{ sourcePorts: 40_000 }, packetOf(), { 'source port': '2' }],
    [{ sourcePorts: '1024-65535' }, packetOf({ protocol: 132 }), { 'source port': '1' }],
    [{ sourceSubnets: '0.0.0.0/0' }, packetOf(), { from: '1/0' }],
    [{ sourceSubnets: ['10.0.0.0/8', '10.0.0.1', '10.0.0.0/30'] }, packetOf(), { from: '33/0' }],
    [
      { sourceSubnets: '2001:db8::/128' },
      packetOf({ client: '[2001:db8::]:1' }),
      { from: '129/0' },
    ],
    [{ from: root }, zones, { from: '0/1' }],
    [{ from: [root, leaf, middle] }, zones, { from: '0/3' }],
    [{ from: [other, root], sourceSubnets: '192.0.2.0/24' }, zones, { from: '0/1' }],
    [{ from: other, sourceSubnets: '10.0.0.0/8' }, zones, { from: '9/0' }],
    [{ from: middle, sourceSubnets: '10.0.0.0/8' }, zones, { from: '9/2' }],
    [{ to: root }, zones, { to: '0/0/1' }],
    [{ destinationSubnets: '192.0.2.0/24' }, packetOf(), { to: '25/0/0' }],
    [{ destinationInterfaces: 'eth0' }, eth0, { to: '0/2/0' }],
    [{ destinationInterfaceGroups: 3 }, eth0, { to: '0/1/0' }],
    [{ destinationInterfaces: 'eth0', destinationInterfaceGroups: 3 }, eth0, { to: '0/3/0' }],
  ];
  for (const [options, packet, elements] of matching) {
    const text = shown(elements);
    it(`is ${text}`, () => assert.equal(score(options, packet), text));
  }

  const missing: [what: string, options: RuleOptions, packet: Packet][] = [
    ['another interface', { interfaces: 'eth1' }, eth0],
    ['no interface', { interfaces: 'eth0' }, packetOf()],
    ['no interface, though the request matches', { requestIds: 9 }, packetOf({ requestId: 9 })],
    ['another protocol', { protocols: 'udp' }, packetOf()],
    ['another ICMP type', { protocols: 'icmp', icmpTypes: 0 }, echo],
    ['another ICMP code', { protocols: 'icmp', icmpCodes: 1 }, echo],
    [
      'no ICMP',
      { protocols: ['tcp', 'icmp'], icmpTypes: 8 },
      packetOf({ icmp: { type: 8, code: 0 } }),
    ],
    [
      'an ICMP message that nobody read',
      { protocols: 'icmp', icmpTypes: 8 },
      packetOf({ protocol: 1 }),
    ],
    ['another port', { ports: '1-79,81' }, packetOf()],
    ['no port', { ports: 80 }, packetOf({ protocol: 47 })],
    ['no source port', { sourcePorts: '1-65535' }, packetOf({ protocol: 1 })],
    ['one of two ports', { sourcePorts: 40_000, ports: 81 }, packetOf()],
    ['the other family', { sourceSubnets: '::/0' }, packetOf()],
    ['no zone', { from: root }, packetOf()],
    ['a zone above', { from: leaf }, packetOf({ clientZone: middle })],
    [
      'an address of no interface',
      { destinationInterfaces: 'eth0' },
      packetOf({ incoming: incomingOf('eth0', 3) }),
    ],
    [
      'another interface of its own',
      { destinationInterfaces: 'eth1', destinationInterfaceGroups: 4 },
      eth0,
    ],
  ];
  for (const [what, options, packet] of missing)
    it(`is none for ${what}`, () => assert.equal(score(options, packet), undefined));
});

describe('scores', () => {
  it('have elements that cannot outgrow the next', () => {
    const most = {
      toZone: MAX_ZONE_DEPTH,
      toInterfaceGroup: 1,
      toInterface: 1,
      toSubnet: 129,
      fromZone: MAX_ZONE_DEPTH,
      fromSubnet: 129,
      port: 2,
      sourcePort: 2,
      protocol: 1,
      icmpType: 1,
      icmpCode: 1,
      interfaceGroup: 1,
      interface: 1,
      requestId: 1,
    } satisfies Record<keyof typeof WEIGHT, number>;
    let below = 0;
    for (const name of Object.keys(WEIGHT) as (keyof typeof WEIGHT)[]) {
      assert.ok(below < WEIGHT[name], name);
      below += most[name] * WEIGHT[name];
    }
    assert.ok(Number.isSafeInteger(below));
    assert.equal(
      showScore(below),
      shown({
        iface: '7',
        'icmp code': '1',
        'icmp type': '1',
        protocol: '1',
        'source port': '2',
        port: '2',
        from: '129/4095',
        to: '129/3/4095',
      }),
    );
  });

  it('are compared as numbers', () => {
    assert.ok(compareScores(1, 2) < 0 && compareScores(2, 1) > 0 && compareScores(2, 2) === 0);
  });

  it('count zones by their depth, up to a bound', () => {
    assert.deepEqual([root, middle, leaf].map(zonePoints), [1, 2, 3]);
    let zone: Zone = root;
    for (let depth = 1; depth < 4100; depth++) zone = { ...root, parent: zone };
    assert.equal(zonePoints(zone), MAX_ZONE_DEPTH);
  });
});

describe('ownInterface()', () => {
  it('is the incoming interface if it has the destination', () => {
    const incoming = incomingOf('eth0', 0, ['192.0.2.2', '192.0.2.1']);
    assert.equal(ownInterface(packetOf({ incoming })), incoming);
    assert.equal(ownInterface(packetOf({ incoming, local: '192.0.2.3:80' })), undefined);
    assert.equal(ownInterface(packetOf()), undefined);
  });
});
