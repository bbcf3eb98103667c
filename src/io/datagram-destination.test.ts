// Ancillary messages, byte by byte.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SocketAddress } from '../address/socket-address.ts';
import { readDestination, UNTOLD } from './datagram-destination.ts';
import * as linux from './linux-constants.ts';
import { writeSocketAddress } from './socket-address-bytes.ts';

type Message = readonly [level: number, type: number, data: Uint8Array];

function bytesOf(...messages: readonly Message[]): DataView {
  const parts = messages.map(([level, type, data]) => {
    const part = Buffer.alloc(16 + Math.ceil(data.length / 8) * 8);
    part.writeUInt32LE(16 + data.length, 0);
    part.writeInt32LE(level, 8);
    part.writeInt32LE(type, 12);
    part.set(data, 16);
    return part;
  });
  const all = Buffer.concat(parts);
  return new DataView(all.buffer, all.byteOffset, all.length);
}

function original(text: string): Message {
  const data = new Uint8Array(28);
  const address = SocketAddress.parse(text);
  const length = writeSocketAddress(new DataView(data.buffer), 0, address);
  return address.address.family === 'ipv4'
    ? [linux.SOL_IP, linux.IP_RECVORIGDSTADDR, data.subarray(0, length)]
    : [linux.SOL_IPV6, linux.IPV6_RECVORIGDSTADDR, data];
}

function packetInfo(index: number, own: string, destination: string): Message {
  const data = Buffer.alloc(12);
  data.writeInt32LE(index, 0);
  data.set(own.split('.').map(Number), 4);
  data.set(destination.split('.').map(Number), 8);
  return [linux.SOL_IP, linux.IP_PKTINFO, data];
}

function packetInfo6(index: number, last: number): Message {
  const data = Buffer.alloc(20);
  data.set([0x20, 0x01, 0x0d, 0xb8], 0);
  data[15] = last;
  data.writeInt32LE(index, 16);
  return [linux.SOL_IPV6, linux.IPV6_PKTINFO, data];
}

function read(view: DataView): readonly unknown[] {
  const { address, port, interfaceIndex, isBroadcast } = readDestination(view, 0, view.byteLength);
  return [address === undefined ? undefined : String(address), port, interfaceIndex, isBroadcast];
}

describe('readDestination()', () => {
  it('reads the address, the port and the interface', () => {
    const table: [messages: readonly Message[], expected: readonly unknown[]][] = [
      [[], [undefined, undefined, 0, false]],
      [[packetInfo(3, '192.0.2.1', '192.0.2.1')], ['192.0.2.1', undefined, 3, false]],
      [[packetInfo(3, '192.0.2.1', '192.0.2.255')], ['192.0.2.255', undefined, 3, true]],
      [[packetInfo6(4, 1)], ['2001:db8::1', undefined, 4, false]],
      [[original('198.51.100.1:53')], ['198.51.100.1', 53, 0, false]],
      [[original('[2001:db8::9]:53')], ['2001:db8::9', 53, 0, false]],
      [
        [packetInfo6(4, 1), original('[2001:db8::9]:53')],
        ['2001:db8::9', 53, 4, false],
      ],
      [
        [original('198.51.100.1:53'), packetInfo(3, '192.0.2.1', '192.0.2.1')],
        ['198.51.100.1', 53, 3, false],
      ],
      [
        [[linux.SOL_SOCKET, 29, new Uint8Array(16)], packetInfo(3, '192.0.2.1', '192.0.2.1')],
        ['192.0.2.1', undefined, 3, false],
      ],
    ];
    for (const [messages, expected] of table)
      assert.deepEqual(read(bytesOf(...messages)), expected);
  });

  it('ends at a length that cannot be', () => {
    const view = bytesOf([linux.SOL_SOCKET, 29, new Uint8Array(8)], packetInfo6(4, 1));
    view.setUint32(0, 15, true);
    assert.deepEqual(readDestination(view, 0, view.byteLength), UNTOLD);
    view.setUint32(0, 4096, true);
    assert.deepEqual(readDestination(view, 0, view.byteLength), UNTOLD);
  });

  it('reads any bytes to an end, and never beyond', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        const room = new Uint8Array(256).fill(0xff);
        room.set(bytes);
        readDestination(new DataView(room.buffer), 0, bytes.length);
      }),
    );
  });
});
