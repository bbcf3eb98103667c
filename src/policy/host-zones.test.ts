// Which zone the addresses of host names are in: exactly one, or none.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpAddress } from '../address/ip-address.ts';
import { SubnetTree } from '../address/subnet-tree.ts';
import type { HostAddresses, HostNames } from './host-zones.ts';
import { hostZonesOf, tableAddresses } from './host-zones.ts';
import { dnsResolver, hashResolver } from './resolver.ts';
import type { Zone } from './zone.ts';
import { zone } from './zone.ts';

function namesOf(...zones: readonly Zone[]): HostNames {
  const zoneTree = new SubnetTree<Zone>();
  const hostnames = new Map<string, Zone>();
  for (const one of zones) {
    for (const subnet of one.subnets) zoneTree.insert(subnet, one);
    for (const host of one.hostnames) hostnames.set(host, one);
  }
  return { hostnames, zoneTree };
}

function addressesOf(table: Readonly<Record<string, readonly string[]>>): HostAddresses {
  const entries = Object.entries(table);
  return new Map(
    entries.map(([host, texts]) => [host, texts.map((text) => IpAddress.parse(text))]),
  );
}

const one = zone('one', { hostnames: ['a.example', 'b.example'] });
const two = zone('two', { hostnames: ['c.example'], subnets: ['192.0.2.0/24', '192.0.2.9'] });
const names = namesOf(one, two);

/** Which host an address counts for. */
function found(table: Readonly<Record<string, readonly string[]>>, address: string): string {
  const host = hostZonesOf(names, addressesOf(table))?.tree.lookup(IpAddress.parse(address));
  return host === undefined ? 'none' : `${host.host} of ${host.zone.name}`;
}

function dropped(table: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const zones = hostZonesOf(names, addressesOf(table));
  return (zones?.dropped ?? []).map(
    ({ host, address, because }) => `${host} ${String(address)}: ${because}`,
  );
}

describe('hostZonesOf()', () => {
  it('is nothing where no zone has host names', () => {
    assert.equal(hostZonesOf(namesOf(zone('x', { subnets: ['::/0'] })), new Map()), undefined);
  });

  it('has the addresses of both families, each as a host', () => {
    const table = { 'a.example': ['198.51.100.1', '2001:db8::1'] };
    assert.equal(found(table, '198.51.100.1'), 'a.example of one');
    assert.equal(found(table, '2001:db8::1'), 'a.example of one');
    assert.equal(found(table, '198.51.100.2'), 'none');
    assert.deepEqual(dropped(table), []);
  });

  it('unmaps addresses', () => {
    assert.equal(
      found({ 'a.example': ['::ffff:198.51.100.1'] }, '198.51.100.1'),
      'a.example of one',
    );
  });

  it('leaves an address to the zone that has it as a subnet, even its own', () => {
    assert.equal(found({ 'a.example': ['192.0.2.9'] }, '192.0.2.9'), 'none');
    assert.equal(found({ 'c.example': ['192.0.2.9'] }, '192.0.2.9'), 'none');
    assert.equal(found({ 'a.example': ['192.0.2.8'] }, '192.0.2.8'), 'a.example of one');
    assert.deepEqual(dropped({ 'a.example': ['192.0.2.9', '192.0.2.8'] }), [
      'a.example 192.0.2.9: a zone has it as a subnet',
    ]);
  });

  it('takes an address from hosts of two zones, and leaves them their others', () => {
    const table = {
      'a.example': ['198.51.100.1', '198.51.100.2'],
      'c.example': ['198.51.100.2', '198.51.100.3'],
    };
    assert.equal(found(table, '198.51.100.1'), 'a.example of one');
    assert.equal(found(table, '198.51.100.2'), 'none');
    assert.equal(found(table, '198.51.100.3'), 'c.example of two');
    assert.deepEqual(dropped(table), [
      'a.example 198.51.100.2: hosts of other zones have it too',
      'c.example 198.51.100.2: hosts of other zones have it too',
    ]);
  });

  it('keeps an address of two hosts of the same zone once', () => {
    const table = { 'a.example': ['198.51.100.1'], 'b.example': ['198.51.100.1'] };
    assert.equal(found(table, '198.51.100.1'), 'a.example of one');
    assert.deepEqual(dropped(table), []);
    assert.equal(hostZonesOf(names, addressesOf(table))?.tree.size, 1);
  });

  it('still knows of a conflict when the hosts of the same zone come first', () => {
    const shared = ['198.51.100.1'];
    const table = { 'a.example': shared, 'b.example': shared, 'c.example': shared };
    assert.equal(found(table, '198.51.100.1'), 'none');
    assert.equal(dropped(table).length, 3);
  });

  it('takes no addresses of hosts that no zone has', () => {
    assert.equal(found({ 'x.example': ['198.51.100.1'] }, '198.51.100.1'), 'none');
  });

  it('has each address that only hosts of one zone have, and no other', () => {
    const last = fc.integer({ min: 0, max: 12 });
    const list = fc.array(
      last.map((byte) => `192.0.2.${byte}`),
      { maxLength: 4 },
    );
    const table = fc.record({ 'a.example': list, 'b.example': list, 'c.example': list });
    fc.assert(
      fc.property(table, last, (given, byte) => {
        const address = `192.0.2.${byte}`;
        const zones = new Set(
          Object.entries(given).flatMap(([host, has]) =>
            has.includes(address) ? [names.hostnames.get(host)?.name] : [],
          ),
        );
        const [only] = zones;
        const expected = zones.size === 1 && byte !== 9 ? (only ?? 'none') : 'none';
        assert.equal(found(given, address).split(' ').at(-1), expected);
      }),
    );
  });
});

describe('tableAddresses()', () => {
  it('knows what a fixed table says', () => {
    const resolver = hashResolver({ mapping: { 'a.example': '192.0.2.1', 'z.example': '::2' } });
    assert.deepEqual(
      [...tableAddresses(['a.example'], resolver)].map(([host, has]) => `${host} ${has.join(' ')}`),
      ['a.example 192.0.2.1'],
    );
    assert.equal(tableAddresses(['a.example'], dnsResolver()).size, 0);
  });
});
