// The proxy of a session while something may happen: its pump, its host, and the handshake of TLS before both.

import { beginsWithTls } from '../policy/encryption.ts';
import type { Service } from '../policy/service.ts';
import type { Copying } from '../proxy/copying.ts';
import type { ProxyEngine } from '../proxy/engine.ts';
import type { Verdict } from '../proxy/verdict.ts';
import type { AdmittedClient, ServerAsked } from './admit-client.ts';
import { admitClient } from './admit-client.ts';
import { Copier } from './copier.ts';
import type { GreetingServer } from './detect-service.ts';
import { Pump } from './pump.ts';
import type { ByteCounts } from './pump-host.ts';
import type { RestingPump } from './resting-pump.ts';
import type { Runtime } from './runtime.ts';
import { connectServer } from './server-side.ts';
import type { StackedSession } from './session.ts';
import { SessionHost } from './session-host.ts';
import type { SessionEnd } from './session-host.ts';
import { sideStackOf } from './side-stack.ts';
import type { SideStack } from './side-stack.ts';
import type { Stream } from './stream.ts';

/** Who has a proxy that is live. */
export interface LiveOwner {
  /** Nothing has happened for a while, and what the proxy has beside its pump can be made anew. */
  quiet(pump: Pump): void;
  /** The last stream is gone; no bytes where no proxy ran. */
  finished(bytes: ByteCounts | undefined): void;
}

/** What a proxy is made of. */
export interface LiveParts {
  readonly session: StackedSession;
  readonly service: Service;
  /** What it does: an engine, or what takes none. */
  readonly work: ProxyEngine | Copying;
  /** A server that is connected already. */
  readonly server?: GreetingServer | undefined;
  /** Whether it only tells its client why it is refused. Default: no. */
  readonly isRefusal?: boolean;
}

/** The proxy of a session. */
export class LiveProxy implements SessionEnd {
  readonly #runtime: Runtime;
  readonly #session: StackedSession;
  readonly #service: Service;
  readonly #owner: LiveOwner;
  readonly #isRefusal: boolean;
  readonly #beside: SideStack | undefined;
  readonly #host: SessionHost;
  readonly #pump: Pump | Copier;
  /** Gives up the handshake of TLS with the client, while it lasts. */
  #giveUp: (() => void) | undefined;

  constructor(runtime: Runtime, parts: LiveParts, owner: LiveOwner) {
    const { session, service, work, server, isRefusal = false } = parts;
    this.#runtime = runtime;
    this.#session = session;
    this.#service = service;
    this.#owner = owner;
    this.#isRefusal = isRefusal;
    this.#beside = sideStackOf(runtime, session, service.chainer);
    this.#host = new SessionHost(runtime, { session, server, beside: this.#beside }, this);
    this.#pump = 'handle' in work ? new Pump(work, this.#host) : new Copier(work, this.#host);
  }

  start(client: Stream): void {
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

  /** Goes on after a rest, instead of `start`. */
  goOn(resting: RestingPump): void {
    if (this.#pump instanceof Pump) this.#pump.goOn(resting);
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

  abort(reason: string): void {
    if (this.#giveUp === undefined) {
      this.#pump.abort('aborted-by-policy-action', reason);
      return;
    }
    this.#giveUp();
    this.closed('aborted-by-policy-action', reason);
    this.finished(undefined);
  }

  quiet(): void {
    // The host remembers by which name its server was asked for, where TLS may begin later.
    const startsTls = (this.#service.encryption?.startTls.length ?? 0) > 0;
    if (!this.#host.mayRest || startsTls || this.#isRefusal) return;
    if (this.#pump instanceof Pump) this.#owner.quiet(this.#pump);
  }

  closed(verdict: Verdict, reason: string, message?: string): void {
    this.#session.connection.end(verdict, reason, message);
  }

  finished(bytes: ByteCounts | undefined): void {
    this.#beside?.end();
    if (this.#isRefusal) this.#runtime.toldRefusals--;
    else this.#runtime.counters.stop(this.#service.name);
    this.#owner.finished(bytes);
  }
}
