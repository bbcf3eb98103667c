// TLS in the middle of a conversation: what the encryption policy has for a side whose protocol puts it there (STARTTLS).

import { startsTls } from '../policy/encryption.ts';
import type { AnyService } from '../policy/service.ts';
import type { ConnectFailure, PeerSide } from '../proxy/engine.ts';
import type { AskedService } from './admit-client.ts';
import { admitShown, carriedOver, certificateFor } from './admit-client.ts';
import { handOver } from './hand-over.ts';
import type { SecureResult } from './pump-host.ts';
import type { Runtime } from './runtime.ts';
import { startWithServer } from './secured-sides.ts';
import type { StackedSession } from './session.ts';
import type { Stream } from './stream.ts';

/** A side whose conversation has begun in plain text. */
export interface PlainPort {
  readonly side: PeerSide;
  /** Nobody listens to it any more. */
  readonly stream: Stream;
  /** What the protocol calls the server, if it named one. */
  readonly host: string | undefined;
  /** Whose encryption policy counts. */
  readonly service: AnyService | undefined;
}

type Done = (result: SecureResult) => void;

const NOT_MEANT: ConnectFailure = {
  reason: 'tls.not-meant',
  verdict: 'denied-by-policy',
  message: 'The encryption policy has no TLS that begins in the middle of this conversation',
};
const SERVER_FIRST: ConnectFailure = {
  reason: 'tls.server-first',
  verdict: 'denied-by-policy',
  message: 'A certificate can be carried over to the client only once there is TLS with the server',
};

/** Puts TLS on a side. Calls back exactly once, never before it has returned; the returned function gives up. */
export function securePort(
  runtime: Runtime,
  session: StackedSession,
  port: PlainPort,
  done: Done,
): () => void {
  const { side, stream, host, service } = port;
  if (service?.kind !== 'service') return refuse(stream, NOT_MEANT, done);
  const client = side === 'client' ? startsTls(service.encryption, 'client') : undefined;
  if (client !== undefined)
    return secureClientPort(runtime, { session, service, encryption: client }, stream, done);
  const server = side === 'server' ? startsTls(service.encryption, 'server') : undefined;
  const address = session.serverAddress;
  if (server === undefined || address === undefined) return refuse(stream, NOT_MEANT, done);
  return startWithServer(runtime, session, server, { stream: { stream, address, host }, done });
}

function secureClientPort(
  runtime: Runtime,
  asked: AskedService,
  stream: Stream,
  done: Done,
): () => void {
  const { encryption, session } = asked;
  const { certificate } = encryption;
  if (certificate.type !== 'dynamic')
    return admitShown(runtime, asked, { stream, done }, (name) => certificateFor(encryption, name));
  const { connection } = session;
  const peer = connection.tls?.server?.peer;
  if (peer === undefined) return refuse(stream, SERVER_FIRST, done);
  connection.tls = { ...connection.tls, isVouchedFor: peer.isTrusted };
  return admitShown(runtime, asked, { stream, done }, () =>
    carriedOver(runtime, certificate, peer),
  );
}

function refuse(stream: Stream, failure: ConnectFailure, done: Done): () => void {
  stream.destroy();
  return handOver({ ok: false, failure }, done);
}
