// Writes the PROXY header that tells a server who the client is (haproxy's proxy-protocol.txt).

import { Buffer } from 'node:buffer';
import { IpAddress } from '../address/ip-address.ts';
import type { Bytes } from './engine.ts';
import type { ProxiedEnds } from './proxy-header-reading.ts';
import { BINARY_BEGINNING, COMMANDS, STREAMS } from './proxy-header-v2.ts';

/** The versions of the protocol: a line of text, or binary. */
export type ProxyHeaderVersion = 1 | 2;

/** The header that a connection with these ends begins with. */
export function writeProxyHeader(version: ProxyHeaderVersion, ends: ProxiedEnds): Bytes {
  return version === 1 ? textHeader(ends) : binaryHeader(ends);
}

function textHeader(ends: ProxiedEnds): Bytes {
  const { source, destination, isIpv4 } = addressesOf(ends);
  const addresses = `${isIpv4 ? 'TCP4' : 'TCP6'} ${source.toString()} ${destination.toString()}`;
  return Buffer.from(`PROXY ${addresses} ${ends.client.port} ${ends.local.port}\r\n`);
}

function binaryHeader(ends: ProxiedEnds): Bytes {
  const { source, destination, isIpv4 } = addressesOf(ends);
  const addresses = Buffer.concat([source.toBytes(), destination.toBytes()]);
  const rest = Buffer.alloc(4 + addresses.length + 4);
  rest[0] = COMMANDS.proxy;
  rest[1] = isIpv4 ? STREAMS.ipv4 : STREAMS.ipv6;
  rest.writeUInt16BE(rest.length - 4, 2);
  rest.set(addresses, 4);
  rest.writeUInt16BE(ends.client.port, rest.length - 4);
  rest.writeUInt16BE(ends.local.port, rest.length - 2);
  return Buffer.concat([BINARY_BEGINNING, rest]);
}

interface Addresses {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly isIpv4: boolean;
}

/** A header has one family: where only one end is IPv4, both are written as IPv6. */
function addressesOf({ client, local }: ProxiedEnds): Addresses {
  const [source, destination] = [client.address, local.address];
  if (source.family === destination.family)
    return { source, destination, isIpv4: source.family === 'ipv4' };
  return { source: mapped(source), destination: mapped(destination), isIpv4: false };
}

/** The IPv4-mapped form (RFC 4291, 2.5.5.2). */
function mapped(address: IpAddress): IpAddress {
  if (address.family === 'ipv6') return address;
  return IpAddress.fromWords('ipv6', [0, 0, 0xffff, address.word0]);
}
