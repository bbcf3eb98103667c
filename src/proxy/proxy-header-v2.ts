// Version 2 of the PROXY protocol: binary (haproxy's proxy-protocol.txt, section 2.2).

import { Buffer } from 'node:buffer';
import { IpAddress } from '../address/ip-address.ts';
import { crc32c } from './crc32c.ts';
import type { Bytes } from './engine.ts';
import type { HeaderReading, ProxiedEnds } from './proxy-header-reading.ts';
import { endOf, faulty, INCOMPLETE } from './proxy-header-reading.ts';

/** How such a header begins: no line of any protocol does. */
export const BINARY_BEGINNING: Bytes = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

const COMMAND_AT = 12;
const FAMILY_AT = 13;
const LENGTH_AT = 14;
const ADDRESSES_AT = 16;

/** The version in the upper four bits, and what the header is in the lower ones. */
export const COMMANDS = { local: 0x20, proxy: 0x21 } as const;
/** The family in the upper four bits, and TCP (1) in the lower ones. */
export const STREAMS = { ipv4: 0x11, ipv6: 0x21 } as const;
// UDP over either family, and sockets of Unix: known to the protocol, and never what carries a connection here.
const OTHER_FAMILIES: readonly number[] = [0x12, 0x22, 0x31, 0x32];
const UNSPECIFIED = 0x00;

const BYTES_OF = { ipv4: 4, ipv6: 16 } as const;
const CRC32C_TYPE = 0x03;
const CRC32C_BYTES = 4;

/** Reads a header of at most `maxBytes`, of all bytes that have come so far and begin like one. */
export function readBinaryHeader(bytes: Bytes, maxBytes: number): HeaderReading {
  if (bytes.length < ADDRESSES_AT) return INCOMPLETE;
  const command = bytes[COMMAND_AT];
  if (command !== COMMANDS.local && command !== COMMANDS.proxy)
    return faulty('malformed', 'A PROXY header has a version or a command that is not known');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = ADDRESSES_AT + view.getUint16(LENGTH_AT);
  if (length > maxBytes)
    return faulty('too-long', `A PROXY header has more than ${maxBytes} bytes`);
  if (bytes.length < length) return INCOMPLETE;
  // All else in such a header means nothing.
  if (command === COMMANDS.local) return { state: 'complete', length, ends: undefined };
  return readProxied(bytes.subarray(0, length));
}

/** Reads a whole header of somebody else's connection. */
function readProxied(header: Bytes): HeaderReading {
  switch (header[FAMILY_AT]) {
    case STREAMS.ipv4:
      return readEnds(header, 'ipv4');
    case STREAMS.ipv6:
      return readEnds(header, 'ipv6');
    case UNSPECIFIED:
      return { state: 'complete', length: header.length, ends: undefined };
    default:
      return OTHER_FAMILIES.includes(header[FAMILY_AT] ?? -1) ? NO_TCP : UNKNOWN_FAMILY;
  }
}

const NO_TCP = faulty(
  'unsupported',
  'A PROXY header is about a connection that is not TCP over IP',
);
const UNKNOWN_FAMILY = faulty('malformed', 'A PROXY header has a family that is not known');

function readEnds(header: Bytes, family: IpAddress['family']): HeaderReading {
  const size = BYTES_OF[family];
  const portsAt = ADDRESSES_AT + 2 * size;
  const extensionsAt = portsAt + 4;
  if (header.length < extensionsAt)
    return faulty('malformed', 'A PROXY header is too short for its addresses');
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const at = (offset: number): IpAddress =>
    IpAddress.fromBytes(header.subarray(offset, offset + size));
  const ends: ProxiedEnds = {
    client: endOf(at(ADDRESSES_AT), view.getUint16(portsAt)),
    local: endOf(at(ADDRESSES_AT + size), view.getUint16(portsAt + 2)),
  };
  return (
    checkExtensions(header, extensionsAt) ?? { state: 'complete', length: header.length, ends }
  );
}

/**
 * Goes through the extensions (TLVs, section 2.2.7): they must fill the header exactly, and a checksum that is there must
 * be right. None of them is needed for anything else.
 */
function checkExtensions(header: Bytes, start: number): HeaderReading | undefined {
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  let checksumAt: number | undefined;
  for (let at = start; at < header.length;) {
    const length = at + 3 > header.length ? Infinity : view.getUint16(at + 1);
    if (at + 3 + length > header.length) return BROKEN_EXTENSION;
    if (header[at] === CRC32C_TYPE) {
      if (length !== CRC32C_BYTES || checksumAt !== undefined) return BROKEN_EXTENSION;
      checksumAt = at + 3;
    }
    at += 3 + length;
  }
  const isRight =
    checksumAt === undefined || view.getUint32(checksumAt) === sum(header, checksumAt);
  return isRight ? undefined : WRONG_CHECKSUM;
}

const BROKEN_EXTENSION = faulty('malformed', 'A PROXY header has extensions that do not fit in it');
const WRONG_CHECKSUM = faulty('checksum', 'A PROXY header has another checksum than it says');

/** The checksum of a header, in which the checksum itself counts as zeros (section 2.2.3). */
function sum(header: Bytes, checksumAt: number): number {
  const copy = Uint8Array.from(header);
  copy.fill(0, checksumAt, checksumAt + CRC32C_BYTES);
  return crc32c(copy);
}
