// The surroundings of the pump of one session: its server side, its stacked children, its log lines, its end.

import type { ExpectRequest, LogFields, PeerSide, ServerRequest, Target } from '../proxy/engine.ts';
import type { LogLevel } from '../log/log.ts';
import type { Verdict } from '../proxy/verdict.ts';
import type { AlarmQueue } from './alarm-queue.ts';
import { claimConnections } from './claim-connections.ts';
import { expectConnection } from './expect-connection.ts';
import type { GreetingServer } from './detect-service.ts';
import { handOver } from './hand-over.ts';
import type {
  ByteCounts,
  ChildListener,
  ConnectionClaimer,
  ExpectWatcher,
  PumpHost,
  RunningChild,
  SecureResult,
  ServerResult,
  StackRequest,
} from './pump-host.ts';
import type { Runtime } from './runtime.ts';
import { securePort } from './secure-port.ts';
import { connectServer } from './server-side.ts';
import type { StackedSession } from './session.ts';
import { stackChild } from './stack.ts';
import type { Stream } from './stream.ts';

/** What a session wants to know of its end. */
export interface SessionEnd {
  /** The engine has closed. */
  closed(verdict: Verdict, reason: string, message?: string): void;
  /** The last stream is gone. */
  finished(bytes: ByteCounts): void;
  /** Nothing has happened for a while. */
  quiet?(): void;
}

/** A server that is connected. */
export type ConnectedServer = Omit<Extract<ServerResult, { ok: true }>, 'ok'>;

/** What stands between a session and its servers. */
export interface Beside {
  /** @returns the stream that the session gets for a server. */
  join(server: ConnectedServer): Stream;
}

/** How a session gets its servers, where that is not by connecting whichever its proxy asks for, and nothing else. */
export interface ServedBy {
  /** The server that it has from its beginning. */
  readonly server?: GreetingServer | undefined;
  readonly beside?: Beside | undefined;
  /** The one server that the protocol names, whatever its proxy asks for; undefined: its proxy is asked. */
  readonly onlyTarget?: Target;
}

/** The host of the pump of a session that has a client and a chainer of its own. */
export class SessionHost implements PumpHost {
  readonly #runtime: Runtime;
  readonly #session: StackedSession;
  readonly #end: SessionEnd;
  readonly #beside: Beside | undefined;
  readonly #onlyTarget: Target | undefined;
  /** What came of a connect before the session began; a server is for the first connect that names no other. */
  #server: ServerResult | undefined;
  /** What the protocol called the server that was asked for last. */
  #serverName: string | undefined;

  constructor(runtime: Runtime, session: StackedSession, end: SessionEnd, served?: ServedBy) {
    this.#runtime = runtime;
    this.#session = session;
    this.#server = served?.server && { ok: true, ...served.server };
    this.#beside = served?.beside;
    this.#onlyTarget = served?.onlyTarget;
    this.#end = end;
  }

  get alarms(): AlarmQueue {
    return this.#runtime.alarms;
  }

  /** What came of a connect before the proxy asked for one: it is for its first connect. */
  keep(result: ServerResult): void {
    this.#dropServer();
    this.#server = result;
  }

  /** Whether another one that is made anew would do as well. */
  get mayRest(): boolean {
    const hasServer = this.#server !== undefined || this.#onlyTarget !== undefined;
    return !hasServer && this.#beside === undefined;
  }

  #dropServer(): void {
    if (this.#server?.ok === true) this.#server.stream.destroy();
    this.#server = undefined;
  }

  connect(request: ServerRequest, done: (result: ServerResult) => void): () => void {
    this.#serverName = (this.#onlyTarget ?? request.target)?.host;
    const server = this.#server;
    const isChosen = this.#onlyTarget !== undefined || !this.#session.targetAddressInband;
    const join = this.#beside === undefined ? done : joining(this.#beside, done);
    if (server !== undefined && (request.target === undefined || isChosen)) {
      this.#server = undefined;
      return handOver(server, join);
    }
    this.#dropServer();
    const only = this.#onlyTarget;
    const asked = only === undefined ? request : { target: only };
    return connectServer(this.#runtime, this.#session, asked, join);
  }

  secure(side: PeerSide, stream: Stream, done: (result: SecureResult) => void): () => void {
    const { service } = this.#session.connection.facts;
    const port = { side, stream, host: this.#serverName, service };
    return securePort(this.#runtime, this.#session, port, done);
  }

  giveBack(stream: Stream): void {
    this.#runtime.servers.giveBack(stream);
  }

  expect(request: ExpectRequest, watcher: ExpectWatcher): () => void {
    return expectConnection(this.#runtime, this.#session, request, watcher);
  }

  claim(claimer: ConnectionClaimer): () => void {
    return claimConnections(this.#runtime, this.#session, claimer);
  }

  stack(request: StackRequest, child: ChildListener): RunningChild {
    return stackChild(this.#runtime, this.#session, request, child);
  }

  sayToParent(): void {
    // The first proxy of a connection has no parent.
  }

  log(level: LogLevel, code: string, message: string, fields?: LogFields): void {
    this.#runtime.log.line(level, code, message, { session: this.#session.sessionId, ...fields });
  }

  closed(verdict: Verdict, reason: string, message?: string): void {
    this.#dropServer(); // its proxy never asked for it
    this.#end.closed(verdict, reason, message);
  }

  finished(bytes: ByteCounts): void {
    this.#end.finished(bytes);
  }

  quiet(): void {
    this.#end.quiet?.();
  }
}

/** Joins what is beside a session to its server: that is nobody else's any more. */
function joining(
  beside: Beside,
  done: (result: ServerResult) => void,
): (result: ServerResult) => void {
  return (result) => {
    if (result.ok) done({ ok: true, stream: beside.join(result), address: result.address });
    else done(result);
  };
}
