// The contexts of OpenSSL that an encryption policy comes to: made when they are needed first, and anew when their files
// have changed.

import { constants, createHash } from 'node:crypto';
import type { SecureContext, SecureContextOptions } from 'node:tls';
import { createSecureContext, getCACertificates } from 'node:tls';
import type {
  CertificateVerifier,
  CheckedTlsOptions,
  ClientEncryption,
  PemFile,
  ServerEncryption,
  StaticCertificate,
} from '../session/tls-layer.ts';

/** Is told why a context stays as it was, though its files have changed. */
export type ContextProblem = (message: string) => void;

interface MadeContext {
  readonly version: number;
  readonly context: SecureContext;
}

/** One for each certificate of a side; `undefined` stands for none. */
type ContextsOfSide = Map<StaticCertificate | undefined, MadeContext>;

/** Contexts by the side of an encryption policy that they belong to. */
export class TlsContexts {
  readonly #sides = new WeakMap<ClientEncryption | ServerEncryption, ContextsOfSide>();
  readonly #problem: ContextProblem;

  constructor(problem: ContextProblem) {
    this.#problem = problem;
  }

  /** For clients who are shown this certificate; undefined: none, so that every handshake fails. @throws Error for files that do not fit. */
  ofClients(side: ClientEncryption, certificate: StaticCertificate | undefined): SecureContext {
    return this.#of(side, side.verifier, certificate);
  }

  /** For servers. @throws Error for files that do not fit. */
  ofServers(side: ServerEncryption): SecureContext {
    return this.#of(side, side.verifier, side.certificate);
  }

  #of(
    side: ClientEncryption | ServerEncryption,
    verifier: CertificateVerifier | undefined,
    certificate: StaticCertificate | undefined,
  ): SecureContext {
    const contexts = this.#contextsOf(side);
    const made = contexts.get(certificate);
    const version = versionOf(verifier, certificate);
    if (made?.version === version) return made.context;
    const context = this.#make(made, () =>
      createSecureContext({
        ...optionsOf(side.tls),
        ...ownPart(certificate),
        ...(verifier === undefined ? {} : trustPart(verifier)),
        secureOptions: restrictionsOf(side, verifier),
      }),
    );
    contexts.set(certificate, { version, context });
    return context;
  }

  #contextsOf(side: ClientEncryption | ServerEncryption): ContextsOfSide {
    const known = this.#sides.get(side);
    if (known !== undefined) return known;
    const made: ContextsOfSide = new Map();
    this.#sides.set(side, made);
    return made;
  }

  /** Between two files that belong together one may be new and the other old: until both are, the old ones count. */
  #make(before: MadeContext | undefined, make: () => SecureContext): SecureContext {
    try {
      return make();
    } catch (error) {
      if (before === undefined) throw error;
      this.#problem(error instanceof Error ? error.message : String(error));
      return before.context;
    }
  }
}

function versionOf(
  verifier: CertificateVerifier | undefined,
  certificate: StaticCertificate | undefined,
): number {
  const files = [...(verifier?.authorities ?? []), ...(verifier?.revocationLists ?? [])];
  return files.reduce((sum, { version }) => sum + version, certificate?.version() ?? 0);
}

function optionsOf(tls: CheckedTlsOptions): SecureContextOptions {
  const { minVersion, maxVersion, ciphers, groups, sessionLifetimeMs } = tls;
  return {
    minVersion,
    maxVersion,
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(groups === undefined ? {} : { ecdhCurve: groups }),
    honorCipherOrder: true,
    sessionTimeout: Math.ceil(sessionLifetimeMs / 1000),
    // A session may be resumed only where the same demands are made of the peer.
    sessionIdContext: createHash('sha256').update(JSON.stringify(tls)).digest('hex').slice(0, 32),
  };
}

/** A client that resumes a session shows no certificate again: where one is asked for, sessions are not resumed. */
function restrictionsOf(
  side: ClientEncryption | ServerEncryption,
  verifier: CertificateVerifier | undefined,
): number {
  const isOfClients = !('serverName' in side);
  const tickets = isOfClients && verifier !== undefined ? constants.SSL_OP_NO_TICKET : 0;
  return constants.SSL_OP_NO_RENEGOTIATION | tickets;
}

function ownPart(certificate: StaticCertificate | undefined): SecureContextOptions {
  if (certificate === undefined) return {};
  const { certificate: cert, privateKey: key, passphrase } = certificate.text();
  return { cert, key, ...(passphrase === undefined ? {} : { passphrase }) };
}

function trustPart(verifier: CertificateVerifier): SecureContextOptions {
  const { authorities, revocationLists } = verifier;
  const texts = (files: readonly PemFile[]): string[] => files.map((file) => file.text());
  return {
    ca: authorities.length === 0 ? getCACertificates('system') : texts(authorities),
    ...(revocationLists.length === 0 ? {} : { crl: texts(revocationLists) }),
  };
}
