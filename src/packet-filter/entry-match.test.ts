import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chainOf, no, office, plug } from '../../test/support/packet-filter-policy.ts';
import type { RuleOptions } from '../policy/rule.ts';
import { rule } from '../policy/rule.ts';
import { matchPorts } from './entry-match.ts';

/** The right sides of what the rule asks for, in one family. */
function rightsOf(options: Omit<RuleOptions, 'service'>, family: string): readonly unknown[] {
  const rules = [rule({ ...options, service: no }), rule({ id: 99, service: plug })];
  const expressions = chainOf({ rules }, `rules_${family}`) as { match?: { right: unknown } }[][];
  return expressions
    .slice(0, -1)
    .map((expr) => expr.flatMap(({ match }) => (match === undefined ? [] : [match.right])));
}

describe('matchesOf()', () => {
  it('asks for subnets and zones of the family', () => {
    const mixed = { sourceSubnets: ['10.0.0.0/8', '2001:db8::/8'], to: office };
    assert.deepEqual(rightsOf(mixed, 'ipv4'), [
      [{ prefix: { addr: '10.0.0.0', len: 8 } }, '@zone4_office'],
    ]);
    assert.deepEqual(rightsOf(mixed, 'ipv6'), [
      [{ prefix: { addr: '2000::', len: 8 } }, '@zone6_office'],
    ]);
    assert.deepEqual(rightsOf({ sourceSubnets: '10.0.0.0/8' }, 'ipv6'), []);
  });

  it('asks for interfaces, and for the addresses of the one by which a packet comes', () => {
    assert.deepEqual(rightsOf({ interfaces: ['eth0', 'eth1', 'eth0'] }, 'ipv4'), [
      [{ set: ['eth0', 'eth1'] }],
    ]);
    assert.deepEqual(rightsOf({ destinationInterfaces: 'eth0' }, 'ipv4'), [['local', 'eth0']]);
    assert.deepEqual(rightsOf({ destinationInterfaceGroups: 3 }, 'ipv4'), [['local', 3]]);
    assert.deepEqual(rightsOf({ requestIds: 3, interfaceGroups: 4 }, 'ipv4'), [[3, 4], [3], [4]]);
  });

  it('asks for the messages of ICMP', () => {
    const ping = { protocols: 'icmp', icmpTypes: 8, icmpCodes: [0, 1] } as const;
    assert.deepEqual(rightsOf(ping, 'ipv6'), [[1, 8, { set: [0, 1] }]]);
  });
});

it('matchPorts() joins ranges that nft would refuse in one set', () => {
  const ranges = [
    { low: 1, high: 5 },
    { low: 3, high: 9 },
    { low: 80, high: 80 },
  ];
  const { match } = matchPorts('dport', ranges) as { match: { right: unknown } };
  assert.deepEqual(match.right, { set: [{ range: [1, 9] }, 80] });
});
