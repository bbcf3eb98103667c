// Socket addresses as the kernel has them, struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)): no text in between.

import { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { AF_INET, AF_INET6 } from './linux-constants.ts';

/** Room for any address that is read or written here. */
export const SOCKET_ADDRESS_BYTES = 28;

const IPV4_BYTES = 16;
const PORT_AT = 2;
const IPV4_ADDRESS_AT = 4;
const IPV6_ADDRESS_AT = 8;
const SCOPE_AT = 24;

/** The number of the address family; an IPv4-mapped address is of IPv4. */
export function familyNumber(address: IpAddress): number {
  return address.family === 'ipv4' || address.isIpv4Mapped ? AF_INET : AF_INET6;
}

/**
 * Writes an address at an offset; its length is returned. An IPv4-mapped address is written as IPv4. `scope` is the
 * index of an interface, for link-local addresses of IPv6 (0: none).
 */
export function writeSocketAddress(
  view: DataView,
  offset: number,
  { address, port }: SocketAddress,
  scope = 0,
): number {
  const bare = address.unmapped();
  view.setUint16(offset, familyNumber(bare), true);
  view.setUint16(offset + PORT_AT, port);
  if (bare.family === 'ipv4') {
    view.setUint32(offset + IPV4_ADDRESS_AT, bare.word0);
    view.setUint32(offset + 8, 0); // padding
    view.setUint32(offset + 12, 0);
    return IPV4_BYTES;
  }
  view.setUint32(offset + 4, 0); // flow label
  view.setUint32(offset + IPV6_ADDRESS_AT, bare.word0);
  view.setUint32(offset + 12, bare.word1);
  view.setUint32(offset + 16, bare.word2);
  view.setUint32(offset + 20, bare.word3);
  view.setUint32(offset + SCOPE_AT, scope, true);
  return SOCKET_ADDRESS_BYTES;
}

/** Reads the address at an offset, IPv4-mapped ones as IPv4; undefined for another family than IPv4 and IPv6. */
export function readSocketAddress(view: DataView, offset: number): SocketAddress | undefined {
  const family = view.getUint16(offset, true);
  const port = view.getUint16(offset + PORT_AT);
  if (family === AF_INET) {
    return new SocketAddress(ipv4Address(view.getUint32(offset + IPV4_ADDRESS_AT)), port);
  }
  if (family !== AF_INET6) return undefined;
  const address = new IpAddress('ipv6', [
    view.getUint32(offset + IPV6_ADDRESS_AT),
    view.getUint32(offset + 12),
    view.getUint32(offset + 16),
    view.getUint32(offset + 20),
  ]);
  return new SocketAddress(address.unmapped(), port);
}

/** An address is a value, and those of few machines come again and again: they are one object. */
function ipv4Address(word: number): IpAddress {
  const slot = (word ^ (word >>> 8) ^ (word >>> 16)) & (RECENT_ADDRESSES - 1);
  const recent = recentAddresses[slot];
  if (recent?.word0 === word) return recent;
  const address = new IpAddress('ipv4', [word, 0, 0, 0]);
  recentAddresses[slot] = address;
  return address;
}

const RECENT_ADDRESSES = 256;
const recentAddresses: IpAddress[] = [];

/** The interface index of the IPv6 address at an offset; 0 for none. */
export function readScope(view: DataView, offset: number): number {
  return view.getUint16(offset, true) === AF_INET6 ? view.getUint32(offset + SCOPE_AT, true) : 0;
}
