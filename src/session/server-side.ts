// The server side of a session, top to bottom: which server is meant, may the service reach it, connect.

import { SocketAddress } from '../address/socket-address.ts';
import { decide } from '../policy/decide.ts';
import type { Decision } from '../policy/decide.ts';
import type { Service } from '../policy/service.ts';
import type { ConnectFailure, Target } from '../proxy/engine.ts';
import { connectFailure, resolveFailure } from './connect-failure.ts';
import type { ServerResult } from './pump-host.ts';
import type { Runtime } from './runtime.ts';
import type { StackedSession } from './session.ts';

// A name that is not resolved by then would keep a client waiting longer than it is willing to.
const RESOLVE_TIMEOUT_MS = 5_000;

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
  #isOver = false;
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
    if (this.#target === undefined) this.#decide(undefined);
    else this.#resolve(this.#target);
    return () => {
      this.#isOver = true;
      this.#giveUp?.();
    };
  }

  #resolve(target: Target): void {
    this.#runtime.outside.resolver.resolve(target.host, RESOLVE_TIMEOUT_MS, (result) => {
      if (this.#isOver) return;
      const address = result.ok ? result.addresses[0] : undefined;
      if (address === undefined) this.#fail(resolveFailure(result.ok ? 'ENODATA' : result.error));
      else this.#decide(SocketAddress.of(address, target.port));
    });
  }

  #decide(target: SocketAddress | undefined): void {
    const { facts, clientAddress, clientLocal } = this.#session.master;
    const { policy, instance, listener } = facts;
    const decision = decide(policy, {
      instance,
      listener,
      client: clientAddress,
      local: clientLocal,
      connect: { target },
    });
    if (decision.server !== undefined) this.#session.setServerAddress(decision.server);
    if (decision.outcome === 'refused') this.#fail(decision.refusal);
    else this.#connect(decision);
  }

  #connect(decision: Extract<Decision, { outcome: 'permitted' }>): void {
    const { server, service, route } = decision;
    if (server === undefined) return; // decided with `connect`, a permitted connection has a server
    this.#giveUp = this.#runtime.outside.connector.connect(
      {
        remote: server,
        local: route.local,
        localLoose: route.localLoose,
        localRandom: route.localRandom,
        timeoutMs: service.chainer.timeoutConnectMs,
      },
      (result) => {
        if (this.#isOver) {
          if (result.ok) result.stream.destroy();
          return;
        }
        if (!result.ok) {
          this.#fail(connectFailure(result.error));
          return;
        }
        this.#session.setServerLocal(result.local);
        if (keepsServerAlive(service)) result.stream.keepAlive();
        this.#record('connected');
        this.#done({ ok: true, stream: result.stream, address: server });
      },
    );
  }

  #fail(failure: ConnectFailure): void {
    this.#record(failure.reason);
    // A refusal may be known at once, but nobody is called back before `connectServer` has returned.
    queueMicrotask(() => {
      if (!this.#isOver) this.#done({ ok: false, failure });
    });
  }

  #record(outcome: string): void {
    const { serverAddress, serverZone } = this.#session;
    this.#session.recordConnect({
      host: this.#target?.host ?? null,
      server:
        serverAddress === undefined
          ? null
          : {
              address: String(serverAddress.address),
              port: serverAddress.port,
              zone: serverZone?.name ?? null,
            },
      outcome,
      durationMs: Math.round(this.#runtime.outside.clock.monotonic() - this.#startedAt),
    });
  }
}

function keepsServerAlive(service: Service): boolean {
  return service.keepalive === 'server' || service.keepalive === 'both';
}
