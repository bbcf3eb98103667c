// Which zone an address has: the cases of the original's own tests (reference: conformance cases, zones Z1 to Z14).

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpAddress } from '../../src/address/ip-address.ts';
import { Subnet } from '../../src/address/subnet.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import { listener } from '../../src/policy/listener.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { findZone, withHostAddresses } from '../../src/policy/policy.ts';
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

describe('zones of host names', () => {
  const one = zone('one', { subnets: ['192.0.2.0/24'], hostnames: ['a.example', 'b.example'] });
  const two = zone('two', { subnets: ['203.0.113.7'], hostnames: ['c.example'] });
  const still = zone('still', { subnets: ['10.0.0.0/8'] });
  const empty = zone('empty', {});
  const policy = definePolicy({ zones: [one, two, still, empty], listeners });

  /** The zone of an address while the hosts have these. */
  function zoneWith(
    hosts: Readonly<Record<string, readonly string[]>>,
    address: string,
  ): string | undefined {
    const entries = Object.entries(hosts);
    const addresses = entries.map(([host, texts]): [string, IpAddress[]] => [
      host,
      texts.map((text) => IpAddress.parse(text)),
    ]);
    const now = withHostAddresses(policy, new Map(addresses));
    return findZone(now, IpAddress.parse(address))?.name;
  }

  it('Z10: an address that is neither in a subnet nor of a host has no zone', () => {
    assert.equal(zoneWith({ 'a.example': ['198.51.100.1'] }, '198.51.100.2'), undefined);
    assert.equal(zoneWith({}, '2001:db8::1'), undefined);
  });

  it('Z11: a zone has its subnets and the addresses of its hosts; without answers, its subnets', () => {
    const hosts = { 'a.example': ['198.51.100.1', '2001:db8::1'], 'b.example': [] };
    for (const address of ['192.0.2.1', '198.51.100.1', '2001:db8::1'])
      assert.equal(zoneWith(hosts, address), 'one', address);
    assert.equal(zoneWith({}, '192.0.2.1'), 'one');
    assert.equal(zoneWith({}, '198.51.100.1'), undefined);
  });

  it('Z12: an address that is the subnet of another zone stays there', () => {
    const hosts = { 'a.example': ['203.0.113.7', '203.0.113.8'] };
    assert.equal(zoneWith(hosts, '203.0.113.7'), 'two');
    assert.equal(zoneWith(hosts, '203.0.113.8'), 'one');
  });

  it('Z13: an address of hosts of two zones is in neither, their others are', () => {
    const hosts = {
      'a.example': ['198.51.100.1', '198.51.100.2'],
      'c.example': ['198.51.100.2', '198.51.100.3'],
    };
    assert.equal(zoneWith(hosts, '198.51.100.1'), 'one');
    assert.equal(zoneWith(hosts, '198.51.100.2'), undefined);
    assert.equal(zoneWith(hosts, '198.51.100.3'), 'two');
    const freed = { ...hosts, 'c.example': ['198.51.100.3'] };
    assert.equal(zoneWith(freed, '198.51.100.2'), 'one');
  });

  it('Z14: new addresses change nothing of a zone without host names', () => {
    const hosts = { 'a.example': ['198.51.100.1'], 'x.example': ['10.0.0.1'] };
    assert.equal(zoneWith(hosts, '10.0.0.1'), 'still');
    assert.deepEqual([still.subnets.map(String), empty.subnets], [['10.0.0.0/8'], []]);
  });

  it('an address of two hosts of one zone is in it, once', () => {
    const hosts = { 'a.example': ['198.51.100.1'], 'b.example': ['198.51.100.1'] };
    assert.equal(zoneWith(hosts, '198.51.100.1'), 'one');
  });
});

/** The longest subnet that holds an address, found the slow way. */
function longestOf(subnets: readonly Subnet[], address: IpAddress): string | undefined {
  const holding = subnets.findLastIndex((subnet) => subnet.contains(address));
  return holding === -1 ? undefined : `zone${holding}`;
}
