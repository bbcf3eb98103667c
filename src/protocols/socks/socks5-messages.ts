// The messages of SOCKS 5 (RFC 1928), and of user name and password within it (RFC 1929). Each reader gets all bytes
// since the beginning of its message; undefined means that more are needed.

import { Buffer } from 'node:buffer';
import { IpAddress } from '../../address/ip-address.ts';
import type { Bytes } from '../../proxy/engine.ts';
import { Violation } from '../../proxy/violation.ts';
import type { Message, SocksRequest } from './socks-request.ts';
import { SocksRefused } from './socks-request.ts';

/** The version of SOCKS 5. */
export const SOCKS5 = 5;

/** Ways to say who one is (RFC 1928, 3). */
export const METHODS = { none: 0x00, password: 0x02, nothingAcceptable: 0xff } as const;

/** What became of a request (RFC 1928, 6). */
export const REPLIES = {
  succeeded: 0,
  failed: 1,
  notAllowed: 2,
  networkUnreachable: 3,
  hostUnreachable: 4,
  refused: 5,
  timedOut: 6,
  commandNotSupported: 7,
  addressTypeNotSupported: 8,
} as const;

/** A reply of RFC 1928, 6. */
export type Reply = (typeof REPLIES)[keyof typeof REPLIES];

const CONNECT = 1;
const ADDRESS_LENGTHS: ReadonlyMap<number | undefined, number> = new Map([
  [1, 4],
  [4, 16],
]);
const DOMAIN = 3;
const PASSWORD_VERSION = 1;

/** A user and its password, as bytes. */
export interface Credentials {
  readonly user: Bytes;
  readonly password: Bytes;
}

/** The methods that a client offers: 05, how many, each. */
export function readGreeting(bytes: Bytes): Message<Bytes> | undefined {
  const length = 2 + (bytes[1] ?? Infinity);
  if (bytes.length < length) return undefined;
  if (length === 2) throw malformed('A SOCKS client offers no way to begin');
  return { value: bytes.subarray(2, length), length };
}

/** User and password: 01, length and user, length and password. */
export function readCredentials(bytes: Bytes): Message<Credentials> | undefined {
  if (bytes.length > 0 && bytes[0] !== PASSWORD_VERSION)
    throw malformed('A SOCKS client says user and password in a version that is not known');
  const passwordAt = 2 + (bytes[1] ?? Infinity);
  const length = passwordAt + 1 + (bytes[passwordAt] ?? Infinity);
  if (bytes.length < length) return undefined;
  const user = bytes.subarray(2, passwordAt);
  const password = bytes.subarray(passwordAt + 1, length);
  return { value: { user, password }, length };
}

/** A request: 05, command, 00, type of address, address, port. */
export function readRequest(bytes: Bytes): Message<SocksRequest> | undefined {
  if (bytes.length < 4) return undefined;
  const [version, command, reserved, type] = bytes;
  if (version !== SOCKS5 || reserved !== 0)
    throw refused(REPLIES.failed, 'malformed', 'A SOCKS request is not written as it must be');
  if (command !== CONNECT)
    throw refused(REPLIES.commandNotSupported, 'command-refused', 'Only CONNECT is supported');
  const at = type === DOMAIN ? 5 : 4;
  const portAt = at + sizeOf(type, bytes);
  const length = portAt + 2;
  if (bytes.length < length) return undefined;
  const host = hostOf(type, bytes.subarray(at, portAt));
  const port = Buffer.from(bytes.buffer, bytes.byteOffset, length).readUInt16BE(portAt);
  return { value: { host, port }, length };
}

/** The bytes of an address of this type; Infinity as long as a name does not say it. */
function sizeOf(type: number | undefined, bytes: Bytes): number {
  if (type === DOMAIN) return bytes[4] ?? Infinity;
  const size = ADDRESS_LENGTHS.get(type);
  if (size !== undefined) return size;
  throw refused(REPLIES.addressTypeNotSupported, 'malformed', 'No such type of address is known');
}

function hostOf(type: number | undefined, address: Bytes): string {
  if (type === DOMAIN)
    return Buffer.from(address.buffer, address.byteOffset, address.length).toString('latin1');
  const text = IpAddress.fromBytes(address).toString();
  return address.length === 4 ? text : `[${text}]`;
}

/** The method that is chosen. */
export function methodBytes(method: (typeof METHODS)[keyof typeof METHODS]): Uint8Array {
  return Uint8Array.of(SOCKS5, method);
}

/** What becomes of user and password. */
export function credentialsBytes(outcome: 'taken' | 'refused'): Uint8Array {
  return Uint8Array.of(PASSWORD_VERSION, outcome === 'taken' ? 0 : 1);
}

/** A reply. Which address the firewall has towards the server is no business of the client: it is told 0.0.0.0:0. */
export function replyBytes(reply: Reply): Uint8Array {
  return Uint8Array.of(SOCKS5, reply, 0, 1, 0, 0, 0, 0, 0, 0);
}

function refused(reply: Reply, rule: string, message: string): SocksRefused {
  return new SocksRefused(replyBytes(reply), `socks.${rule}`, message);
}

function malformed(message: string): Violation {
  return new Violation('socks.malformed', 'client', message);
}
