// The first packet of a connection as bytes of IPv4 or IPv6, with whatever source and protocol a test says.
import type { IpAddress } from '../../src/address/ip-address.ts';
import type { Packet } from '../../src/policy/packet.ts';

const [ICMP, TCP, UDP, GRE, ICMPV6, SCTP] = [1, 6, 17, 47, 58, 132];

/** What is written of a packet. */
export type RawPacket = Pick<Packet, 'client' | 'local' | 'protocol' | 'icmp'>;

/** A whole IP packet of exactly so many bytes, at least 100: what follows the headers is zeros. */
export function rawPacket(packet: RawPacket, byteLength: number): Buffer {
  const isIpv4 = packet.client.address.family === 'ipv4';
  const transport = transportOf(packet, byteLength - (isIpv4 ? 20 : 40));
  const header = isIpv4 ? ipv4Header(packet, byteLength) : ipv6Header(packet, transport.length);
  return Buffer.concat([header, transport]);
}

// RFC 791, 3.1.
function ipv4Header({ client, local, protocol }: RawPacket, byteLength: number): Buffer {
  const header = Buffer.alloc(20);
  header.set([0x45, 0], 0);
  header.writeUInt16BE(byteLength, 2);
  header.set([64, protocol], 8);
  header.set(bytesOf(client.address), 12);
  header.set(bytesOf(local.address), 16);
  header.writeUInt16BE(checksum(header), 10);
  return header;
}

// RFC 8200, 3.
function ipv6Header({ client, local, protocol }: RawPacket, payloadLength: number): Buffer {
  const header = Buffer.alloc(8);
  header[0] = 0x60;
  header.writeUInt16BE(payloadLength, 4);
  header.set([protocol, 64], 6);
  return Buffer.concat([header, bytesOf(client.address), bytesOf(local.address)]);
}

function transportOf(packet: RawPacket, byteLength: number): Buffer {
  const { protocol, client, local, icmp = { type: 0, code: 0 } } = packet;
  const bytes = Buffer.alloc(byteLength);
  if (protocol === GRE) return bytes; // RFC 2784: version 0, nothing optional
  if (protocol === ICMP || protocol === ICMPV6) bytes.set([icmp.type, icmp.code]);
  else {
    bytes.writeUInt16BE(client.port, 0);
    bytes.writeUInt16BE(local.port, 2);
  }
  switch (protocol) {
    case TCP: // RFC 9293, 3.1: a SYN of five words
      bytes.set([0x50, 0x02], 12);
      return withChecksum(bytes, 16, packet);
    case UDP: // RFC 768
      bytes.writeUInt16BE(byteLength, 4);
      return withChecksum(bytes, 6, packet);
    case SCTP: // RFC 9260, 3.3.2: one INIT
      bytes[12] = 1;
      bytes.writeUInt16BE(byteLength - 12, 14);
      return bytes;
    case ICMP:
      bytes.writeUInt16BE(checksum(bytes), 2);
      return bytes;
    case ICMPV6:
      return withChecksum(bytes, 2, packet);
    default:
      throw new RangeError(`No packets of protocol ${protocol}`);
  }
}

/** The checksum with the addresses in it (RFC 9293, 3.1; RFC 8200, 8.1). */
function withChecksum(bytes: Buffer, offset: number, { client, local, protocol }: RawPacket) {
  const length = Buffer.alloc(8);
  length.writeUInt32BE(bytes.length, 0);
  length.writeUInt32BE(protocol, 4);
  const ends = [bytesOf(client.address), bytesOf(local.address)];
  bytes.writeUInt16BE(checksum(Buffer.concat([...ends, length, bytes])), offset);
  return bytes;
}

// RFC 1071.
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

function bytesOf({ family, words }: IpAddress): Buffer {
  const bytes = Buffer.alloc(family === 'ipv4' ? 4 : 16);
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word >>> 0, 4 * index);
  return bytes;
}
