// TLS on the sides of a session, where the encryption policy of its service wants it: what comes out is plain text for the
// proxy, and what the handshakes came to is noted for the record.

import type { SocketAddress } from '../address/socket-address.ts';
import { IpAddress } from '../address/ip-address.ts';
import { beginsWithTls } from '../policy/encryption.ts';
import type { Service } from '../policy/service.ts';
import type { ConnectFailure } from '../proxy/engine.ts';
import { tlsServerName } from '../proxy/tls-server-name.ts';
import type { Runtime } from './runtime.ts';
import type { StackedSession } from './session.ts';
import type { Stream } from './stream.ts';
import type {
  ServerEncryption,
  ShownCertificate,
  TlsFacts,
  TlsFailure,
  TlsResult,
} from './tls-layer.ts';

/** What became of the client's side. */
export type SecuredClient =
  | { readonly ok: true; readonly stream: Stream }
  | { readonly ok: false; readonly failure: ConnectFailure };

/** A server that is connected, and with which no TLS is spoken yet. */
export interface PlainServer {
  readonly stream: Stream;
  readonly address: SocketAddress;
  /** What the protocol called it, if it named one. */
  readonly host: string | undefined;
}

/** What became of the server's side. */
export type SecuredServer =
  | {
      readonly ok: true;
      readonly stream: Stream;
      readonly address: SocketAddress;
      /** What the handshake came to; undefined where the service wants none. */
      readonly tls: TlsFacts | undefined;
    }
  | { readonly ok: false; readonly failure: ConnectFailure };

interface SecuredRequest<Carrier, Result> {
  readonly stream: Carrier;
  readonly done: (result: Result) => void;
}

/** A client whose hello has been read. */
interface ClientRequest extends SecuredRequest<Stream, SecuredClient> {
  /** The server that the hello asks for. */
  readonly serverName: string | undefined;
  readonly shown: ShownCertificate;
}

/** Speaks TLS with the client of a service that wants it. The returned function gives up. */
export function secureClient(
  runtime: Runtime,
  session: StackedSession,
  service: Service,
  { stream, serverName, shown, done }: ClientRequest,
): () => void {
  const encryption = service.encryption?.client;
  if (encryption === undefined) {
    done({ ok: true, stream });
    return () => undefined;
  }
  const accepted = (result: TlsResult): void => {
    if (!result.ok) {
      done({ ok: false, failure: failureOf(result.failure) });
      return;
    }
    // Where the server wants another key share a client says hello twice (RFC 8446, 4.1.4), and what was decided is of the first.
    const { serverName: last = serverName } = result.facts;
    if (last !== serverName) {
      result.stream.destroy();
      done({ ok: false, failure: TWO_NAMES });
      return;
    }
    note(session, 'client', named(result.facts, serverName));
    if (serverName !== undefined) session.set(tlsServerName, serverName);
    done({ ok: true, stream: result.stream });
  };
  return runtime.outside.tls.accept(stream, encryption, shown, accepted);
}

/** Begins with TLS if the service wants it; otherwise calls back at once. The returned function gives up. */
export function secureServer(
  runtime: Runtime,
  session: StackedSession,
  service: Service,
  request: SecuredRequest<PlainServer, SecuredServer>,
): () => void {
  const encryption = beginsWithTls(service.encryption, 'server');
  if (encryption !== undefined) return startWithServer(runtime, session, encryption, request);
  const { stream, address } = request.stream;
  request.done({ ok: true, stream, address, tls: undefined });
  return () => undefined;
}

/** Speaks TLS with the server from now on. Calls back never before it has returned; the returned function gives up. */
export function startWithServer(
  runtime: Runtime,
  session: StackedSession,
  encryption: ServerEncryption,
  { stream: server, done }: SecuredRequest<PlainServer, SecuredServer>,
): () => void {
  const { stream, address, host } = server;
  const name = tlsNameOf(session, encryption, host);
  const isOfPolicy = encryption.serverName !== undefined;
  return runtime.outside.tls.connect(
    stream,
    encryption,
    { address, name, isOfPolicy },
    (result) => {
      if (!result.ok) {
        done({ ok: false, failure: failureOf(result.failure) });
        return;
      }
      const isVouchedFor = session.connection.tls?.isVouchedFor === true;
      if (isVouchedFor && result.facts.peer?.isTrusted !== true) {
        result.stream.destroy();
        done({ ok: false, failure: NO_MORE_TRUSTED });
        return;
      }
      noteServer(session, result.facts);
      done({ ok: true, stream: result.stream, address, tls: result.facts });
    },
  );
}

/**
 * The name that a server is asked for and must have. What the client asked for by TLS says nothing about a server that the
 * protocol names by its address: that may be another one, such as a parent proxy.
 */
export function tlsNameOf(
  session: StackedSession,
  encryption: ServerEncryption,
  host: string | undefined,
): string | undefined {
  const named = encryption.serverName ?? nameOf(host);
  if (named !== undefined || (host !== undefined && session.targetAddressInband)) return named;
  return session.connection.tls?.client?.serverName;
}

/** Notes for the record what the handshake with the server came to, maybe for another session before this one. */
export function noteServer(session: StackedSession, facts: TlsFacts): void {
  note(session, 'server', facts);
}

const TWO_NAMES: ConnectFailure = {
  reason: 'tls.client-handshake',
  verdict: 'denied-by-connection-fail',
  message: 'No TLS with the client: it has asked for two servers',
};

const NO_MORE_TRUSTED: ConnectFailure = {
  reason: 'tls.certificate-untrusted',
  verdict: 'denied-by-policy',
  message: 'The client was told that its server is trusted, and this one is not',
};

/** An address is no name that a server could be asked for (RFC 6066, 3). */
function nameOf(host: string | undefined): string | undefined {
  return host === undefined || IpAddress.tryParse(host) !== undefined ? undefined : host;
}

/** The same facts with this name; how the peer ends is only known later. */
function named(facts: TlsFacts, serverName: string | undefined): TlsFacts {
  return {
    ...facts,
    serverName,
    get isTruncated() {
      return facts.isTruncated;
    },
  };
}

function note({ connection }: StackedSession, side: 'client' | 'server', facts: TlsFacts): void {
  // Functions of the policy see them, and what a server has shown is seen by all who use its connection.
  const { peer } = facts;
  if (peer !== undefined) for (const thing of [peer, peer.names]) Object.freeze(thing);
  connection.tls = { ...connection.tls, [side]: Object.freeze(facts) };
}

/** Reasons that the policy has, and not the network. */
const OF_POLICY =
  /^tls\.(?:certificate-|no-certificate|chain-|version-refused|weak-|revocation-|ocsp-)/;

function failureOf({ reason, message }: TlsFailure): ConnectFailure {
  const verdict = OF_POLICY.test(reason) ? 'denied-by-policy' : 'denied-by-connection-fail';
  return { reason, message, verdict };
}
