// Version 1 of the PROXY protocol: one line of text (haproxy's proxy-protocol.txt, section 2.1).

import { Buffer } from 'node:buffer';
import { parseDecimal } from '../address/decimal.ts';
import { IpAddress } from '../address/ip-address.ts';
import { MAX_PORT } from '../address/port.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { Bytes } from './engine.ts';
import type { HeaderReading } from './proxy-header-reading.ts';
import { endOf, faulty, INCOMPLETE } from './proxy-header-reading.ts';

/** How such a line begins. */
export const TEXT_BEGINNING: Bytes = Buffer.from('PROXY ');

// The longest line that the specification has room for, CRLF included.
const MAX_LINE_BYTES = 107;
const LF = 0x0a;
const CR = 0x0d;

/** Reads `PROXY TCP4 192.0.2.1 198.51.100.1 40000 80` and CRLF, of all bytes that have come so far. */
export function readTextHeader(bytes: Bytes): HeaderReading {
  const end = bytes.subarray(0, MAX_LINE_BYTES).indexOf(LF);
  if (end === -1)
    return bytes.length < MAX_LINE_BYTES
      ? INCOMPLETE
      : faulty('too-long', `A PROXY line has more than ${MAX_LINE_BYTES} bytes`);
  if (bytes[end - 1] !== CR) return MALFORMED;
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, end - 1).toString('latin1');
  return readLine(line, end + 1);
}

const MALFORMED = faulty('malformed', 'A PROXY line is not written as the protocol demands');

function readLine(line: string, length: number): HeaderReading {
  const [, family, ...fields] = line.split(' ');
  // What follows UNKNOWN means nothing (section 2.1).
  if (family === 'UNKNOWN') return { state: 'complete', length, ends: undefined };
  const [source, destination, sourcePort, destinationPort, ...more] = fields;
  const client = readEnd(family, source, sourcePort);
  const local = readEnd(family, destination, destinationPort);
  if (client === undefined || local === undefined || more.length > 0) return MALFORMED;
  return { state: 'complete', length, ends: { client, local } };
}

const FAMILIES: ReadonlyMap<string, IpAddress['family']> = new Map([
  ['TCP4', 'ipv4'],
  ['TCP6', 'ipv6'],
]);

function readEnd(family = '', text = '', portText = ''): SocketAddress | undefined {
  const address = IpAddress.tryParse(text);
  const port = parseDecimal(portText, MAX_PORT);
  if (address === undefined || port === undefined) return undefined;
  return address.family === FAMILIES.get(family) ? endOf(address, port) : undefined;
}
