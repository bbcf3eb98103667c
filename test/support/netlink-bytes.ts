// Builds netlink messages as the kernel sends them, for tests of what reads them.

import { endianness } from 'node:os';
import { IpAddress } from '../../src/address/ip-address.ts';

const IS_LITTLE_ENDIAN = endianness() === 'LE';

/** Numbers of linux/netlink.h and linux/rtnetlink.h. */
export const KIND = {
  error: 2,
  done: 3,
  overrun: 4,
  newLink: 16,
  delLink: 17,
  newAddress: 20,
  delAddress: 21,
} as const;

/** A type and a value. */
export type Attribute = readonly [type: number, value: Uint8Array];

/** A 32-bit number in the byte order of the machine. */
export function word(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setInt32(0, value, IS_LITTLE_ENDIAN);
  return new Uint8Array(view.buffer);
}

/** One message: header, body, attributes with their padding. */
export function netlinkMessage(
  kind: number,
  body: Uint8Array,
  attributes: readonly Attribute[] = [],
  { sequence = 0, flags = 0 } = {},
): Uint8Array {
  const parts = attributes.map(([type, value]) => {
    const bytes = new Uint8Array(Math.ceil((4 + value.length) / 4) * 4);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, 4 + value.length, IS_LITTLE_ENDIAN);
    view.setUint16(2, type, IS_LITTLE_ENDIAN);
    bytes.set(value, 4);
    return bytes;
  });
  const header = new DataView(new ArrayBuffer(16));
  const length = 16 + body.length + parts.reduce((sum, { length }) => sum + length, 0);
  header.setUint32(0, length, IS_LITTLE_ENDIAN);
  header.setUint16(4, kind, IS_LITTLE_ENDIAN);
  header.setUint16(6, flags, IS_LITTLE_ENDIAN);
  header.setUint32(8, sequence, IS_LITTLE_ENDIAN);
  return Buffer.concat([new Uint8Array(header.buffer), body, ...parts]);
}

interface Link {
  readonly index: number;
  readonly name?: string;
  readonly group?: number;
  readonly isUp?: boolean;
  readonly family?: number;
  readonly gone?: boolean;
}

/** RTM_NEWLINK or RTM_DELLINK: struct ifinfomsg and its attributes. */
export function linkBytes({
  index,
  name,
  group,
  isUp = true,
  family = 0,
  gone = false,
}: Link): Uint8Array {
  const body = Buffer.concat([Uint8Array.of(family, 0, 0, 0), word(index), word(isUp ? 1 : 0)]);
  const attributes: Attribute[] = [];
  if (name !== undefined) attributes.push([3, Buffer.from(`${name}\0`)]);
  if (group !== undefined) attributes.push([27, word(group)]);
  const padded = Buffer.concat([body, word(0)]);
  return netlinkMessage(gone ? KIND.delLink : KIND.newLink, padded, attributes);
}

interface Address {
  readonly index: number;
  readonly address: string;
  /** The address of the other end. */
  readonly peer?: string;
  readonly flags?: number;
  readonly gone?: boolean;
}

/** RTM_NEWADDR or RTM_DELADDR: struct ifaddrmsg and its attributes. */
export function addressBytes({
  index,
  address,
  peer,
  flags = 0,
  gone = false,
}: Address): Uint8Array {
  const local = IpAddress.parse(address);
  const family = local.family === 'ipv4' ? 2 : 10;
  const body = Buffer.concat([
    Uint8Array.of(family, local.bitLength, flags & 0xff, 0),
    word(index),
  ]);
  const bytes = local.toBytes();
  const attributes: readonly Attribute[] =
    peer === undefined
      ? [[1, bytes]]
      : [
          [1, IpAddress.parse(peer).toBytes()],
          [2, bytes],
        ];
  const all: readonly Attribute[] = [...attributes, [8, word(flags)]];
  return netlinkMessage(gone ? KIND.delAddress : KIND.newAddress, body, all);
}
