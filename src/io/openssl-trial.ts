// OpenSSL is tried before it is relied on: a handshake of the process with itself, in memory, and some bytes each way.

import { DEFAULT_CIPHERS } from 'node:tls';
import { makeAuthority, readAuthority } from '../keybridge/authority.ts';
import { certificateForName } from '../keybridge/server-certificate.ts';
import { newServerKey } from '../keybridge/server-key.ts';
import { pemOf } from '../keybridge/sign-certificate.ts';
import type { CheckedTlsOptions } from '../session/tls-layer.ts';
import type { ContextPlan } from './context-library.ts';
import { allocateGuarded } from './guarded-memory.ts';
import { OpenSslConnection } from './openssl-connection.ts';
import type { OpenSslShare } from './openssl-share.ts';

// A full handshake of TLS 1.3 takes three turns, and its tickets one more.
const MAX_TURNS = 10;
const SAID = 'this is said by either side';
const NAME = 'trial.example';
const VERSION = 'TLSv1.3';

/** What is wrong with it, as a sentence; undefined: nothing. `now` in milliseconds since 1970. */
export function tryOpenSsl(share: OpenSslShare, now: number): string | undefined {
  try {
    return trial(share, now);
  } catch (error) {
    return `OpenSSL of this node cannot be used: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function trial(share: OpenSslShare, now: number): string | undefined {
  const files = makeAuthority({ name: 'trial', now });
  const authority = readAuthority({ ...files, passphrase: undefined }, now);
  const { publicKey, privateKey } = newServerKey();
  const made = certificateForName({ name: NAME }, { authority, publicKey, now });
  const own = { certificate: pemOf(made.encoded), privateKey, passphrase: undefined };
  const trust = { authorities: [files.certificate], revocationLists: [] };
  const server = new OpenSslConnection(share, share.contexts.make({ ...PLAN, certificate: own }));
  const client = new OpenSslConnection(share, share.contexts.make({ ...PLAN, trust }), {
    serverName: NAME,
    session: undefined,
    asksStaple: false,
  });
  try {
    const isSecured = shakeHands(share, client, server);
    const heard = isSecured && [say(share, client, server), say(share, server, client)];
    const isFine = heard && heard.every((text) => text === SAID) && client.version === VERSION;
    const isVerified = client.verifyResult === 0 && server.serverName === NAME;
    return isFine && isVerified ? undefined : FAILED;
  } finally {
    client.free();
    server.free();
  }
}

const FAILED = 'OpenSSL of this node cannot be used: a handshake in memory came out wrong';

function shakeHands(
  share: OpenSslShare,
  client: OpenSslConnection,
  server: OpenSslConnection,
): boolean {
  const done = { client: false, server: false };
  for (let turn = 0; turn < MAX_TURNS && !(done.client && done.server); turn++) {
    done.client ||= client.handshake();
    share.put(Buffer.from(share.takeOutgoing()));
    done.server ||= server.handshake();
    share.put(Buffer.from(share.takeOutgoing()));
  }
  return done.client && done.server;
}

/** What the other side hears. */
function say(share: OpenSslShare, from: OpenSslConnection, to: OpenSslConnection): string {
  from.read(allocateGuarded(share.openSsl.libc, SAID.length)); // tickets, for one
  from.write(Buffer.from(SAID));
  share.put(Buffer.from(share.takeOutgoing()));
  const memory = allocateGuarded(share.openSsl.libc, SAID.length);
  return Buffer.from(memory.bytes.subarray(0, to.read(memory))).toString();
}

const TLS: CheckedTlsOptions = {
  minVersion: VERSION,
  maxVersion: VERSION,
  ciphers: undefined,
  groups: undefined,
  applicationProtocols: [],
  handshakeTimeoutMs: 1_000,
  sessionLifetimeMs: 1_000,
  permitTruncation: false,
};

const PLAN: ContextPlan = {
  tls: TLS,
  ciphers: DEFAULT_CIPHERS,
  sessionIdContext: 'trial',
  hasTickets: true,
  asksClients: false,
  certificate: undefined,
  trust: undefined,
};
