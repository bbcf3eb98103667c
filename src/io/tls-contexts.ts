// The contexts of OpenSSL that an encryption policy comes to: made when they are needed first, and anew when their files
// have changed.

import { createHash } from 'node:crypto';
import { DEFAULT_CIPHERS, getCACertificates } from 'node:tls';
import type {
  CertificateVerifier,
  CheckedTlsOptions,
  ClientEncryption,
  ServerEncryption,
  ShownCertificate,
} from '../session/tls-layer.ts';
import type { ContextLibrary, ContextPlan } from './context-library.ts';
import { ExchangeableContext } from './exchangeable-context.ts';
import type { RevocationList } from './revocation-list.ts';
import { readRevocationLists } from './revocation-list.ts';
import { TlsSessions } from './tls-sessions.ts';
import { certificatesOfFiles, revocationListsOfFiles } from './trusted-files.ts';

/** Is told why a context stays as it was, though its files have changed. */
export type ContextProblem = (message: string) => void;

interface MadeContext<Context> {
  readonly version: number;
  readonly context: Context;
}

interface MadeLists {
  readonly version: number;
  readonly lists: readonly RevocationList[];
}

/** One for each certificate of a side, as long as that one is in use. */
type ContextsOfSide<Context> = WeakMap<ShownCertificate, MadeContext<Context>>;

interface MadeExchangeable<Context> {
  readonly version: number;
  readonly exchangeable: ExchangeableContext<Context>;
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
export class TlsContexts<Context extends WeakKey> {
  readonly #library: ContextLibrary<Context>;
  #sides = new WeakMap<ClientEncryption | ServerEncryption, ContextsOfSide<Context>>();
  /** Of each side, by key and chain. */
  #exchangeable = new WeakMap<ClientEncryption, Map<string, MadeExchangeable<Context>>>();
  #lists = new WeakMap<CertificateVerifier, MadeLists>();
  /** Files that have changed make another context, and what was agreed under the old one is forgotten with it. */
  readonly #sessions = new WeakMap<Context, TlsSessions>();
  readonly #problem: ContextProblem;

  constructor(library: ContextLibrary<Context>, problem: ContextProblem) {
    this.#library = library;
    this.#problem = problem;
  }

  /**
   * For clients who are shown this certificate; undefined: none, so that every handshake fails.
   * @throws Error for files that do not fit.
   */
  ofClients(side: ClientEncryption, certificate: ShownCertificate | undefined): Context {
    return this.#of(side, certificate);
  }

  /**
   * For one client who is shown this certificate: its connection must be made before this is asked again, since all
   * certificates that are made on the fly with one key share a context. @throws Error for one that does not fit.
   */
  ofClient(side: ClientEncryption, certificate: ShownCertificate): Context {
    const isMade = side.certificate.type === 'dynamic';
    return isMade ? this.#ofMade(side, certificate) : this.ofClients(side, certificate);
  }

  /**
   * Lets go of what was made for policies; whoever asks for it still has it made anew. For a policy that is replaced:
   * Node never lets go of a module, and so not of a side that a function of the policy mentions.
   */
  forget(): void {
    this.#sides = new WeakMap();
    this.#exchangeable = new WeakMap();
    this.#lists = new WeakMap();
  }

  #ofMade(side: ClientEncryption, certificate: ShownCertificate): Context {
    const { certificate: shown, privateKey } = certificate.text();
    const chain = shown.slice(shown.indexOf(CERTIFICATE_END) + CERTIFICATE_END.length);
    const key = `${privateKey}${chain}`;
    const version = versionOf(side.verifier, certificate);
    const all = this.#exchangeable.get(side) ?? new Map<string, MadeExchangeable<Context>>();
    this.#exchangeable.set(side, all);
    const known = all.get(key);
    if (known?.version === version) {
      known.exchangeable.show(shown);
      return known.exchangeable.context;
    }
    const context = this.#library.make(planOf(side, certificate));
    const exchange = this.#library.exchangeOf(context);
    if (exchange === undefined) return this.ofClients(side, certificate);
    const exchangeable = new ExchangeableContext(context, exchange);
    exchangeable.show(shown);
    all.delete(key);
    all.set(key, { version, exchangeable });
    const [oldest] = all.keys();
    if (all.size > MAX_EXCHANGEABLE && oldest !== undefined) all.delete(oldest);
    return context;
  }

  /** For servers. @throws Error for files that do not fit. */
  ofServers(side: ServerEncryption): Context {
    return this.#of(side, side.certificate);
  }

  /** The sessions that servers have given under a context. */
  sessionsOf(context: Context): TlsSessions {
    const known = this.#sessions.get(context);
    if (known !== undefined) return known;
    const made = new TlsSessions();
    this.#sessions.set(context, made);
    return made;
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
    certificate: ShownCertificate | undefined,
  ): Context {
    const { verifier } = side;
    const contexts = this.#contextsOf(side);
    const made = contexts.get(certificate ?? NO_CERTIFICATE);
    const version = versionOf(verifier, certificate);
    if (made?.version === version) return made.context;
    if (verifier !== undefined) this.listsOf(verifier);
    const context = this.#make(made?.context, () => this.#library.make(planOf(side, certificate)));
    contexts.set(certificate ?? NO_CERTIFICATE, { version, context });
    return context;
  }

  #contextsOf(side: ClientEncryption | ServerEncryption): ContextsOfSide<Context> {
    const known = this.#sides.get(side);
    if (known !== undefined) return known;
    const made: ContextsOfSide<Context> = new WeakMap();
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

/** Everything that a context of a side is made of. */
function planOf(
  side: ClientEncryption | ServerEncryption,
  certificate: ShownCertificate | undefined,
): ContextPlan {
  const { tls, verifier } = side;
  const isOfClients = !('serverName' in side);
  const ciphers = tls.ciphers ?? (isOfClients && !permitsOld(tls) ? CLIENT_CIPHERS : undefined);
  return {
    tls,
    ciphers: ciphers ?? DEFAULT_CIPHERS,
    // A session may be resumed only where the same demands are made of the peer.
    sessionIdContext: createHash('sha256').update(JSON.stringify(tls)).digest('hex').slice(0, 32),
    // A client that resumes a session shows no certificate again: where one is asked for, sessions are not resumed.
    hasTickets: !isOfClients || verifier === undefined,
    asksClients: isOfClients && verifier !== undefined,
    certificate: certificate?.text(),
    trust: verifier === undefined ? undefined : trustOf(verifier),
  };
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

/** Old versions have no such ciphers. */
function permitsOld({ minVersion }: CheckedTlsOptions): boolean {
  return minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
}

function trustOf(verifier: CertificateVerifier): ContextPlan['trust'] {
  const { authorities, revocationLists, permitMissingRevocationList } = verifier;
  const areOurs = permitMissingRevocationList; // see listsOf
  return {
    authorities:
      authorities.length === 0 ? getCACertificates('system') : certificatesOfFiles(authorities),
    revocationLists: areOurs ? [] : revocationListsOfFiles(revocationLists),
  };
}
