// Lets a client in whose service wants TLS. Where its certificate is made on the fly the server comes first: the client says
// whom it asks for, the server is connected and shows its certificate, and only then is the client shown one.

import type { DynamicCertificate } from '../policy/certificate-source.ts';
import type { ClientEncryption } from '../policy/encryption.ts';
import { beginsWithTls, dynamicSource } from '../policy/encryption.ts';
import type { Service } from '../policy/service.ts';
import type { ConnectFailure, ServerRequest } from '../proxy/engine.ts';
import { HelloWatch } from './hello-watch.ts';
import type { ServerResult } from './pump-host.ts';
import type { Runtime } from './runtime.ts';
import type { SecuredClient } from './secured-sides.ts';
import { secureClient } from './secured-sides.ts';
import type { StackedSession } from './session.ts';
import type { Stream } from './stream.ts';
import type { PeerCertificate, ShownCertificate } from './tls-layer.ts';

/** Connects the server of a session. Calls back once, never before it has returned; the returned function gives up. */
export type ServerAsked = (
  request: ServerRequest,
  done: (result: ServerResult) => void,
) => () => void;

/** What became of a client: `server` is what came of a connect, where one was needed first. */
export type AdmittedClient =
  | { readonly ok: true; readonly stream: Stream; readonly server?: ServerResult }
  | { readonly ok: false; readonly failure: ConnectFailure };

/** A client that asks to be let in. */
export interface Admission {
  readonly stream: Stream;
  readonly connect: ServerAsked;
  readonly done: (result: AdmittedClient) => void;
}

/** Lets a client in. A service without TLS with clients has it at once; the returned function gives up. */
export function admitClient(
  runtime: Runtime,
  session: StackedSession,
  service: Service,
  admission: Admission,
): () => void {
  const encryption = beginsWithTls(service.encryption, 'client');
  if (encryption === undefined) {
    admission.done({ ok: true, stream: admission.stream });
    return () => undefined;
  }
  const source = dynamicSource(service.encryption);
  const asked = { session, service, encryption };
  if (source === undefined)
    return admitShown(runtime, asked, admission, (name) => certificateFor(encryption, name));
  return new DynamicAdmission(runtime, { ...asked, source }, admission).start();
}

/** What a client asks to be let in to. */
export interface AskedService {
  readonly session: StackedSession;
  readonly service: Service;
  readonly encryption: ClientEncryption;
}

/**
 * Waits for whom a client asks for, and shows it the certificate that is chosen for that. Calls back never before it has
 * returned; the returned function gives up.
 */
export function admitShown(
  runtime: Runtime,
  { session, service, encryption }: AskedService,
  { stream: client, done }: Pick<Admission, 'stream' | 'done'>,
  choose: (serverName: string | undefined) => ShownCertificate | ConnectFailure,
): () => void {
  const fail = (failure: ConnectFailure): void => {
    giveUp();
    done({ ok: false, failure });
  };
  const asked = (serverName: string | undefined): void => {
    const shown = choose(serverName);
    if ('reason' in shown) {
      fail(shown);
      return;
    }
    watch.stop();
    const handshake = { stream: watch.stream, serverName, shown, done };
    giveUp = secureClient(runtime, session, service, handshake);
  };
  const { handshakeTimeoutMs } = encryption.tls;
  const watch = new HelloWatch(runtime, client, handshakeTimeoutMs, { asked, failed: fail });
  let giveUp = (): void => {
    watch.stop();
    watch.stream.destroy();
  };
  return () => giveUp();
}

/**
 * What the policy has for the name that a client asks for. Also one that resumes a session is shown it: it could have made
 * that by another name.
 */
export function certificateFor(
  encryption: ClientEncryption,
  serverName: string | undefined,
): ShownCertificate | ConnectFailure {
  try {
    return encryption.certificateFor(serverName) ?? noCertificate(`for ${serverName ?? 'no name'}`);
  } catch (fault) {
    return noCertificate(`: ${fault instanceof Error ? fault.message : String(fault)}`);
  }
}

function noCertificate(why: string): ConnectFailure {
  const message = `No TLS with the client: no certificate ${why}`;
  return { reason: 'tls.client-handshake', verdict: 'denied-by-connection-fail', message };
}

interface Asked extends AskedService {
  readonly source: DynamicCertificate;
}

/** What the client is shown, and what its proxy gets for its first connect. */
interface Choice {
  readonly shown: ShownCertificate;
  readonly isVouchedFor: boolean;
  readonly server: ServerResult;
}

/** One client whose server comes first. */
class DynamicAdmission {
  readonly #runtime: Runtime;
  readonly #asked: Asked;
  readonly #admission: Admission;
  #watch: HelloWatch | undefined;
  /** The name that the client asks for. */
  #name: string | undefined;
  #stage: 'hello' | 'server' | 'handshake' | 'over' = 'hello';
  /** Gives up the stage. */
  #giveUp = (): void => undefined;

  constructor(runtime: Runtime, asked: Asked, admission: Admission) {
    this.#runtime = runtime;
    this.#asked = asked;
    this.#admission = admission;
  }

  start(): () => void {
    const { session, encryption } = this.#asked;
    session.connection.tls = { ...session.connection.tls, isVouchedFor: false };
    const { handshakeTimeoutMs } = encryption.tls;
    this.#watch = new HelloWatch(this.#runtime, this.#admission.stream, handshakeTimeoutMs, {
      asked: (serverName) => this.#hello(serverName),
      failed: (failure) => this.#fail(failure),
    });
    return () => this.#abandon();
  }

  #hello(serverName: string | undefined): void {
    this.#stage = 'server';
    this.#name = serverName;
    // It is a name for the server, not a choice of one: the router has made that.
    const request =
      serverName === undefined ? {} : { target: { host: serverName, port: HTTPS_PORT } };
    this.#giveUp = this.#admission.connect(request, (server) => this.#connected(server));
  }

  #connected(server: ServerResult): void {
    if (this.#stage !== 'server') {
      letGo(server);
      return;
    }
    const choice = this.#choose(server);
    if (!('shown' in choice)) {
      this.#fail(choice);
      return;
    }
    this.#stage = 'handshake';
    this.#watch?.stop();
    const { session, service } = this.#asked;
    const { shown } = choice;
    const giveUp = secureClient(this.#runtime, session, service, {
      stream: this.#watch?.stream ?? this.#admission.stream,
      serverName: this.#name,
      shown,
      done: (result) => this.#secured(result, choice),
    });
    this.#giveUp = () => {
      giveUp();
      letGo(choice.server);
    };
  }

  #secured(result: SecuredClient, { server, isVouchedFor }: Choice): void {
    if (this.#stage === 'over') return;
    this.#stage = 'over';
    if (!result.ok) {
      letGo(server);
      const failure = server.ok ? result.failure : warned(server.failure, result.failure);
      this.#admission.done({ ok: false, failure });
      return;
    }
    const { connection } = this.#asked.session;
    connection.tls = { ...connection.tls, isVouchedFor };
    this.#admission.done({ ok: true, stream: result.stream, server });
  }

  /** What the client is to be shown for what came of its server; or why it is shown nothing. */
  #choose(server: ServerResult): Choice | ConnectFailure {
    if (!server.ok) return this.#page(server.failure);
    const { session, source } = this.#asked;
    const peer = session.connection.tls?.server?.peer;
    const made = peer && carriedOver(this.#runtime, source, peer);
    if (made !== undefined && 'text' in made)
      return { shown: made, isVouchedFor: peer?.isTrusted === true, server };
    server.stream.destroy();
    return this.#page(made ?? NOT_TRUSTED);
  }

  /** A certificate for the page that says what is wrong, if there is one: clients warn of it, and that is right. */
  #page(failure: ConnectFailure): Choice | ConnectFailure {
    const { service, session, source } = this.#asked;
    const address = session.serverAddress ?? session.clientLocal;
    if (!service.proxy.tellsRefusals) return failure;
    const server = { name: this.#name, address };
    const made = orFailure(() => this.#runtime.outside.certificates.forServer(source, server));
    if (!('text' in made)) return failure;
    return { shown: made, isVouchedFor: false, server: { ok: false, failure } };
  }

  #fail(failure: ConnectFailure): void {
    if (this.#stage !== 'hello' && this.#stage !== 'server') return;
    this.#end();
    this.#admission.done({ ok: false, failure });
  }

  #abandon(): void {
    if (this.#stage === 'handshake') this.#giveUp();
    else if (this.#stage !== 'over') this.#end();
    this.#stage = 'over';
  }

  #end(): void {
    const { stage, giveUp } = { stage: this.#stage, giveUp: this.#giveUp };
    this.#stage = 'over';
    if (stage === 'server') giveUp();
    this.#watch?.stop();
    this.#watch?.stream.destroy();
  }
}

/** The certificate that a client is shown for what its server has shown, or why there is none. */
export function carriedOver(
  { outside }: Pick<Runtime, 'outside'>,
  source: DynamicCertificate,
  peer: PeerCertificate,
): ShownCertificate | ConnectFailure {
  return orFailure(() => outside.certificates.carryOver(source, peer));
}

function orFailure(make: () => ShownCertificate | undefined): ShownCertificate | ConnectFailure {
  try {
    return make() ?? NOT_TRUSTED;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ...NOT_MADE, message: `No certificate can be made for the client: ${why}` };
  }
}

/** A client that heeds its warning about a server has done no wrong: what is recorded is what is wrong with the server. */
function warned(server: ConnectFailure, client: ConnectFailure): ConnectFailure {
  return { ...server, message: `${server.message}; ${client.message}` };
}

function letGo(server: ServerResult): void {
  if (server.ok) server.stream.destroy();
}

const HTTPS_PORT = 443;

const NOT_TRUSTED: ConnectFailure = {
  reason: 'tls.certificate-untrusted',
  verdict: 'denied-by-policy',
  message: 'The server is not trusted, and no authority is there to say so to the client',
};
const NOT_MADE = { reason: 'tls.certificate-not-made', verdict: 'denied-by-unknown-fail' } as const;
