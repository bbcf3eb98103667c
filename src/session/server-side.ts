// The server side of a session, top to bottom: which server is meant, may the service reach it, connect.

import { SocketAddress } from '../address/socket-address.ts';
import { decide } from '../policy/decide.ts';
import type { Permitted } from '../policy/decide.ts';
import type { Service } from '../policy/service.ts';
import type { ConnectFailure, Target } from '../proxy/engine.ts';
import { connectFailure, resolveFailure } from './connect-failure.ts';
import type { ConnectResult } from './outside.ts';
import { addressIn } from './recorded-address.ts';
import type { ServerResult } from './pump-host.ts';
import { resolveTarget } from './resolve-target.ts';
import type { Runtime } from './runtime.ts';
import type { StackedSession } from './session.ts';

const INTERNAL_ERROR: ConnectFailure = {
  reason: 'session.internal-error',
  verdict: 'denied-by-unknown-fail',
  message: 'The connection to the server failed on an error of Zorp',
};

/** Connects the server side of a session. Calls back once, never before it has returned; the returned function gives up. */
export function connectServer(
  runtime: Runtime,
  session: StackedSession,
  target: Target | undefined,
  done: (result: ServerResult) => void,
): () => void {
  return new ServerConnect(runtime, session, target, done).start();
}

/** One connect: resolve, decide, connect. */
class ServerConnect {
  readonly #runtime: Runtime;
  readonly #session: StackedSession;
  readonly #target: Target | undefined;
  readonly #done: (result: ServerResult) => void;
  readonly #startedAt: number;
  #server: SocketAddress | undefined;
  #isOver = false;
  #isRecorded = false;
  #giveUp: (() => void) | undefined;

  constructor(
    runtime: Runtime,
    session: StackedSession,
    target: Target | undefined,
    done: (result: ServerResult) => void,
  ) {
    this.#runtime = runtime;
    this.#session = session;
    // A target that the router does not leave to the protocol has no effect (reference: server side, step 1).
    this.#target = session.targetAddressInband ? target : undefined;
    this.#done = done;
    this.#startedAt = runtime.outside.clock.monotonic();
  }

  start(): () => void {
    const target = this.#target;
    this.#guarded(() => {
      if (target === undefined) this.#decide(undefined);
      else this.#resolve(target);
    });
    return () => {
      if (this.#isOver) return;
      this.#isOver = true;
      this.#record('connect.given-up');
      this.#giveUp?.();
    };
  }

  #resolve({ host, port }: Target): void {
    const { service } = this.#session.connection.facts;
    if (service?.kind !== 'service') throw new Error('A session without a service cannot connect');
    resolveTarget(this.#runtime, service, host, (result) => {
      if (this.#isOver) return;
      const address = result.ok ? result.addresses[0] : undefined;
      if (address === undefined) this.#fail(resolveFailure(result.ok ? 'ENODATA' : result.error));
      else
        this.#guarded(() => {
          this.#decide(SocketAddress.of(address, port));
        });
    });
  }

  #decide(target: SocketAddress | undefined): void {
    const { facts } = this.#session.connection;
    const { loaded, instance, listener, clientAddress, clientLocal } = facts;
    const decision = decide(loaded.policy, {
      instance,
      listener,
      client: clientAddress,
      local: clientLocal,
      detected: facts.service,
      connect: { target },
    });
    const { server } = decision;
    if (server !== undefined) this.#session.setServerAddress(server);
    this.#server = server;
    if (decision.outcome === 'detecting') throw new Error('What runs is not detected again');
    if (decision.outcome === 'refused') this.#fail(decision.refusal);
    else if (server === undefined) this.#fail(connectFailure('no server'));
    else this.#connect(server, decision);
  }

  #connect(server: SocketAddress, { service, route }: Permitted): void {
    this.#giveUp = this.#runtime.outside.connector.connect(
      {
        remote: server,
        local: route.local,
        localLoose: route.localLoose,
        localRandom: route.localRandom,
        timeoutMs: service.chainer.timeoutConnectMs,
      },
      (result) => {
        if (result.ok) this.#succeed(server, service, result);
        else if (!this.#isOver) this.#fail(connectFailure(result.error));
      },
    );
  }

  #succeed(
    server: SocketAddress,
    service: Service,
    { stream, local }: Extract<ConnectResult, { ok: true }>,
  ): void {
    if (this.#isOver) {
      stream.destroy();
      return;
    }
    this.#isOver = true;
    this.#session.setServerLocal(local);
    if (service.keepalive === 'server' || service.keepalive === 'both') stream.keepAlive();
    this.#record('connected');
    this.#done({ ok: true, stream, address: server });
  }

  /** A bug of ours fails one connect, whoever called back. */
  #guarded(call: () => void): void {
    try {
      call();
    } catch (bug) {
      const stack = bug instanceof Error ? bug.stack : String(bug);
      const { reason, message } = INTERNAL_ERROR;
      const session = this.#session.sessionId;
      this.#runtime.log.line('error', reason, message, { session, stack });
      this.#fail(INTERNAL_ERROR);
    }
  }

  #fail(failure: ConnectFailure): void {
    this.#record(failure.reason);
    this.#giveUp = undefined;
    // A refusal may be known at once, but nobody is called back before `connectServer` has returned.
    queueMicrotask(() => {
      if (this.#isOver) return;
      this.#isOver = true;
      this.#done({ ok: false, failure });
    });
  }

  #record(outcome: string): void {
    if (this.#isRecorded) return;
    this.#isRecorded = true;
    const server = this.#server;
    this.#session.connection.recordConnect({
      host: this.#target?.host ?? null,
      server: server === undefined ? null : addressIn(server, this.#session.zoneOf(server.address)),
      outcome,
      durationMs: Math.round(this.#runtime.outside.clock.monotonic() - this.#startedAt),
    });
  }
}
