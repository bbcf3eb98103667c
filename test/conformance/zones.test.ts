// Which zone an address has: the cases of the original's own tests (reference: conformance cases, zones Z1 to Z9).

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpAddress } from '../../src/address/ip-address.ts';
import { Subnet } from '../../src/address/subnet.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import { listener } from '../../src/policy/listener.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { findZone } from '../../src/policy/policy.ts';
import { service } from '../../src/policy/service.ts';
import { zone } from '../../src/policy/zone.ts';
import { faultLines, idleProxy } from '../support/policy-samples.ts';

const listeners = [listener('127.0.0.1:80', service('web', { proxy: idleProxy() }))];

/** A policy with one zone for each subnet, named after its place in the list. */
function policyOf(subnets: readonly string[]): Policy {
  const zones = subnets.map((subnet, index) => zone(`zone${index}`, { subnets: [subnet] }));
  return definePolicy({ zones, listeners });
}

/** The subnet of the zone that an address has, as it was written. */
function found(subnets: readonly string[], address: string): string | undefined {
  const name = findZone(policyOf(subnets), IpAddress.parse(address))?.name;
  return name === undefined ? undefined : subnets[Number(name.slice('zone'.length))];
}

describe('zones of addresses', () => {
  it('Z1: without zones there is none', () => {
    assert.equal(found([], '1.2.3.4'), undefined);
  });

  it('Z2: 0.0.0.0/0 has every IPv4 address', () => {
    for (const address of ['0.0.0.0', '127.0.0.1', '255.255.255.255'])
      assert.equal(found(['0.0.0.0/0'], address), '0.0.0.0/0');
  });

  it('Z3: a subnet has its first and last address and no other', () => {
    const cases = { '9.255.255.255': false, '10.0.0.0': true, '10.255.255.255': true };
    for (const [address, isIn] of Object.entries({ ...cases, '11.0.0.0': false }))
      assert.equal(found(['10.0.0.0/8'], address) !== undefined, isIn, address);
  });

  it('Z4: of nested subnets the longest wins', () => {
    const hosts = [1, 2, 3, 4, 5, 6].map((last) => `192.168.1.${last}/32`);
    const subnets = [
      ...['192.168.0.0/24', '192.168.0.32/27', '192.168.0.0/26', '192.168.0.64/27'],
      ...['192.168.0.96/27', '192.168.0.0/25', '192.168.0.0/16', ...hosts, '192.168.0.184'],
    ];
    const cases = {
      '192.168.0.1': '192.168.0.0/26',
      '192.168.0.33': '192.168.0.32/27',
      '192.168.0.65': '192.168.0.64/27',
      '192.168.0.97': '192.168.0.96/27',
      '192.168.0.129': '192.168.0.0/24',
      '192.168.1.129': '192.168.0.0/16',
      '192.168.1.6': '192.168.1.6/32',
      '192.168.0.184': '192.168.0.184',
    };
    for (const [address, subnet] of Object.entries(cases))
      assert.equal(found(subnets, address), subnet, address);
  });

  it('Z5: host bits of an IPv6 subnet do not count', () => {
    assert.equal(found(['2001:db8::5566/127'], '2001:db8::5567'), '2001:db8::5566/127');
    assert.equal(found(['2001:db8::5566/127'], '2001:db8::5568'), undefined);
  });

  it('Z6: the same subnet twice is a fault, a nested one is not', () => {
    const present = ['192.168.22.0/24', '192.168.22.31/32', '192.168.22.30/31'];
    const zones = present.map((subnet, index) => zone(`zone${index}`, { subnets: [subnet] }));
    definePolicy({ zones, listeners });
    for (const text of [
      '192.168.22.0/24',
      '192.168.22.31',
      '192.168.22.31/32',
      '192.168.22.15/24',
    ]) {
      const again = zone('again', { subnets: [text] });
      const written = Subnet.parse(text).toString();
      assert.deepEqual(faultLines({ zones: [...zones, again], listeners }), [
        `zone "again" subnets[0] "${written}"`,
      ]);
    }
  });

  it('Z7: an address has the same zone however it was made', () => {
    const policy = policyOf(['10.0.0.0/8']);
    const [parsed, made] = [IpAddress.parse('10.0.0.1'), IpAddress.fromWords('ipv4', [0x0a000001])];
    assert.equal(findZone(policy, parsed), findZone(policy, made));
  });

  it('Z8: of zones of every prefix length the longest wins, at every edge', () => {
    for (const [base, bits] of [
      ['170.170.170.170', 32],
      ['aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa', 128],
    ] as const) {
      const subnets = Array.from({ length: bits + 1 }, (_, length) => `${base}/${length}`);
      const parsed = subnets.map((text) => Subnet.parse(text));
      const policy = policyOf(subnets);
      for (const [length, text] of subnets.entries()) {
        const { network, broadcast } = Subnet.parse(text);
        const zones = [network, broadcast].map((edge) => findZone(policy, edge)?.name);
        const longest = [network, broadcast].map((edge) => longestOf(parsed, edge));
        assert.deepEqual(zones, longest, `prefix length ${length}`);
      }
    }
  });

  it('Z9: an IPv4 catch-all has no IPv6 address', () => {
    assert.equal(found(['0.0.0.0/0'], '2001:db8::1'), undefined);
    assert.equal(found(['::/0'], '10.0.0.1'), undefined);
  });
});

/** The longest subnet that holds an address, found the slow way. */
function longestOf(subnets: readonly Subnet[], address: IpAddress): string | undefined {
  const holding = subnets.findLastIndex((subnet) => subnet.contains(address));
  return holding === -1 ? undefined : `zone${holding}`;
}
