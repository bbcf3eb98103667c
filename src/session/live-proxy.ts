// The proxy of a session while something may happen: its pump, its host, and the handshake of TLS before both.

import { beginsWithTls } from '../policy/encryption.ts';
import type { Service } from '../policy/service.ts';
import type { Copying } from '../proxy/copying.ts';
import type { ProxyEngine, Refusal } from '../proxy/engine.ts';
import type { Verdict } from '../proxy/verdict.ts';
import type { AdmittedClient, ServerAsked } from './admit-client.ts';
import { admitClient } from './admit-client.ts';
import { Copier } from './copier.ts';
import type { GreetingServer } from './detect-service.ts';
import { Pump } from './pump.ts';
import type { ByteCounts } from './pump-host.ts';
import type { RestingPump } from './resting-pump.ts';
import { RETIRED, RETIRED_AT_REST, startPump } from './retirement.ts';
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
  readonly runtime: Runtime;
  readonly session: StackedSession;
  readonly service: Service;
  /** Nothing has happened for a while, and what the proxy has beside its pump can be made anew. */
  quiet(pump: Pump): void;
  /** The last stream is gone; no bytes where no proxy ran. */
  finished(bytes: ByteCounts | undefined): void;
}

/** What few proxies begin with. */
export interface LiveBeginning {
  /** A server that is connected already. */
  readonly server?: GreetingServer | undefined;
  /** Why the client is refused: then it is only told so. */
  readonly refusal?: Refusal | undefined;
}

/** The proxy of a session. */
export class LiveProxy implements SessionEnd {
  readonly #owner: LiveOwner;
  readonly #isRefusal: boolean;
  readonly #beside: SideStack | undefined;
  readonly #host: SessionHost;
  readonly #pump: Pump | Copier;
  /** Gives up the handshake of TLS with the client, while it lasts. */
  #giveUp: (() => void) | undefined;

  /** `work`: what it does, an engine or what takes none. */
  constructor(owner: LiveOwner, work: ProxyEngine | Copying, beginning?: LiveBeginning) {
    const { runtime, session, service } = owner;
    const beside = sideStackOf(runtime, session, service.chainer);
    const isServed = beside !== undefined || beginning?.server !== undefined;
    const served = isServed ? { server: beginning?.server, beside } : undefined;
    this.#owner = owner;
    this.#isRefusal = beginning?.refusal !== undefined;
    this.#beside = beside;
    this.#host = new SessionHost(runtime, session, this, served);
    this.#pump = 'handle' in work ? new Pump(work, this.#host) : new Copier(work, this.#host);
  }

  start(client: Stream): void {
    const hasHandshake = beginsWithTls(this.#owner.service.encryption, 'client') !== undefined;
    if (hasHandshake) this.#admit(client);
    else this.#begin(client);
  }

  #begin(client: Stream): void {
    if (this.#pump instanceof Pump) startPump(this.#pump, client, this.#owner.session);
    else this.#pump.start(client);
  }

  #admit(stream: Stream): void {
    const { runtime, session, service } = this.#owner;
    const connect: ServerAsked = (target, done) => connectServer(runtime, session, target, done);
    const done = (result: AdmittedClient): void => this.#admitted(result);
    this.#giveUp = admitClient(runtime, session, service, { stream, connect, done });
  }

  /** Goes on after a rest, instead of `start`. */
  goOn(resting: RestingPump): void {
    if (this.#pump instanceof Pump) this.#pump.goOn(resting);
  }

  #admitted(result: AdmittedClient): void {
    this.#giveUp = undefined;
    if (result.ok) {
      if (result.server !== undefined) this.#host.keep(result.server);
      this.#begin(result.stream);
      return;
    }
    const { verdict, reason, message } = result.failure;
    this.closed(verdict, reason, message);
    this.finished(undefined);
  }

  /**
   * Its policy is retired: asks its proxies to end when nothing is in work. They see it at their start, too.
   * `wasResting`: it was woken for this.
   */
  retire(wasResting: boolean): void {
    const event = wasResting ? RETIRED_AT_REST : RETIRED;
    if (this.#giveUp === undefined && this.#pump instanceof Pump) this.#pump.post(event);
    this.#beside?.retire();
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
    const startsTls = (this.#owner.service.encryption?.startTls.length ?? 0) > 0;
    const isRetired = this.#owner.session.connection.facts.loaded.isRetired === true;
    if (!this.#host.mayRest || startsTls || this.#isRefusal || isRetired) return;
    if (this.#pump instanceof Pump) this.#owner.quiet(this.#pump);
  }

  closed(verdict: Verdict, reason: string, message?: string): void {
    this.#owner.session.connection.end(verdict, reason, message);
  }

  finished(bytes: ByteCounts | undefined): void {
    this.#beside?.end();
    const { runtime, service } = this.#owner;
    if (this.#isRefusal) runtime.toldRefusals--;
    else runtime.counters.stop(service.name);
    this.#owner.finished(bytes);
  }
}
