// A service as the child of a proxy: its proxy runs between the far ends of two links in memory. The far end of the second is
// its server connection, handed out once.

import type { LogLevel } from '../log/log.ts';
import type { Service } from '../policy/service.ts';
import type {
  ConnectFailure,
  ExpectRequest,
  LogFields,
  PeerSide,
  ServerRequest,
} from '../proxy/engine.ts';
import type { Verdict } from '../proxy/verdict.ts';
import type { AdmittedClient, ServerAsked } from './admit-client.ts';
import { admitClient } from './admit-client.ts';
import type { AlarmQueue } from './alarm-queue.ts';
import type { ChildStart } from './child-start.ts';
import { claimConnections } from './claim-connections.ts';
import { expectConnection } from './expect-connection.ts';
import { handOver } from './hand-over.ts';
import { makeEngine } from './make-engine.ts';
import { BOUNDED_BY_PARENT } from './pump-bounds.ts';
import type {
  ChildListener,
  ChildWord,
  ConnectionClaimer,
  ExpectWatcher,
  PumpHost,
  RunningChild,
  SecureResult,
  ServerResult,
  StackRequest,
} from './pump-host.ts';
import { Pump } from './pump.ts';
import { RETIRED, startPump } from './retirement.ts';
import type { Runtime } from './runtime.ts';
import { securePort } from './secure-port.ts';
import type { PlainServer } from './secured-sides.ts';
import { secureServer } from './secured-sides.ts';
import { authenticatorOf } from './session-authenticator.ts';
import type { StackedSession } from './session.ts';
import type { Stream } from './stream.ts';

/** Starts what the child itself stacks. */
export type StackInChild = (request: StackRequest, listener: ChildListener) => RunningChild;

/** The proxy of a service, which runs between two links. */
export class ServiceChild implements RunningChild {
  readonly #start: ChildStart;
  readonly #host: ChildHost;
  readonly #pump: Pump;
  readonly #client: Stream;
  readonly #server: Stream;
  #state: 'securing' | 'running' | 'over' = 'securing';
  /** Gives up the handshake of TLS with the client, while it lasts. */
  #giveUp: (() => void) | undefined;

  constructor(service: Service, start: ChildStart, stack: StackInChild) {
    const { runtime, session, listener } = start;
    const { clock } = runtime.outside;
    const [nearClient, farClient] = runtime.outside.linkPair();
    const [nearServer, farServer] = runtime.outside.linkPair();
    this.#start = start;
    this.#client = farClient;
    this.#server = farServer;
    const childOf = { session, service, server: farServer, stack };
    this.#host = new ChildHost(runtime, childOf, {
      said: (word) => listener.said(word),
      closed: (verdict, reason, message) => listener.ended(verdict, reason, message),
      finished: () => start.finished(),
    });
    const authenticator = authenticatorOf(runtime, session, service);
    const given = authenticator === undefined ? { clock } : { clock, authenticator };
    this.#pump = new Pump(makeEngine(service, session, given), this.#host, BOUNDED_BY_PARENT);
    queueMicrotask(() => this.#admit(service));
    listener.started({ client: nearClient, server: nearServer });
  }

  retire(): void {
    if (this.#state === 'running') this.#pump.post(RETIRED);
  }

  abort(): void {
    if (this.#state === 'running') this.#pump.abort('accepted', 'parent-ended');
    if (this.#state === 'securing') {
      this.#state = 'over';
      this.#giveUp?.();
      this.#client.destroy();
      this.#start.finished();
    }
    this.#server.destroy();
  }

  #admit(service: Service): void {
    if (this.#state !== 'securing') return;
    const { runtime, session } = this.#start;
    const connect: ServerAsked = (target, done) => this.#host.connect(target, done);
    const done = (result: AdmittedClient): void => this.#admitted(result);
    this.#giveUp = admitClient(runtime, session, service, { stream: this.#client, connect, done });
  }

  #admitted(result: AdmittedClient): void {
    if (result.ok) {
      this.#state = 'running';
      if (result.server !== undefined) this.#host.keep(result.server);
      startPump(this.#pump, result.stream, this.#start.session);
      return;
    }
    this.#state = 'over'; // before the parent hears of it, and ends us
    this.#server.destroy();
    this.#endUnborn(result.failure);
  }

  /** Ends a child whose client never came to its proxy. */
  #endUnborn({ verdict, reason, message }: ConnectFailure): void {
    const { session, listener } = this.#start;
    session.connection.end(verdict, reason, message); // its parent sees a tunnel break, and knows no better
    listener.ended(verdict, reason, message);
    this.#start.finished();
  }
}

const NO_SECOND_SERVER: ConnectFailure = {
  reason: 'stack.server-taken',
  verdict: 'denied-by-unknown-fail',
  message: 'A stacked proxy gets the connection of its parent, and only once',
};

interface ChildOf {
  readonly session: StackedSession;
  readonly service: Service;
  /** The connection of the parent. */
  readonly server: Stream;
  readonly stack: StackInChild;
}

interface ChildEnd {
  said(word: ChildWord): void;
  closed(verdict: Verdict, reason: string, message?: string): void;
  finished(): void;
}

/** The surroundings of a stacked child's pump. */
class ChildHost implements PumpHost {
  readonly alarms: AlarmQueue;
  readonly #runtime: Runtime;
  readonly #session: StackedSession;
  readonly #service: Service;
  readonly #stack: StackInChild;
  readonly #end: ChildEnd;
  #server: Stream | undefined;
  /** What came of a connect before the proxy asked for one. */
  #kept: ServerResult | undefined;

  constructor(runtime: Runtime, { session, service, server, stack }: ChildOf, end: ChildEnd) {
    this.alarms = runtime.alarms;
    this.#runtime = runtime;
    this.#session = session;
    this.#service = service;
    this.#server = server;
    this.#stack = stack;
    this.#end = end;
  }

  /** What came of a connect before the proxy asked for one: it is for its first connect. */
  keep(result: ServerResult): void {
    this.#kept = result;
  }

  connect({ target }: ServerRequest, done: (result: ServerResult) => void): () => void {
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept !== undefined) return handOver(kept, done);
    const stream = this.#server;
    const address = this.#session.serverAddress;
    this.#server = undefined;
    if (stream !== undefined && address !== undefined)
      return this.#handOver({ stream, address, host: target?.host }, done);
    stream?.destroy();
    return handOver({ ok: false, failure: NO_SECOND_SERVER }, done);
  }

  secure(side: PeerSide, stream: Stream, done: (result: SecureResult) => void): () => void {
    const port = { side, stream, host: undefined, service: this.#service };
    return securePort(this.#runtime, this.#session, port, done);
  }

  giveBack(stream: Stream): void {
    stream.destroy(); // it never said that it may be given back
  }

  #handOver(server: PlainServer, done: (result: ServerResult) => void): () => void {
    if (this.#service.encryption?.server === undefined) {
      const { stream, address } = server;
      return handOver({ ok: true, stream, address }, done);
    }
    return secureServer(this.#runtime, this.#session, this.#service, { stream: server, done });
  }

  expect(request: ExpectRequest, watcher: ExpectWatcher): () => void {
    return expectConnection(this.#runtime, this.#session, request, watcher);
  }

  claim(claimer: ConnectionClaimer): () => void {
    return claimConnections(this.#runtime, this.#session, claimer);
  }

  stack(request: StackRequest, child: ChildListener): RunningChild {
    return this.#stack(request, child);
  }

  sayToParent(word: ChildWord): void {
    this.#end.said(word);
  }

  log(level: LogLevel, code: string, message: string, fields?: LogFields): void {
    this.#runtime.log.line(level, code, message, { session: this.#session.sessionId, ...fields });
  }

  closed(verdict: Verdict, reason: string, message?: string): void {
    this.#server?.destroy(); // never asked for: the parent must see its end all the same
    this.#server = undefined;
    if (this.#kept?.ok === true) this.#kept.stream.destroy();
    this.#end.closed(verdict, reason, message);
  }

  finished(): void {
    this.#end.finished();
  }
}
