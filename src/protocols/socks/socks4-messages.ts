// The messages of SOCKS 4 and 4a. Nobody has made them a standard: they are as Ying-Da Lee wrote them down for both.

import { Buffer } from 'node:buffer';
import { IpAddress } from '../../address/ip-address.ts';
import type { Bytes } from '../../proxy/engine.ts';
import { Violation } from '../../proxy/violation.ts';
import type { Message, SocksRequest } from './socks-request.ts';
import { SocksRefused } from './socks-request.ts';

/** The version of SOCKS 4 and 4a. */
export const SOCKS4 = 4;

const REPLIES = { granted: 90, rejected: 91 };
const CONNECT = 1;
const USER_AT = 8;
// Nobody asks for more: a name in DNS has 253 characters, and users are told by no longer names.
const MAX_TEXT_BYTES = 255;

/** A request: 04, command, port, address, user and 00; behind an address 0.0.0.x (4a) a name and 00. */
export function readRequest(bytes: Bytes): Message<SocksRequest> | undefined {
  const user = readText(bytes, USER_AT);
  if (user === undefined) return undefined;
  const address = IpAddress.fromBytes(bytes.subarray(4, USER_AT));
  const isNamed = address.word0 > 0 && address.word0 < 256; // 0.0.0.x
  const name = isNamed ? readText(bytes, user.length) : undefined;
  if (isNamed && name === undefined) return undefined;
  if (bytes[1] !== CONNECT)
    throw new SocksRefused(
      replyBytes('rejected'),
      'socks.command-refused',
      'Only CONNECT is supported',
    );
  const port = Buffer.from(bytes.buffer, bytes.byteOffset, USER_AT).readUInt16BE(2);
  if (name !== undefined) return { value: { host: name.value, port }, length: name.length };
  return { value: { host: address.toString(), port }, length: user.length };
}

/** The text that begins there, and where what follows it begins. */
function readText(bytes: Bytes, start: number): Message<string> | undefined {
  const end = bytes.indexOf(0, start);
  if ((end === -1 ? bytes.length : end) > start + MAX_TEXT_BYTES)
    throw new Violation('socks.malformed', 'client', 'A SOCKS request has a text without an end');
  if (end === -1) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  return { value: text.toString('latin1'), length: end + 1 };
}

/** A reply; there are others only for those who ask identd. */
export function replyBytes(reply: keyof typeof REPLIES): Uint8Array {
  return Uint8Array.of(0, REPLIES[reply], 0, 0, 0, 0, 0, 0);
}
