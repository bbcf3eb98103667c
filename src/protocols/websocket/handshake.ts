// The handshake of WebSocket (RFC 6455, 4): what a client asks for, and whether the answer of the server fits it.

import { Buffer } from 'node:buffer';
import { Violation } from '../../proxy/violation.ts';
import { isToken, listMembers } from '../http/heads/byte-text.ts';
import { sha1 } from './sha1.ts';

/** The fields of a head. */
export interface HandshakeFields {
  getAll(name: string): readonly string[];
}

/** What a client asks for. */
export interface Handshake {
  readonly key: string;
  /** Subprotocols that the server may choose from. */
  readonly protocols: readonly string[];
  /** Names of extensions that the server may choose from. */
  readonly extensions: readonly string[];
}

const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'; // RFC 6455, 1.3
const VERSION = '13';
// 16 bytes in base64. The last character before the padding carries two bits.
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;
const EXTENSION =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:[ \t]*;[ \t]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"))?)*$/;

/** Reads what a client asks for; throws for anything that is no request for a WebSocket. */
export function readHandshake(method: string, fields: HandshakeFields): Handshake {
  if (method !== 'GET') throw badRequest('A WebSocket is asked for with GET');
  const versions = fields.getAll('sec-websocket-version');
  if (versions.length !== 1 || versions[0] !== VERSION)
    throw new Violation(
      'http.websocket-version',
      'client',
      `The version of WebSocket is not ${VERSION}`,
    );
  const keys = fields.getAll('sec-websocket-key');
  const [key = ''] = keys;
  if (keys.length !== 1 || !KEY.test(key))
    throw badRequest('Sec-WebSocket-Key is not 16 bytes in base64');
  const protocols = fields.getAll('sec-websocket-protocol').flatMap(listMembers);
  if (!protocols.every(isToken) || hasRepeated(protocols))
    throw badRequest('Sec-WebSocket-Protocol is not a list of different names');
  const extensions = extensionsOf(fields.getAll('sec-websocket-extensions'));
  if (extensions === undefined) throw badRequest('Sec-WebSocket-Extensions is malformed');
  return { key, protocols, extensions };
}

/** Throws for an answer that does not fit: a server may only choose what it was offered (RFC 6455, 4.1). */
export function checkAnswer(asked: Handshake, fields: HandshakeFields): void {
  const accepts = fields.getAll('sec-websocket-accept');
  if (accepts.length !== 1 || accepts[0] !== acceptOf(asked.key))
    throw badAnswer('Sec-WebSocket-Accept does not fit the key of the client');
  const [protocol, ...others] = fields.getAll('sec-websocket-protocol');
  if (others.length > 0 || (protocol !== undefined && !asked.protocols.includes(protocol)))
    throw badAnswer('The server chose a subprotocol that was not offered');
  if (!isPartOf(extensionsOf(fields.getAll('sec-websocket-extensions')), asked.extensions))
    throw badAnswer('The server chose an extension that was not offered');
}

function isPartOf(names: readonly string[] | undefined, offered: readonly string[]): boolean {
  return (
    names !== undefined && !hasRepeated(names) && names.every((name) => offered.includes(name))
  );
}

/** What a server answers to a key. */
export function acceptOf(key: string): string {
  return sha1(Buffer.from(key + ACCEPT_SUFFIX, 'latin1')).toString('base64');
}

/** Names of extensions, without their parameters; undefined for what is no list of them. */
function extensionsOf(values: readonly string[]): readonly string[] | undefined {
  const names = values.flatMap(listMembers).map((text) => EXTENSION.exec(text)?.[1]);
  const known = names.filter((name) => name !== undefined);
  return known.length === names.length ? known : undefined;
}

function hasRepeated(names: readonly string[]): boolean {
  return new Set(names).size < names.length;
}

function badRequest(message: string): Violation {
  return new Violation('http.bad-websocket-request', 'client', message);
}

function badAnswer(message: string): Violation {
  return new Violation('http.bad-websocket-answer', 'server', message);
}
