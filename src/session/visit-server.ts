// One visit to a server, to see the certificate that it shows: a connection as the session would make it, a handshake of TLS,
// and nothing more.

import { serverOnlyEncryption } from '../policy/encryption.ts';
import type { Runtime } from './runtime.ts';
import type { VisitResult } from './server-certificates.ts';
import { VISIT_TIMEOUT_MS } from './server-certificates.ts';
import { connectServer } from './server-side.ts';
import type { StackedSession } from './session.ts';

/** Nothing is asked of the certificate: it is only looked at, and what is wrong with it is noted. */
const LOOKING = serverOnlyEncryption({
  serverVerify: {
    trusted: false,
    permitInvalidCertificates: true,
    checkName: false,
    ocsp: 'off',
    maxDepth: 20,
  },
  // A session that is taken up again would show no certificate.
  serverTls: { handshakeTimeoutMs: VISIT_TIMEOUT_MS, sessionLifetimeMs: 1 },
}).server;

/**
 * Visits the server of a session, under all that is decided of its connects, and asks it for this name, or for none. Calls back
 * once, never before it has returned; the returned function gives up.
 */
export function visitServer(
  runtime: Runtime,
  session: StackedSession,
  serverName: string | undefined,
  done: (result: VisitResult) => void,
): () => void {
  let giveUp = connectServer(runtime, session, { isBare: true }, (connected) => {
    if (!connected.ok) {
      done({ ok: false, reason: connected.failure.reason });
      return;
    }
    if (LOOKING === undefined) throw new Error('A visit without TLS shows nothing');
    const server = { address: connected.address, name: serverName };
    giveUp = runtime.outside.tls.connect(connected.stream, LOOKING, server, (result) => {
      if (!result.ok) {
        done({ ok: false, reason: result.failure.reason });
        return;
      }
      result.stream.destroy();
      const { peer } = result.facts;
      if (peer === undefined) done({ ok: false, reason: 'tls.no-certificate-shown' });
      else done({ ok: true, certificate: peer });
    });
  });
  return () => {
    giveUp();
  };
}
