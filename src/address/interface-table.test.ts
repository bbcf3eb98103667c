import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { NetworkInterface } from './interface-table.ts';
import { InterfaceTable } from './interface-table.ts';
import { IpAddress } from './ip-address.ts';

function networkInterface(
  index: number,
  addresses: readonly string[],
  more: Partial<NetworkInterface> = {},
): NetworkInterface {
  const known = { index, name: `eth${String(index)}`, group: 0, isUp: true };
  return { ...known, addresses: addresses.map((text) => IpAddress.parse(text)), ...more };
}

describe('InterfaceTable', () => {
  const inside = networkInterface(2, ['192.0.2.1', '2001:db8::1']);
  const dmz = networkInterface(3, ['198.51.100.1'], { group: 5 });
  const other = networkInterface(4, ['203.0.113.1'], { group: 5, isUp: false });
  const table = new InterfaceTable([inside, dmz, other], new Map([['dmz', 5]]));

  it('finds an interface by index and by name, the very object', () => {
    assert.equal(table.byIndex(3), dmz);
    assert.equal(table.byName('eth2'), inside);
    assert.equal(table.byIndex(9), undefined);
    assert.equal(table.byName('eth9'), undefined);
  });

  it('finds the interfaces of a group, and the number of a group by its name', () => {
    assert.deepEqual(table.inGroup(5), [dmz, other]);
    assert.deepEqual(table.inGroup(6), []);
    assert.equal(table.groupNumber('dmz'), 5);
    assert.equal(table.groupNumber('lan'), undefined);
  });

  it('knows the addresses of interfaces that are up as its own', () => {
    const own = (text: string): boolean => table.isOwn(IpAddress.parse(text));
    assert.deepEqual(['192.0.2.1', '2001:db8::1', '198.51.100.1'].map(own), [true, true, true]);
    assert.deepEqual(['203.0.113.1', '192.0.2.2', '::192.0.2.1'].map(own), [false, false, false]);
  });

  it('knows nothing when it is empty', () => {
    assert.equal(InterfaceTable.EMPTY.isOwn(IpAddress.parse('127.0.0.1')), false);
    assert.deepEqual(InterfaceTable.EMPTY.interfaces, []);
  });

  it('says that an address is its own exactly if an interface that is up has it', () => {
    // Few different words, so that buckets are shared.
    const word = fc.integer({ min: 0, max: 3 });
    const address = fc.oneof(
      word.map((one) => IpAddress.fromWords('ipv4', [one])),
      fc.tuple(word, word, word, word).map((words) => IpAddress.fromWords('ipv6', words)),
    );
    const interfaces = fc.array(fc.tuple(fc.boolean(), fc.array(address)), { maxLength: 4 });
    fc.assert(
      fc.property(interfaces, address, (given, asked) => {
        const made = given.map(([isUp, addresses], index) => ({
          ...networkInterface(index, []),
          ...{ isUp, addresses },
        }));
        const expected = made.some(
          ({ isUp, addresses }) => isUp && addresses.some((one) => one.equals(asked)),
        );
        assert.equal(new InterfaceTable(made).isOwn(asked), expected);
      }),
    );
  });
});
