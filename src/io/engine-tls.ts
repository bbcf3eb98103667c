// TLS over any stream, by the OpenSSL of the node binary (openssl.ts): the handshake, and what was found out by it.

import { X509Certificate } from 'node:crypto';
import type { Clock } from '../session/outside.ts';
import type { Stream } from '../session/stream.ts';
import type {
  CertificateVerifier,
  CheckedTlsOptions,
  ClientEncryption,
  PeerCertificate,
  ServerEncryption,
  ShownCertificate,
  TlsFacts,
  TlsFailure,
  TlsLayer,
  TlsResult,
  TlsServer,
} from '../session/tls-layer.ts';
import { EngineStream } from './engine-stream.ts';
import { OpenSslConnection } from './openssl-connection.ts';
import type { OpenSslContext } from './openssl-context.ts';
import type { OpenSslShare } from './openssl-share.ts';
import { checkPeer } from './peer-check.ts';
import { ServerVisit } from './server-visit.ts';
import type { ContextProblem } from './tls-contexts.ts';
import { TlsContexts } from './tls-contexts.ts';
import { tlsFailure } from './tls-failure.ts';
import type { ShownCertificate as ShownByPeer } from './verify-peer.ts';
import { findingOf } from './verify-result.ts';

type Done = (result: TlsResult) => void;

/** What a handshake needs. */
interface Handshake {
  readonly side: 'client' | 'server';
  readonly tls: CheckedTlsOptions;
  /** Undefined: nothing is asked of the peer. */
  readonly verifier: CertificateVerifier | undefined;
  /** Towards servers. */
  readonly visit: ServerVisit | undefined;
}

/** Speaks TLS with OpenSSL itself. */
export class EngineTls implements TlsLayer {
  readonly #share: OpenSslShare;
  readonly #clock: Clock;
  readonly #contexts: TlsContexts<OpenSslContext>;

  constructor(share: OpenSslShare, clock: Clock, problem: ContextProblem) {
    this.#share = share;
    this.#clock = clock;
    this.#contexts = new TlsContexts(share.contexts, problem);
  }

  forgetPolicies(): void {
    this.#contexts.forget();
  }

  accept(
    stream: Stream,
    encryption: ClientEncryption,
    shown: ShownCertificate,
    done: Done,
  ): () => void {
    const { tls, verifier } = encryption;
    const handshake: Handshake = { side: 'client', tls, verifier, visit: undefined };
    return this.#begin(stream, handshake, done, () => {
      const context = this.#contexts.ofClient(encryption, shown);
      return new OpenSslConnection(this.#share, context);
    });
  }

  connect(stream: Stream, encryption: ServerEncryption, server: TlsServer, done: Done): () => void {
    const { tls, verifier } = encryption;
    const visit = new ServerVisit(server, this.#clock, tls.sessionLifetimeMs);
    return this.#begin(stream, { side: 'server', tls, verifier, visit }, done, () => {
      const context = this.#contexts.ofServers(encryption);
      const { session } = visit.begin(this.#contexts.sessionsOf(context));
      const asksStaple = verifier.ocsp !== 'off';
      const begin = { serverName: server.name, session, asksStaple };
      return new OpenSslConnection(this.#share, context, begin);
    });
  }

  #begin(
    beneath: Stream,
    handshake: Handshake,
    done: Done,
    make: () => OpenSslConnection,
  ): () => void {
    let isGivenUp = false;
    const tell: Done = (result) => {
      if (!isGivenUp) done(result);
    };
    const giveUp = this.#startOrFail(beneath, handshake, tell, make);
    return () => {
      isGivenUp = true;
      giveUp();
    };
  }

  #startOrFail(
    beneath: Stream,
    handshake: Handshake,
    done: Done,
    make: () => OpenSslConnection,
  ): () => void {
    try {
      return this.#start(beneath, handshake, make(), done);
    } catch (error) {
      beneath.destroy();
      queueMicrotask(() => done({ ok: false, failure: tlsFailure(handshake.side, error) }));
      return () => undefined;
    }
  }

  #start(
    beneath: Stream,
    handshake: Handshake,
    connection: OpenSslConnection,
    done: Done,
  ): () => void {
    const { side, tls, visit } = handshake;
    const stream = new EngineStream(this.#share, connection, beneath, {
      permitTruncation: tls.permitTruncation,
      ...(visit !== undefined && { tickets: () => takeSession(connection, visit) }),
    });
    let isBegun = false;
    let judged: TlsResult | undefined;
    const over = (result: TlsResult): void => {
      cancel();
      if (!result.ok) stream.destroy();
      if (isBegun) done(result);
      else queueMicrotask(() => done(result));
    };
    const fail = (failure: TlsFailure): void => over({ ok: false, failure });
    const cancel = this.#clock.after(tls.handshakeTimeoutMs, () =>
      fail({ reason: `tls.${side}-timeout`, message: 'The handshake of TLS took too long' }),
    );
    stream.begin({
      accepts: () => (judged = this.#judge(handshake, connection, stream)).ok,
      secured: () => judged !== undefined && over(judged),
      failed: (error) => over(judged ?? { ok: false, failure: tlsFailure(side, error) }),
    });
    isBegun = true;
    return () => {
      cancel();
      stream.destroy();
    };
  }

  /** The handshake is over: whether the peer is good enough. */
  #judge(handshake: Handshake, connection: OpenSslConnection, stream: EngineStream): TlsResult {
    const { isResumed } = connection;
    const shown = (): ShownByPeer | undefined => this.#shownBy(connection);
    try {
      if (handshake.visit !== undefined) handshake.visit.staple = connection.staple;
      const handshaken = { ...handshake, isResumed, shown };
      const verified = checkPeer(handshaken, this.#contexts, this.#clock.now());
      if (!verified.ok) return verified;
      return { ok: true, stream, facts: factsOf(handshake, connection, stream, verified.peer) };
    } catch (problem) {
      // A file that has become unreadable, such as that of a pinned certificate.
      return { ok: false, failure: tlsFailure(handshake.side, problem) };
    }
  }

  #shownBy(connection: OpenSslConnection): ShownByPeer | undefined {
    const chain = connection.chain().map((encoded) => new X509Certificate(encoded));
    const [certificate] = chain;
    if (certificate === undefined) return undefined;
    const { X509_verify_cert_error_string: explain } = this.#share.openSsl;
    const found = findingOf(connection.verifyResult, explain);
    return { certificate, chain, finding: connection.isChecked ? found : UNCHECKED };
  }
}

/** A finding that no policy tolerates but one that permits invalid certificates. */
const UNCHECKED = 'UNKNOWN';

function takeSession(connection: OpenSslConnection, visit: ServerVisit): void {
  for (let session = connection.session(); session !== undefined; session = connection.session())
    visit.given(session);
}

/** What the handshake came to. */
function factsOf(
  { visit }: Handshake,
  connection: OpenSslConnection,
  stream: EngineStream,
  peer: PeerCertificate | undefined,
): TlsFacts {
  const { version, cipher, serverName, applicationProtocol, isResumed } = connection;
  return {
    version,
    cipher,
    serverName: visit === undefined ? serverName?.toLowerCase() : visit.server.name,
    applicationProtocol,
    isResumed,
    get isTruncated() {
      return stream.isTruncated;
    },
    peer,
  };
}
