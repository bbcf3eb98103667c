// The first message of a TLS client, taken apart (RFC 8446, 4.1.2): all of it, to the last byte, or not at all.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../../proxy/engine.ts';
import { ByteCursor, Malformed } from './byte-cursor.ts';
import { helloBytes } from './hello-bytes.ts';
import { readServerName } from './server-name.ts';

/** What a client says before anything is encrypted. Numbers are those of the IANA registries of TLS, without GREASE (RFC 8701). */
export interface ClientHello {
  /** The version that a client without `supported_versions` offers at most: 0x0303 is TLS 1.2. */
  readonly legacyVersion: number;
  /** The versions offered, as the client prefers them; of a client that lists none, the legacy version. */
  readonly versions: readonly number[];
  readonly cipherSuites: readonly number[];
  /** Key exchange groups, as the client prefers them (RFC 8446, 4.2.7). */
  readonly groups: readonly number[];
  /** The server that is asked for, in lower case; undefined if none is named. With ECH this is the name for the public. */
  readonly serverName: string | undefined;
  /** Application protocols (ALPN, RFC 7301), as the client prefers them. */
  readonly protocols: readonly string[];
  /** Whether there is an encrypted hello (ECH), real or for show: nobody but the server can tell. */
  readonly hasEncryptedHello: boolean;
  /** Whether data is sent before the handshake is over (0-RTT). */
  readonly hasEarlyData: boolean;
  /** Whether the client would resume a session. */
  readonly resumes: boolean;
  /** The types of all extensions in their order. */
  readonly extensions: readonly number[];
}

/** What the first bytes of a client are. */
export type HelloReading =
  | { readonly kind: 'incomplete' }
  /** `why` is for people: what cannot be of a ClientHello. */
  | { readonly kind: 'malformed'; readonly why: string }
  /** `length` is where the records of the hello end. */
  | { readonly kind: 'hello'; readonly hello: ClientHello; readonly length: number };

const EXTENSION = {
  serverName: 0,
  groups: 10,
  protocols: 16,
  sessionTicket: 35,
  preSharedKey: 41,
  earlyData: 42,
  supportedVersions: 43,
  encryptedHello: 0xfe0d, // draft-ietf-tls-esni
} as const;
const MAX_EXTENSIONS = 128; // some 70 are registered; each may come once
const RANDOM_BYTES = 32;
const MAX_SESSION_ID = 32;

/** Reads the ClientHello at the beginning of what a client sent. Never throws. */
export function readClientHello(bytes: Bytes): HelloReading {
  try {
    const found = helloBytes(bytes);
    if (found === undefined) return { kind: 'incomplete' };
    return { kind: 'hello', hello: parse(found.body), length: found.end };
  } catch (error) {
    if (error instanceof Malformed) return { kind: 'malformed', why: error.message };
    throw error;
  }
}

function parse(body: Bytes): ClientHello {
  const cursor = new ByteCursor(body, 'the ClientHello');
  const legacyVersion = cursor.number(2);
  if (legacyVersion < 0x0300 || legacyVersion > 0x03ff)
    throw new Malformed('the ClientHello has a version of its own');
  cursor.take(RANDOM_BYTES);
  const session = cursor.vector(1, 0, 'the session');
  if (session.rest.length > MAX_SESSION_ID) throw new Malformed('the session is too long');
  const cipherSuites = withoutGrease(cursor.vector(2, 2, 'the list of cipher suites').pairs());
  cursor.vector(1, 1, 'the list of compressions');
  const extensions = readExtensions(cursor);
  cursor.end();
  const listed = versionsIn(extensions);
  const ticket = extensions.get(EXTENSION.sessionTicket);
  return {
    legacyVersion,
    cipherSuites,
    versions: listed ?? [legacyVersion],
    groups: groupsIn(extensions),
    serverName: nameIn(extensions),
    protocols: protocolsIn(extensions),
    hasEncryptedHello: extensions.has(EXTENSION.encryptedHello),
    hasEarlyData: extensions.has(EXTENSION.earlyData),
    resumes: extensions.has(EXTENSION.preSharedKey) || (ticket !== undefined && ticket.length > 0),
    extensions: [...extensions.keys()],
  };
}

type Extensions = ReadonlyMap<number, Bytes>;

/** The extensions by type; one that comes twice could be read in two ways (RFC 8446, 4.2). */
function readExtensions(cursor: ByteCursor): Extensions {
  const extensions = new Map<number, Bytes>();
  if (cursor.isAtEnd) return extensions; // a client of TLS 1.2 may have none at all
  const list = cursor.vector(2, 0, 'the list of extensions');
  while (!list.isAtEnd) {
    const type = list.number(2);
    if (extensions.has(type)) throw new Malformed(`extension ${type} comes twice`);
    if (extensions.has(EXTENSION.preSharedKey))
      throw new Malformed('pre_shared_key is not the last extension'); // RFC 8446, 4.2.11
    if (extensions.size === MAX_EXTENSIONS) throw new Malformed('there are too many extensions');
    extensions.set(type, list.vector(2, 0, `extension ${type}`).rest);
  }
  return extensions;
}

function nameIn(extensions: Extensions): string | undefined {
  const found = extensions.get(EXTENSION.serverName);
  return found === undefined ? undefined : readServerName(found);
}

function versionsIn(extensions: Extensions): number[] | undefined {
  const found = extensions.get(EXTENSION.supportedVersions);
  return found === undefined ? undefined : pairsIn(found, 1, 'supported_versions');
}

function groupsIn(extensions: Extensions): number[] {
  const found = extensions.get(EXTENSION.groups);
  return found === undefined ? [] : pairsIn(found, 2, 'supported_groups');
}

/** The numbers of a list that is all of an extension. */
function pairsIn(extension: Bytes, sizeOfLength: 1 | 2, what: string): number[] {
  const cursor = new ByteCursor(extension, what);
  const values = cursor.vector(sizeOfLength, 2, what).pairs();
  cursor.end();
  return withoutGrease(values);
}

function protocolsIn(extensions: Extensions): string[] {
  const found = extensions.get(EXTENSION.protocols);
  if (found === undefined) return [];
  const cursor = new ByteCursor(found, 'the list of protocols');
  const list = cursor.vector(2, 2, 'the list of protocols');
  cursor.end();
  const names: string[] = [];
  while (!list.isAtEnd) {
    const name = list.vector(1, 1, 'the name of a protocol').rest;
    if (!isGreaseName(name)) names.push(Buffer.from(name).toString('latin1'));
  }
  return names;
}

/** GREASE: values that mean nothing and are there so that nobody stumbles over the next new one (RFC 8701). */
function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}

function isGreaseName(name: Bytes): boolean {
  const [first = 0, second = 0] = name;
  return name.length === 2 && isGrease(first * 256 + second);
}

function withoutGrease(values: readonly number[]): number[] {
  return values.filter((value) => !isGrease(value));
}
