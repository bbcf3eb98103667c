// A client and a server of TLS that meet over a link, each by Node or by the engine, with contexts that were made of plans.
import { once } from 'node:events';
import type { ConnectionOptions, SecureContext } from 'node:tls';
import { connect, TLSSocket } from 'node:tls';
import type { ContextPlan } from '../../src/io/context-library.ts';
import { EngineStream } from '../../src/io/engine-stream.ts';
import { linkPair } from '../../src/io/link-stream.ts';
import { nodeContexts } from '../../src/io/node-contexts.ts';
import { OpenSslConnection } from '../../src/io/openssl-connection.ts';
import type { OpenSslContext } from '../../src/io/openssl-context.ts';
import { StreamDuplex } from '../../src/io/stream-duplex.ts';
import { findingOf } from '../../src/io/verify-result.ts';
import { shownBy } from '../../src/io/verify-peer.ts';
import type { Stream } from '../../src/session/stream.ts';
import { X509Certificate } from 'node:crypto';
import { SERVER_NAME } from './openssl-lab.ts';
import { testShare } from './tls-layers.ts';

/** Who speaks for a side. */
export type Library = 'node' | 'engine';

/** What a handshake came to for a side: its error, or what was agreed and what it thinks of the other one. */
export type SideOutcome =
  | { readonly error: string }
  | {
      readonly version: string;
      readonly cipher: string;
      readonly protocol: string | undefined;
      readonly isResumed: boolean;
      /** The subjects of the chain that the other one has shown. */
      readonly chain: readonly string[];
      readonly finding: string | undefined;
    };

/** What a meeting came to. */
export interface Meeting {
  readonly client: SideOutcome;
  readonly server: SideOutcome;
  /** What the client was given to be resumed. */
  readonly session: Buffer | undefined;
}

/** A side of a meeting: a context, and who uses it. */
export type Side =
  | { readonly library: 'node'; readonly plan: ContextPlan; readonly context: SecureContext }
  | { readonly library: 'engine'; readonly plan: ContextPlan; readonly context: OpenSslContext };

/** Makes a side of a plan. @throws Error for what does not fit in it. */
export function sideOf(library: Library, plan: ContextPlan): Side {
  return library === 'node'
    ? { library, plan, context: nodeContexts.make(plan) }
    : { library, plan, context: testShare().contexts.make(plan) };
}

/** What a side is about to be. */
interface BegunSide {
  readonly outcome: Promise<SideOutcome>;
  /** Says something inside of TLS, or hears it. */
  readonly say: () => void;
  readonly hear: () => Promise<unknown>;
  readonly session: () => Buffer | undefined;
  readonly close: () => void;
}

/** Has a client and a server meet. */
export async function meet(client: Side, server: Side, session?: Buffer): Promise<Meeting> {
  const [near, far] = linkPair(65_536);
  const answering = begin(server, near);
  const asking = begin(client, far, { session });
  try {
    const outcomes = { client: await asking.outcome, server: await answering.outcome };
    if ('error' in outcomes.client || 'error' in outcomes.server)
      return { ...outcomes, session: undefined };
    const heard = asking.hear();
    answering.say(); // behind its tickets
    await heard;
    return { ...outcomes, session: asking.session() };
  } finally {
    asking.close();
    answering.close();
  }
}

/** A server, or with a handshake a client. */
function begin(side: Side, stream: Stream, asked?: { session: Buffer | undefined }): BegunSide {
  return side.library === 'node'
    ? beginNode(side, stream, asked)
    : beginEngine(side, stream, asked);
}

function beginNode(
  { context: secureContext, plan }: Extract<Side, { library: 'node' }>,
  stream: Stream,
  asked?: { session: Buffer | undefined },
): BegunSide {
  const carrier = new StreamDuplex(stream);
  const ALPNProtocols = [...plan.tls.applicationProtocols];
  const options: ConnectionOptions = {
    ...{ secureContext, rejectUnauthorized: false, checkServerIdentity: () => undefined },
    ...(ALPNProtocols.length > 0 && { ALPNProtocols }),
  };
  const socket =
    asked === undefined
      ? new TLSSocket(carrier, { ...options, isServer: true, requestCert: plan.asksClients })
      : connect({
          ...options,
          ...{ socket: carrier, servername: SERVER_NAME },
          ...(asked.session !== undefined && { session: asked.session }),
        });
  let given: Buffer | undefined;
  socket.on('session', (session: Buffer) => (given = session));
  const outcome = new Promise<SideOutcome>((resolve) => {
    socket.on('error', (error: Error) => resolve({ error: codeOf(error) }));
    socket.on('close', () => resolve({ error: 'closed' }));
    socket.on(asked === undefined ? 'secure' : 'secureConnect', () => {
      const { name: cipher, version } = socket.getCipher();
      const { alpnProtocol } = socket;
      const protocol = typeof alpnProtocol === 'string' ? alpnProtocol : undefined;
      const shown = shownBy(socket);
      resolve({
        ...{ version: socket.getProtocol() ?? version, cipher, protocol },
        isResumed: socket.isSessionReused(),
        chain: shown?.chain.map(whoseIs) ?? [],
        finding: shown?.finding,
      });
    });
  });
  return {
    outcome,
    say: () => socket.write('over'),
    hear: () => once(socket, 'data'),
    session: () => given,
    close: () => socket.destroy(),
  };
}

function beginEngine(
  { context }: Extract<Side, { library: 'engine' }>,
  beneath: Stream,
  asked?: { session: Buffer | undefined },
): BegunSide {
  const share = testShare();
  const begun = asked && { serverName: SERVER_NAME, asksStaple: false, ...asked };
  const connection = new OpenSslConnection(share, context, begun);
  let session: Buffer | undefined;
  const tickets = (): void => void (session = connection.session());
  const stream = new EngineStream(share, connection, beneath, { permitTruncation: true, tickets });
  const outcome = new Promise<SideOutcome>((resolve) =>
    stream.begin({
      accepts: () => {
        resolve(outcomeOf(connection));
        return true;
      },
      secured: () => undefined,
      failed: (error) => resolve({ error: codeOf(error) }),
    }),
  );
  const hear = (): Promise<unknown> =>
    new Promise((resolve) =>
      stream.listen({
        received: resolve,
        ended: () => undefined,
        drained: () => undefined,
        closed: resolve,
      }),
    );
  return {
    ...{ outcome, hear },
    say: () => stream.write(Buffer.from('over')),
    session: () => session,
    close: () => stream.destroy(),
  };
}

function outcomeOf(connection: OpenSslConnection): SideOutcome {
  const { version, cipher, applicationProtocol: protocol, isResumed } = connection;
  const chain = connection.chain().map((encoded) => whoseIs(new X509Certificate(encoded)));
  const { X509_verify_cert_error_string: explain } = testShare().openSsl;
  const finding = chain.length === 0 ? undefined : findingOf(connection.verifyResult, explain);
  return { version, cipher, protocol, isResumed, chain, finding };
}

function codeOf(error: Error | undefined): string {
  if (error === undefined) return 'closed';
  return 'code' in error && error.code !== 'ECONNRESET' ? String(error.code) : 'closed';
}

/** One that is made on the fly has names and no subject, whatever the types of Node say. */
function whoseIs({ subject, subjectAltName }: X509Certificate): string {
  return subjectAltName ?? subject;
}
