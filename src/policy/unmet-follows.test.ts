import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InterfaceTable } from '../address/interface-table.ts';
import { IpAddress } from '../address/ip-address.ts';
import type { InterfaceBind } from './interface-bind.ts';
import { interfaceBind, interfaceGroupBind } from './interface-bind.ts';
import { listener } from './listener.ts';
import { denyService } from './service.ts';
import { unmetFollows } from './unmet-follows.ts';

const port = 80;
const addresses = [IpAddress.parse('192.0.2.1')];
const TABLE = new InterfaceTable(
  [
    { index: 1, name: 'eth0', group: 0, isUp: true, addresses },
    { index: 2, name: 'eth1', group: 5, isUp: false, addresses: [] },
  ],
  new Map([
    ['dmz', 5],
    ['lan', 6],
  ]),
);

function reasons(bind: InterfaceBind): string {
  const unmet = unmetFollows([listener(bind, denyService('refuse'), { name: 'web' })], TABLE);
  return unmet
    .map(({ bind: text, message }) => `${text}: ${message.replace(/.*because /, '')}`)
    .join();
}

describe('unmetFollows()', () => {
  it('has nothing to say of a bind that listens', () => {
    assert.equal(reasons(interfaceBind('eth0', { port })), '');
    assert.equal(reasons(interfaceGroupBind(0, { port })), '');
  });

  it('names the reason and the cure', () => {
    const lines: readonly (readonly [InterfaceBind, string])[] = [
      [
        interfaceBind('eth9', { port }),
        'eth9:80: there is no interface eth9: correct the name, or add it with "ip link add"',
      ],
      [
        interfaceBind('eth1', { port }),
        'eth1:80: eth1 is down: set it up with "ip link set DEVICE up"',
      ],
      [
        interfaceBind('eth0', { port, family: 'ipv6' }),
        'eth0/ipv6:80: eth0 has no usable IPv6 address: add it with "ip address add"',
      ],
      [
        interfaceBind('eth0', { port, address: '192.0.2.9' }),
        'eth0/192.0.2.9:80: eth0 does not have 192.0.2.9: add it with "ip address add"',
      ],
      [
        interfaceGroupBind('lan', { port }),
        'group-lan:80: no interface is in group lan: add one with "ip link set DEVICE group lan"',
      ],
      [
        interfaceGroupBind('wan', { port }),
        'group-wan:80: /etc/iproute2/group has no group wan: add it there, or give its number',
      ],
      [
        interfaceGroupBind('dmz', { port }),
        'group-dmz:80: eth1 is down: set it up with "ip link set DEVICE up"',
      ],
    ];
    for (const [bind, expected] of lines) assert.equal(reasons(bind), expected);
  });

  it('names the listener in one sentence', () => {
    const [unmet] = unmetFollows(
      [listener(interfaceBind('eth9', { port }), denyService('refuse'), { name: 'web' })],
      TABLE,
    );
    assert.match(unmet?.message ?? '', /^Listener web listens nowhere by eth9:80 now, because /);
  });
});
