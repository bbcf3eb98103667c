// TLS over any stream, by the TLS of Node: the handshake, what was found out by it, and the stream of what is inside.

import type { SecureContext } from 'node:tls';
import { connect, TLSSocket } from 'node:tls';
import type { Clock } from '../session/outside.ts';
import { PeekStream } from '../session/peek-stream.ts';
import type { Stream } from '../session/stream.ts';
import type {
  CheckedTlsOptions,
  PeerCertificate,
  TlsFacts,
  TlsFailure,
  TlsLayer,
  TlsResult,
  CertificateVerifier,
  TlsServer,
  ClientEncryption,
  ServerEncryption,
  ShownCertificate,
} from '../session/tls-layer.ts';
import { DriverStream } from './driver-stream.ts';
import { nodeContexts } from './node-contexts.ts';
import { SocketStream } from './socket-stream.ts';
import { StreamDuplex } from './stream-duplex.ts';
import type { TakenSocket } from './take-over.ts';
import { takeOver } from './take-over.ts';
import type { ContextProblem } from './tls-contexts.ts';
import { TlsContexts } from './tls-contexts.ts';
import type { TlsEnd } from './tls-end.ts';
import { watchEnd } from './tls-end.ts';
import { tlsFailure } from './tls-failure.ts';
import { ServerVisit } from './server-visit.ts';
import { checkPeer } from './peer-check.ts';
import { TurnStream } from './turn-stream.ts';
import type { ShownCertificate as ShownByPeer } from './verify-peer.ts';
import { shownBy } from './verify-peer.ts';

type Done = (result: TlsResult) => void;
/** @throws Error for files that do not fit. */
type MakeSocket = (carrier: Carrier) => TLSSocket;

/** What TLS stands on: a connection, or any other stream. */
type Carrier = TakenSocket | StreamDuplex;

/** What a handshake needs. */
interface Handshake {
  readonly side: 'client' | 'server';
  readonly tls: CheckedTlsOptions;
  /** Undefined: nothing is asked of the peer. */
  readonly verifier: CertificateVerifier | undefined;
  /** Towards servers. */
  readonly visit?: ServerVisit;
}

/** One that has begun. */
interface RunningHandshake extends Handshake {
  readonly carrier: Carrier;
  readonly end: TlsEnd;
}

/** Speaks TLS with node:tls. */
export class NodeTls implements TlsLayer {
  readonly #clock: Clock;
  readonly #contexts: TlsContexts<SecureContext>;

  constructor(clock: Clock, problem: ContextProblem) {
    this.#clock = clock;
    this.#contexts = new TlsContexts(nodeContexts, problem);
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
    return this.#begin(stream, { side: 'client', tls, verifier }, done, (carrier) => {
      const context = this.#contexts.ofClient(encryption, shown);
      const options = {
        isServer: true,
        secureContext: context,
        requestCert: verifier !== undefined,
        rejectUnauthorized: false, // what OpenSSL finds is looked at in verifyPeer
        ...protocolsOf(tls.applicationProtocols),
      };
      return new TLSSocket(carrier, options);
    });
  }

  connect(stream: Stream, encryption: ServerEncryption, server: TlsServer, done: Done): () => void {
    const { tls, verifier } = encryption;
    const visit = new ServerVisit(server, this.#clock, tls.sessionLifetimeMs);
    const handshake: Handshake = { side: 'server', tls, verifier, visit };
    return this.#begin(stream, handshake, done, (carrier) => {
      const context = this.#contexts.ofServers(encryption);
      const socket = connect({
        socket: carrier,
        secureContext: context,
        rejectUnauthorized: false, // what OpenSSL finds is looked at in verifyPeer
        checkServerIdentity: () => undefined, // so is the name
        requestOCSP: verifier.ocsp !== 'off',
        ...(server.name === undefined ? {} : { servername: server.name }),
        ...visit.begin(this.#contexts.sessionsOf(context)),
        ...protocolsOf(tls.applicationProtocols),
      });
      // Node says null, whatever the types say, where there is none.
      socket.on('OCSPResponse', (staple: Buffer | null) => (visit.staple = staple ?? undefined));
      return socket.on('session', (session: Buffer) => visit.given(session));
    });
  }

  /**
   * See turn-stream.ts for why what is not a connection begins later. So does a connection of which something has been
   * read: OpenSSL would handle that in a tick of the driver, and there Node ends the process when it calls back.
   */
  #begin(stream: Stream, handshake: Handshake, done: Done, make: MakeSocket): () => void {
    const carrier = carrierOf(stream);
    if (!(carrier instanceof StreamDuplex) && carrier.readableLength === 0)
      return this.#start(carrier, handshake, done, make);
    let giveUp = (): void => {
      clearImmediate(turn);
      carrier.destroy();
    };
    const turn = setImmediate(() => {
      giveUp = this.#start(carrier, handshake, done, make);
    });
    return () => {
      giveUp();
    };
  }

  #start(carrier: Carrier, handshake: Handshake, done: Done, make: MakeSocket): () => void {
    try {
      const socket = make(carrier);
      const end = watchEnd(socket, carrier);
      return this.#await({ ...handshake, carrier, end }, socket, done);
    } catch (error) {
      carrier.destroy();
      queueMicrotask(() => done({ ok: false, failure: tlsFailure(handshake.side, error) }));
      return () => undefined;
    }
  }

  #await(handshake: RunningHandshake, socket: TLSSocket, done: Done): () => void {
    const { side, tls } = handshake;
    const stop = (): void => {
      cancel();
      socket
        .off('error', failed)
        .off('close', closed)
        .off('end', closed)
        .off(SECURED[side], secured);
    };
    let giveUp = (): void => {
      stop();
      socket.destroy();
    };
    const fail = (failure: TlsFailure): void => {
      giveUp();
      done({ ok: false, failure });
    };
    const closed = (): void => fail(tlsFailure(side, undefined));
    const secured = (): void => {
      const result = this.#judgeOrFail(handshake, socket);
      if (!result.ok) {
        fail(result.failure);
        return;
      }
      stop();
      const turn = afterTickets(side, () => done(result));
      giveUp = () => {
        clearImmediate(turn);
        socket.destroy();
      };
    };
    const cancel = this.#clock.after(tls.handshakeTimeoutMs, () =>
      fail({ reason: `tls.${side}-timeout`, message: 'The handshake of TLS took too long' }),
    );
    // Where the carrier is lost by it, its other end may end all this before the socket says that it is closed.
    const failed = (error: Error): void => fail(tlsFailure(side, error));
    socket.on('error', () => undefined).on('error', failed);
    // A peer that only ends its direction is waited for in vain, too.
    socket.on('close', closed).on('end', closed).on(SECURED[side], secured);
    return () => giveUp();
  }

  #judgeOrFail(handshake: RunningHandshake, socket: TLSSocket): TlsResult {
    try {
      return this.#judge(handshake, socket);
    } catch (problem) {
      // A file that has become unreadable, such as that of a pinned certificate.
      return { ok: false, failure: tlsFailure(handshake.side, problem) };
    }
  }

  /** The handshake is over: whether the peer is good enough. */
  #judge(handshake: RunningHandshake, socket: TLSSocket): TlsResult {
    const { visit, verifier } = handshake;
    const shown = (): ShownByPeer | undefined => shownBy(socket);
    const handshaken = { verifier, visit, isResumed: socket.isSessionReused(), shown };
    const verified = checkPeer(handshaken, this.#contexts, this.#clock.now());
    if (!verified.ok) return verified;
    socket.disableRenegotiation();
    const facts = factsOf(handshake, socket, verified.peer);
    return { ok: true, stream: streamOf(handshake, socket), facts };
  }
}

/**
 * A client has been told that all is well, but not been given its tickets: OpenSSL sends no closing alert before it has
 * sent them, and it does so as soon as this call of Node is over.
 */
function afterTickets(side: Handshake['side'], go: () => void): NodeJS.Immediate | undefined {
  if (side === 'client') return setImmediate(go);
  go();
  return undefined;
}

function streamOf({ carrier, tls, end }: RunningHandshake, socket: TLSSocket): Stream {
  const stream = new SocketStream(socket, {
    kind: 'tls',
    resetOnClose: () => carrier.resetOnClose(),
    ...('hasUnread' in carrier && { hasUnread: () => carrier.hasUnread() }),
    ...(!tls.permitTruncation && { end }),
  });
  return carrier instanceof StreamDuplex ? new TurnStream(stream) : stream;
}

/** What the handshake came to. */
function factsOf(
  { visit, end }: RunningHandshake,
  socket: TLSSocket,
  peer: PeerCertificate | undefined,
): TlsFacts {
  const { name: cipher, version } = socket.getCipher();
  const { alpnProtocol } = socket;
  return {
    version: socket.getProtocol() ?? version,
    cipher,
    serverName: visit === undefined ? nameOf(socket) : visit.server.name,
    applicationProtocol: typeof alpnProtocol === 'string' ? alpnProtocol : undefined,
    isResumed: socket.isSessionReused(),
    get isTruncated() {
      return end.isTruncated;
    },
    peer,
  };
}

const SECURED = { client: 'secure', server: 'secureConnect' } as const;

/**
 * A stream of the driver gives its connection away, also after its first bytes were looked at; any other one is read and written
 * as a Duplex.
 */
function carrierOf(stream: Stream): Carrier {
  const [beneath, read] =
    stream instanceof PeekStream ? [stream.carrier, stream.unheard] : [stream, []];
  const socket = beneath instanceof DriverStream ? takeOver(beneath, read) : undefined;
  return socket ?? new StreamDuplex(stream);
}

function protocolsOf(names: readonly string[]): { ALPNProtocols?: string[] } {
  return names.length === 0 ? {} : { ALPNProtocols: [...names] };
}

/** Node says of a client what name it asked for, and `false` where it asked for none. */
function nameOf({ servername }: { servername?: unknown }): string | undefined {
  return typeof servername === 'string' ? servername.toLowerCase() : undefined;
}
