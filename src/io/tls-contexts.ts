// The contexts of OpenSSL that an encryption policy comes to: made when they are needed first, and anew when their files
// have changed.

import { constants, createHash } from 'node:crypto';
import type { SecureContext, SecureContextOptions } from 'node:tls';
import { createSecureContext, getCACertificates } from 'node:tls';
import type {
  CertificateVerifier,
  CheckedTlsOptions,
  ClientEncryption,
  ServerEncryption,
  ShownCertificate,
} from '../session/tls-layer.ts';
import type { ExchangeableContext } from './exchangeable-context.ts';
import { exchangeable } from './exchangeable-context.ts';
import type { RevocationList } from './revocation-list.ts';
import { readRevocationLists } from './revocation-list.ts';
import { certificatesOfFiles, revocationListsOfFiles } from './trusted-files.ts';

/** Is told why a context stays as it was, though its files have changed. */
export type ContextProblem = (message: string) => void;

interface MadeContext {
  readonly version: number;
  readonly context: SecureContext;
}

interface MadeLists {
  readonly version: number;
  readonly lists: readonly RevocationList[];
}

/** One for each certificate of a side, as long as that one is in use. */
type ContextsOfSide = WeakMap<ShownCertificate, MadeContext>;

interface MadeExchangeable {
  readonly version: number;
  readonly exchangeable: ExchangeableContext;
}

// The keys of a source and the chains of its authorities: more are there only while files change.
const MAX_EXCHANGEABLE = 8;
const CERTIFICATE_END = '-----END CERTIFICATE-----';

/** Stands for no certificate. */
const NO_CERTIFICATE: ShownCertificate = {
  text: () => {
    throw new Error('there is no certificate');
  },
  version: () => 0,
};

/** Contexts by the side of an encryption policy that they belong to. */
export class TlsContexts {
  readonly #sides = new WeakMap<ClientEncryption | ServerEncryption, ContextsOfSide>();
  /** Of each side, by key and chain. */
  readonly #exchangeable = new WeakMap<ClientEncryption, Map<string, MadeExchangeable>>();
  readonly #lists = new WeakMap<CertificateVerifier, MadeLists>();
  readonly #problem: ContextProblem;

  constructor(problem: ContextProblem) {
    this.#problem = problem;
  }

  /** For clients who are shown this certificate; undefined: none, so that every handshake fails. @throws Error for files that do not fit. */
  ofClients(side: ClientEncryption, certificate: ShownCertificate | undefined): SecureContext {
    return this.#of(side, side.verifier, certificate);
  }

  /**
   * For one client who is shown a certificate that was made on the fly: its socket must be made before this is asked again,
   * since all certificates with one key share a context. @throws Error for one that does not fit.
   */
  ofClientsShown(side: ClientEncryption, certificate: ShownCertificate): SecureContext {
    const { certificate: shown, privateKey } = certificate.text();
    const chain = shown.slice(shown.indexOf(CERTIFICATE_END) + CERTIFICATE_END.length);
    const key = `${privateKey}${chain}`;
    const version = versionOf(side.verifier, certificate);
    const all = this.#exchangeable.get(side) ?? new Map<string, MadeExchangeable>();
    this.#exchangeable.set(side, all);
    const known = all.get(key);
    if (known?.version === version) {
      known.exchangeable.show(shown);
      return known.exchangeable.context;
    }
    const made = exchangeable(createContext(side, side.verifier, certificate), shown);
    if (made === undefined) return this.ofClients(side, certificate);
    all.delete(key);
    all.set(key, { version, exchangeable: made });
    const [oldest] = all.keys();
    if (all.size > MAX_EXCHANGEABLE && oldest !== undefined) all.delete(oldest);
    return made.context;
  }

  /** For servers. @throws Error for files that do not fit. */
  ofServers(side: ServerEncryption): SecureContext {
    return this.#of(side, side.verifier, side.certificate);
  }

  /**
   * The revocation lists that we look into ourselves; undefined: OpenSSL was given them, or there are none.
   * @throws Error for one that cannot be read.
   */
  listsOf(verifier: CertificateVerifier): readonly RevocationList[] | undefined {
    const { revocationLists: files } = verifier;
    if (files.length === 0 || !verifier.permitMissingRevocationList) return undefined;
    const version = files.reduce((sum, file) => sum + file.version, 0);
    const before = this.#lists.get(verifier);
    if (before?.version === version) return before.lists;
    const lists = this.#make(before?.lists, () =>
      files.flatMap((file) => readRevocationLists(file.text())),
    );
    this.#lists.set(verifier, { version, lists });
    return lists;
  }

  #of(
    side: ClientEncryption | ServerEncryption,
    verifier: CertificateVerifier | undefined,
    certificate: ShownCertificate | undefined,
  ): SecureContext {
    const contexts = this.#contextsOf(side);
    const made = contexts.get(certificate ?? NO_CERTIFICATE);
    const version = versionOf(verifier, certificate);
    if (made?.version === version) return made.context;
    if (verifier !== undefined) this.listsOf(verifier);
    const context = this.#make(made?.context, () => createContext(side, verifier, certificate));
    contexts.set(certificate ?? NO_CERTIFICATE, { version, context });
    return context;
  }

  #contextsOf(side: ClientEncryption | ServerEncryption): ContextsOfSide {
    const known = this.#sides.get(side);
    if (known !== undefined) return known;
    const made: ContextsOfSide = new WeakMap();
    this.#sides.set(side, made);
    return made;
  }

  /** Between two files that belong together one may be new and the other old: until both are, the old ones count. */
  #make<Made>(before: Made | undefined, make: () => Made): Made {
    try {
      return make();
    } catch (error) {
      if (before === undefined) throw error;
      this.#problem(error instanceof Error ? error.message : String(error));
      return before;
    }
  }
}

function createContext(
  side: ClientEncryption | ServerEncryption,
  verifier: CertificateVerifier | undefined,
  certificate: ShownCertificate | undefined,
): SecureContext {
  return createSecureContext({
    ...optionsOf(side),
    ...ownPart(certificate),
    ...(verifier === undefined ? {} : trustPart(verifier)),
    secureOptions: restrictionsOf(side, verifier),
  });
}

/** Pinned certificates count, too: what was agreed with a server is forgotten when another one is pinned. */
function versionOf(
  verifier: CertificateVerifier | undefined,
  certificate: ShownCertificate | undefined,
): number {
  const { authorities = [], revocationLists = [], pinned } = verifier ?? {};
  const files = [...authorities, ...revocationLists, ...(pinned?.values() ?? [])];
  return files.reduce((sum, { version }) => sum + version, certificate?.version() ?? 0);
}

/**
 * What clients are offered of TLS 1.2 unless the policy says otherwise: a key of its own for each connection, and ciphers that
 * encrypt and authenticate in one (RFC 9325, 4.2). Every client of the last ten years has one of them.
 */
const CLIENT_CIPHERS = [
  'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

function optionsOf(side: ClientEncryption | ServerEncryption): SecureContextOptions {
  const { tls } = side;
  const { minVersion, maxVersion, groups, sessionLifetimeMs } = tls;
  const ciphers =
    tls.ciphers ?? (isOfClients(side) && !permitsOld(tls) ? CLIENT_CIPHERS : undefined);
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
  const tickets = isOfClients(side) && verifier !== undefined ? constants.SSL_OP_NO_TICKET : 0;
  return constants.SSL_OP_NO_RENEGOTIATION | tickets;
}

function isOfClients(side: ClientEncryption | ServerEncryption): boolean {
  return !('serverName' in side);
}

/** Old versions have no such ciphers. */
function permitsOld({ minVersion }: CheckedTlsOptions): boolean {
  return minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
}

function ownPart(certificate: ShownCertificate | undefined): SecureContextOptions {
  if (certificate === undefined) return {};
  const { certificate: cert, privateKey: key, passphrase } = certificate.text();
  return { cert, key, ...(passphrase === undefined ? {} : { passphrase }) };
}

function trustPart(verifier: CertificateVerifier): SecureContextOptions {
  const { authorities, revocationLists, permitMissingRevocationList } = verifier;
  const areOurs = permitMissingRevocationList; // see listsOf
  const crl = areOurs ? [] : revocationListsOfFiles(revocationLists);
  return {
    ca: authorities.length === 0 ? getCACertificates('system') : certificatesOfFiles(authorities),
    ...(crl.length === 0 ? {} : { crl }),
  };
}
