// Service.startInstance: limits, counters, the session of the proxy, its route, and the proxy started on its client.

import type { Permitted } from '../policy/decide.ts';
import { beginsWithTls } from '../policy/encryption.ts';
import type { Service } from '../policy/service.ts';
import type { ProxyContext, Refusal } from '../proxy/engine.ts';
import type { Verdict } from '../proxy/verdict.ts';
import type { Revision } from './connection.ts';
import { writeRecord } from './connection-record.ts';
import type { GreetingServer } from './detect-service.ts';
import type { AdmittedClient, ServerAsked } from './admit-client.ts';
import { admitClient } from './admit-client.ts';
import { makeEngine } from './make-engine.ts';
import { Pump } from './pump.ts';
import type { ByteCounts } from './pump-host.ts';
import type { RunningSession } from './running-sessions.ts';
import type { Runtime } from './runtime.ts';
import { StackedSession } from './session.ts';
import type { MasterSession } from './session.ts';
import { connectServer } from './server-side.ts';
import { SessionHost } from './session-host.ts';
import type { SessionEnd } from './session-host.ts';
import { authenticatorOf } from './session-authenticator.ts';
import { sideStackOf } from './side-stack.ts';
import type { SideStack } from './side-stack.ts';
import type { Stream } from './stream.ts';

/** The streams that a session begins with. */
export interface SessionStreams {
  readonly client: Stream;
  /** A server that is connected already, because its greeting named the service. */
  readonly server?: GreetingServer | undefined;
}

/** Starts a service for a connection that the policy permits (reference: order on accept, steps 9 to 17). */
export function startInstance(
  runtime: Runtime,
  master: MasterSession,
  decision: Permitted,
  { client, server }: SessionStreams,
): void {
  const { service, route } = decision;
  if (!runtime.counters.start(service.name, service.limits.maxInstances)) {
    master.connection.end('denied-by-limit', 'limit.max-instances', TOO_MANY);
    client.destroy('reset');
    server?.stream.destroy();
    writeRecord(runtime, master, undefined);
    return;
  }
  if (service.keepalive === 'client' || service.keepalive === 'both') client.keepAlive();
  const session = new StackedSession(master, service.proxy.name);
  session.setRoute(route);
  new RunningProxy(runtime, { session, service, server }).start(client);
}

/** Lets the proxy of a refused connection tell its client why. It never connects: the server side would refuse too. */
export function startRefusal(
  runtime: Runtime,
  master: MasterSession,
  refused: { readonly service: Service; readonly refusal: Refusal },
  client: Stream,
): void {
  const { service, refusal } = refused;
  const session = new StackedSession(master, service.proxy.name);
  runtime.toldRefusals++;
  new RunningProxy(runtime, { session, service, refusal }).start(client);
}

const TOO_MANY = 'The service has as many sessions as it may have';

interface ProxyStart {
  readonly session: StackedSession;
  readonly service: Service;
  readonly server?: GreetingServer | undefined;
  readonly refusal?: Refusal;
}

/** A refused client is not asked who it is: it gets nothing either way. */
function contextOf(
  runtime: Runtime,
  { session, service, refusal }: ProxyStart,
): Omit<ProxyContext, 'session'> | undefined {
  if (refusal !== undefined) return { refusal };
  const authenticator = authenticatorOf(runtime, session, service);
  return authenticator === undefined ? undefined : { authenticator };
}

/** The proxy of a session while it runs. */
class RunningProxy implements RunningSession, SessionEnd {
  place = 0;
  readonly #runtime: Runtime;
  readonly #session: StackedSession;
  readonly #service: Service;
  /** Whether it only tells its client why it is refused. */
  readonly #isRefusal: boolean;
  readonly #beside: SideStack | undefined;
  readonly #host: SessionHost;
  readonly #pump: Pump;
  /** Gives up the handshake of TLS with the client, while it lasts. */
  #giveUp: (() => void) | undefined;

  constructor(runtime: Runtime, start: ProxyStart) {
    const { session, service, server, refusal } = start;
    this.#runtime = runtime;
    this.#session = session;
    this.#service = service;
    this.#isRefusal = refusal !== undefined;
    this.#beside = sideStackOf(runtime, session, service.chainer);
    this.#host = new SessionHost(runtime, { session, server, beside: this.#beside }, this);
    this.#pump = new Pump(makeEngine(service, session, contextOf(runtime, start)), this.#host);
  }

  start(client: Stream): void {
    this.#runtime.sessions.add(this);
    if (beginsWithTls(this.#service.encryption, 'client') === undefined) {
      this.#pump.start(client);
      return;
    }
    const connect: ServerAsked = (target, done) =>
      connectServer(this.#runtime, this.#session, target, done);
    const done = (result: AdmittedClient): void => this.#admitted(result);
    const admission = { stream: client, connect, done };
    this.#giveUp = admitClient(this.#runtime, this.#session, this.#service, admission);
  }

  #admitted(result: AdmittedClient): void {
    this.#giveUp = undefined;
    if (result.ok) {
      if (result.server !== undefined) this.#host.keep(result.server);
      this.#pump.start(result.stream);
      return;
    }
    const { verdict, reason, message } = result.failure;
    this.closed(verdict, reason, message);
    this.finished(undefined);
  }

  get id(): string {
    return this.#session.sessionId;
  }

  get loaded(): Revision {
    return this.#session.connection.facts.loaded;
  }

  abort(reason: string): void {
    if (this.#giveUp === undefined) {
      this.#pump.abort('aborted-by-policy-action', reason);
      return;
    }
    this.#giveUp();
    this.closed('aborted-by-policy-action', reason);
    this.finished(undefined);
  }

  closed(verdict: Verdict, reason: string, message?: string): void {
    this.#session.connection.end(verdict, reason, message);
  }

  finished(bytes: ByteCounts | undefined): void {
    this.#runtime.sessions.delete(this);
    this.#beside?.end();
    if (this.#isRefusal) this.#runtime.toldRefusals--;
    else this.#runtime.counters.stop(this.#service.name);
    writeRecord(this.#runtime, this.#session.master, bytes);
  }
}
