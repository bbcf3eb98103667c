import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InterfaceTable } from '../address/interface-table.ts';
import { IpAddress } from '../address/ip-address.ts';
import { listener } from '../policy/listener.ts';
import { receiver } from '../policy/receiver.ts';
import { ruleListener } from '../policy/rule-listener.ts';
import { denyService } from '../policy/service.ts';
import type { PacketOptions } from './packet-options.ts';
import { checkListener, checkPorts, incomingOf, parsePacket } from './packet-options.ts';
import { parseClient } from './question.ts';

const door = ruleListener(['192.0.2.1:80', '[2001:db8::1]:80'], { name: 'door' });
const side = ruleListener('192.0.2.9:80', { name: 'side', interface: { name: 'eth9', group: 9 } });
const plain = listener('192.0.2.1:1', denyService('no'), { name: 'plain' });

function refuses(options: PacketOptions, message: RegExp): void {
  assert.throws(() => parsePacket(options), { exitCode: 2, message });
}

describe('parsePacket()', () => {
  it('says nothing where nothing was asked', () => {
    const { given, ...rest } = parsePacket({});
    assert.deepEqual(given, []);
    for (const value of Object.values(rest)) assert.equal(value, undefined);
  });

  it('reads every option, and remembers which were given', () => {
    const packet = parsePacket({
      interface: 'eth0',
      interfaceGroup: '4294967295',
      interfaceAddress: ['192.0.2.1', '::ffff:192.0.2.2'],
      protocol: 'icmpv6',
      icmpType: '128',
      icmpCode: '255',
      requestId: '5',
    });
    assert.deepEqual(packet.given, [
      ...['--interface', '--interface-group', '--interface-address'],
      ...['--protocol', '--icmp-type', '--icmp-code', '--request-id'],
    ]);
    assert.deepEqual([packet.protocol, packet.icmp], [58, { type: 128, code: 255 }]);
    assert.deepEqual([packet.interface, packet.interfaceGroup], ['eth0', 4_294_967_295]);
    assert.deepEqual(packet.interfaceAddresses?.map(String), ['192.0.2.1', '192.0.2.2']);
    assert.equal(packet.requestId, 5);
  });

  it('takes protocols by name or number, and code 0 where only a type is given', () => {
    const protocols = ['tcp', 'udp', 'icmp', 'icmpv6', '0', '255'];
    const numbers = protocols.map((protocol) => parsePacket({ protocol }).protocol);
    assert.deepEqual(numbers, [6, 17, 1, 58, 0, 255]);
    assert.deepEqual(parsePacket({ protocol: '1', icmpType: '8' }).icmp, { type: 8, code: 0 });
  });

  it('refuses what is no value, with the cure', () => {
    refuses({ protocol: 'TCP' }, /^--protocol "TCP" is no protocol: give one of icmp, tcp, udp/);
    refuses({ protocol: '256' }, /^--protocol "256" is out of range: .* 0 to 255$/);
    refuses({ protocol: 'icmp', icmpType: '256' }, /^--icmp-type "256"/);
    refuses({ protocol: 'icmp', icmpType: '8', icmpCode: 'x' }, /^--icmp-code "x"/);
    refuses({ interface: 'a name with spaces' }, /^--interface .* give one such as eth0/);
    refuses({ interface: '' }, /^--interface "" is no name/);
    refuses({ interfaceGroup: '-1' }, /^--interface-group "-1"/);
    refuses({ interfaceAddress: ['192.0.2.1', 'x'] }, /^--interface-address "x" is no IP address/);
    refuses({ requestId: '4294967296' }, /^--request-id "4294967296"/);
  });

  it('refuses types and codes of a protocol without them', () => {
    refuses({ icmpType: '8' }, /^--icmp-type needs --protocol icmp or icmpv6/);
    refuses({ protocol: 'udp', icmpCode: '0' }, /^--icmp-code needs --protocol icmp/);
    refuses({ protocol: 'icmp', icmpCode: '0' }, /^--icmp-code needs --icmp-type/);
  });
});

describe('checkPorts()', () => {
  const to = {
    text: '192.0.2.1',
    host: '192.0.2.1',
    ...parseClient('192.0.2.1'),
    resolved: undefined,
  };
  const withPort = {
    text: '192.0.2.1:1',
    host: '192.0.2.1',
    ...parseClient('192.0.2.1:1'),
    resolved: undefined,
  };

  it('refuses ports of a protocol without them', () => {
    const message = /^Protocol icmp has no ports: give --client and --to without a port/;
    for (const asked of [
      { client: parseClient('10.0.0.1:1'), to },
      { client: parseClient('10.0.0.1', '1'), to },
      { client: parseClient('10.0.0.1'), to: withPort },
    ])
      assert.throws(() => checkPorts(1, asked), { exitCode: 2, message });
  });

  it('has nothing against them elsewhere', () => {
    checkPorts(1, { client: parseClient('10.0.0.1'), to });
    for (const protocol of [undefined, 6, 17])
      checkPorts(protocol, { client: parseClient('10.0.0.1:1'), to: withPort });
  });
});

describe('checkListener()', () => {
  const all = [door, side, plain];

  it('refuses facts for rules where no rules are asked', () => {
    assert.throws(() => checkListener(parsePacket({ protocol: 'udp' }), plain, all), {
      exitCode: 2,
      message:
        '--protocol is for rules, and listener plain asks none: leave it out, or give --listener with one of door, side',
    });
    assert.throws(() => checkListener(parsePacket({ protocol: 'udp' }), plain, [plain]), {
      message: /asks none: leave it out$/,
    });
  });

  it('lets a receiver be asked about what it takes', () => {
    const udp = receiver('192.0.2.1:1', denyService('no'), { name: 'udp' });
    checkListener(parsePacket({ protocol: 'udp' }), udp, all);
    checkListener(parsePacket({ protocol: '6' }), plain, all);
    assert.throws(() => checkListener(parsePacket({ protocol: 'tcp' }), udp, all), /listener udp/);
    const more = parsePacket({ protocol: 'udp', interface: 'eth0' });
    assert.throws(() => checkListener(more, udp, all), /--interface is for rules/);
  });

  it('has nothing against them elsewhere', () => {
    checkListener(parsePacket({}), plain, all);
    checkListener(parsePacket({ protocol: 'udp' }), door, all);
  });
});

describe('incomingOf()', () => {
  const shown = (
    options: PacketOptions,
    asked: typeof door,
    interfaces = InterfaceTable.EMPTY,
  ): readonly unknown[] => {
    const { name, group, addresses } = incomingOf(parsePacket(options), asked, interfaces) ?? {};
    return [name, group, addresses?.map(String)];
  };

  it('leaves it to the listener where nothing is said', () => {
    assert.equal(
      incomingOf(parsePacket({ protocol: 'udp' }), side, InterfaceTable.EMPTY),
      undefined,
    );
  });

  it('has the addresses of the listener, and group 0, if no others are given', () => {
    assert.deepEqual(shown({ interface: 'eth0' }, door), ['eth0', 0, ['192.0.2.1', '2001:db8::1']]);
    const all = { interface: 'eth0', interfaceGroup: '3', interfaceAddress: ['192.0.2.5'] };
    assert.deepEqual(shown(all, door), ['eth0', 3, ['192.0.2.5']]);
  });

  it('goes by the interface that the listener names', () => {
    assert.deepEqual(shown({ requestId: '1' }, side), ['eth9', 9, ['192.0.2.9']]);
    assert.deepEqual(shown({ interfaceGroup: '3' }, side), ['eth9', 3, ['192.0.2.9']]);
    assert.deepEqual(shown({ interface: 'eth9' }, side), ['eth9', 9, ['192.0.2.9']]);
    assert.deepEqual(shown({ interface: 'eth0' }, side), ['eth0', 0, ['192.0.2.9']]);
  });

  it('knows an interface that this machine has', () => {
    const addresses = [IpAddress.parse('198.51.100.1')];
    const table = new InterfaceTable([{ index: 2, name: 'eth0', group: 7, isUp: true, addresses }]);
    assert.deepEqual(shown({ interface: 'eth0' }, door, table), ['eth0', 7, ['198.51.100.1']]);
    const told = { interface: 'eth0', interfaceGroup: '3', interfaceAddress: ['192.0.2.5'] };
    assert.deepEqual(shown(told, door, table), ['eth0', 3, ['192.0.2.5']]);
    assert.deepEqual(shown({ requestId: '1' }, side, table), ['eth9', 9, ['192.0.2.9']]);
  });

  it('refuses facts of an interface that nobody names', () => {
    const facts = [
      { interfaceGroup: '3' },
      { interfaceAddress: [IpAddress.parse('::1').toString()] },
      { requestId: '1' },
    ];
    for (const options of facts)
      assert.throws(() => incomingOf(parsePacket(options), door, InterfaceTable.EMPTY), {
        exitCode: 2,
        message: /^--[a-z-]+ needs --interface: .*listener door names none$/,
      });
  });
});
