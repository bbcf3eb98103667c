import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { NetworkInterface } from '../address/interface-table.ts';
import { InterfaceTable } from '../address/interface-table.ts';
import { IpAddress } from '../address/ip-address.ts';
import type { Bind } from './bind.ts';
import { followedSockets } from './followed-sockets.ts';
import { interfaceBind, interfaceGroupBind } from './interface-bind.ts';
import { listener } from './listener.ts';
import { receiver } from './receiver.ts';
import { denyService } from './service.ts';

const refuse = denyService('refuse');
const port = 80;

function eth(
  index: number,
  addresses: readonly string[],
  more: Partial<NetworkInterface> = {},
): NetworkInterface {
  const parsed = addresses.map((text) => IpAddress.parse(text));
  return { index, name: `eth${index}`, group: 0, isUp: true, addresses: parsed, ...more };
}

function sockets(table: InterfaceTable, binds: Readonly<Record<string, Bind>>): readonly string[] {
  const listeners = Object.entries(binds).map(([name, bind]) => listener(bind, refuse, { name }));
  return followedSockets(listeners, table).map((one) => `${one.listener.name} ${String(one.bind)}`);
}

const TABLE = new InterfaceTable(
  [
    eth(0, ['192.0.2.1', '192.0.2.2', '2001:db8::1', 'fe80::1']),
    eth(1, ['198.51.100.1'], { group: 5 }),
    eth(2, ['203.0.113.1'], { group: 5 }),
    eth(3, ['203.0.113.9'], { group: 5, isUp: false }),
  ],
  new Map([['dmz', 5]]),
);

describe('followedSockets()', () => {
  it('has every address of the family, but no link-local one of IPv6', () => {
    assert.deepEqual(sockets(TABLE, { a: interfaceBind('eth0', { port }) }), [
      'a 192.0.2.1:80',
      'a 192.0.2.2:80',
    ]);
    assert.deepEqual(sockets(TABLE, { a: interfaceBind('eth0', { port, family: 'ipv6' }) }), [
      'a [2001:db8::1]:80',
    ]);
  });

  it('has only the address that is asked for, and only while the interface has it', () => {
    const only = (address: string): Bind => interfaceBind('eth0', { port, address });
    assert.deepEqual(sockets(TABLE, { a: only('192.0.2.2'), b: only('192.0.2.3') }), [
      'a 192.0.2.2:80',
    ]);
  });

  it('follows a group by number and by name, its interfaces that are up', () => {
    for (const group of [5, 'dmz', '0x5'])
      assert.deepEqual(sockets(TABLE, { a: interfaceGroupBind(group, { port }) }), [
        'a 198.51.100.1:80',
        'a 203.0.113.1:80',
      ]);
    assert.deepEqual(sockets(TABLE, { a: interfaceGroupBind('lan', { port }) }), []);
  });

  it('is nothing for an interface that is down or not there', () => {
    const binds = [interfaceBind('eth3', { port }), interfaceBind('eth9', { port })];
    assert.deepEqual(sockets(TABLE, { a: binds }), []);
  });

  it('gives an address to the bind that says most of it', () => {
    const group = interfaceGroupBind(0, { port });
    const whole = interfaceBind('eth0', { port });
    const one = interfaceBind('eth0', { port, address: '192.0.2.2' });
    assert.deepEqual(sockets(TABLE, { group, whole, one }), [
      'one 192.0.2.2:80',
      'whole 192.0.2.1:80',
    ]);
    assert.deepEqual(sockets(TABLE, { whole, fixed: ['192.0.2.1:80', '192.0.2.2:81'] }), [
      'whole 192.0.2.2:80',
    ]);
  });

  it('keeps TCP and UDP apart', () => {
    const bind = interfaceBind('eth1', { port });
    const both = [listener(bind, refuse, { name: 'tcp' }), receiver('198.51.100.1:80', refuse)];
    assert.deepEqual(
      followedSockets(both, TABLE).map((one) => one.listener.name),
      ['tcp'],
    );
  });

  it('opens every address of an interface that is up once, whatever else follows it', () => {
    const address = fc.integer({ min: 1, max: 8 }).map((host) => `192.0.2.${host}`);
    const interfaces = fc.array(
      fc.tuple(fc.uniqueArray(address), fc.boolean(), fc.nat({ max: 2 })),
      {
        maxLength: 4,
      },
    );
    const follow = fc.oneof(
      fc.nat({ max: 4 }).map((index) => interfaceBind(`eth${index}`, { port })),
      fc.nat({ max: 2 }).map((group) => interfaceGroupBind(group, { port })),
    );
    fc.assert(
      fc.property(
        interfaces,
        fc.array(follow, { minLength: 1, maxLength: 4 }),
        (given, follows) => {
          const all = given.map(([addresses, isUp, group], index) =>
            eth(index, addresses, { isUp, group }),
          );
          const found = sockets(new InterfaceTable(all), { a: follows }).map((text) =>
            text.slice(2),
          );
          const expected = all.filter(
            ({ name, group, isUp }) =>
              isUp && follows.some((one) => one.group === group || one.name === name),
          );
          const addresses = expected.flatMap((one) =>
            one.addresses.map((ip) => `${String(ip)}:80`),
          );
          assert.deepEqual([...found].sort(), [...new Set(addresses)].sort());
        },
      ),
    );
  });
});
