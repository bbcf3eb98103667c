// Stacking: a proxy runs on the payload of another. Two in-memory links join them: the parent's pump has the near ends,
// the child's pump the far ones. The child's server connection is the far end of the second link, handed out once.

import { decideStack } from '../policy/decide-stack.ts';
import type { LogLevel } from '../log/log.ts';
import type {
  ConnectFailure,
  ExpectRequest,
  LogFields,
  PeerSide,
  StackedChild,
  ServerRequest,
} from '../proxy/engine.ts';
import type { Service } from '../policy/service.ts';
import { contentHint } from '../proxy/content-hint.ts';
import type { ContentVerdict } from '../proxy/content-verdict.ts';
import { isDeclared } from '../proxy/policy-fault.ts';
import type { Program } from '../proxy/program.ts';
import type { Verdict } from '../proxy/verdict.ts';
import { claimConnections } from './claim-connections.ts';
import { DecodedStream } from './decoded-stream.ts';
import { expectConnection } from './expect-connection.ts';
import { handOver } from './hand-over.ts';
import { makeEngine } from './make-engine.ts';
import type { AdmittedClient, ServerAsked } from './admit-client.ts';
import { admitClient } from './admit-client.ts';
import type { PlainServer } from './secured-sides.ts';
import { secureServer } from './secured-sides.ts';
import { securePort } from './secure-port.ts';
import { authenticatorOf } from './session-authenticator.ts';
import type { AlarmQueue } from './alarm-queue.ts';
import { BOUNDED_BY_PARENT } from './pump-bounds.ts';
import { Pump } from './pump.ts';
import { RETIRED, startPump } from './retirement.ts';
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
import type { Runtime } from './runtime.ts';
import { StackedSession } from './session.ts';
import type { ChildStart } from './stack-program.ts';
import { NOT_RUNNING, startProgram } from './stack-program.ts';
import type { Stream } from './stream.ts';

// A proxy in a proxy in a proxy is deep; a policy whose services stack one another in a circle must not go on for ever.
const MAX_STACK_DEPTH = 8;

/** Starts a service or a program under the proxy of a session, if the policy permits it. */
export function stackChild(
  runtime: Runtime,
  parent: StackedSession,
  request: StackRequest,
  listener: ChildListener,
): RunningChild {
  const permission = permit(runtime, parent, request.child);
  if (!permission.ok) {
    listener.refused(permission.failure);
    return NOT_RUNNING;
  }
  const { child } = permission;
  const session = new StackedSession(
    parent,
    child.kind === 'service' ? child.proxy.name : child.name,
  );
  session.set(contentHint, request.hint); // also without one: that of the parent is about other contents
  parent.connection.recordStacked(child.name);
  const start: ChildStart = {
    runtime,
    session,
    listener: decoding(runtime, request, listener),
    finished: () => {
      runtime.counters.stop(child.name);
    },
  };
  return child.kind === 'service' ? new ServiceChild(child, start) : startProgram(child, start);
}

/** Puts a decoder before the child, where its parent asks for one. */
function decoding(runtime: Runtime, request: StackRequest, listener: ChildListener): ChildListener {
  const { decode } = request;
  if (decode === undefined) return listener;
  const { makeDecoder } = runtime.outside;
  const failed = (verdict: ContentVerdict): void => {
    listener.said({ type: 'stack-content-verdict', verdict });
  };
  return {
    started: ({ client, server }) => {
      const decoded = new DecodedStream(client, { decoding: decode, makeDecoder, failed });
      listener.started({ client: decoded, server });
    },
    refused: (failure) => {
      listener.refused(failure);
    },
    said: (word) => {
      listener.said(word);
    },
    ended: (verdict, reason, message) => {
      listener.ended(verdict, reason, message);
    },
  };
}

type Permission =
  | { readonly ok: true; readonly child: Service | Program }
  | { readonly ok: false; readonly failure: ConnectFailure };

/** Whether a child may run now; if so it is counted. A program belongs to the service that stacks it: no list names it. */
function permit(runtime: Runtime, parent: StackedSession, asked: StackedChild): Permission {
  // A function of the policy may answer with anything that looks like one. Services are looked up by their names.
  const isMade = asked.kind === 'program' ? isDeclared(asked) : isText(asked.name);
  if (!isMade) return { ok: false, failure: IMITATION };
  const permission: Permission =
    asked.kind === 'program' ? { ok: true, child: asked } : permitService(parent, asked.name);
  if (!permission.ok) return permission;
  if (parent.depth >= MAX_STACK_DEPTH) return { ok: false, failure: TOO_DEEP };
  const { child } = permission;
  const maxInstances = child.kind === 'program' ? child.maxInstances : child.limits.maxInstances;
  return runtime.counters.start(child.name, maxInstances)
    ? permission
    : { ok: false, failure: TOO_MANY };
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function permitService(parent: StackedSession, name: string): Permission {
  const { clientZone, serverZone } = parent.master;
  const { loaded, rule } = parent.connection.facts;
  const startedBy = rule === undefined ? 'listener' : 'rule';
  const decision = decideStack(loaded.policy, { name, clientZone, serverZone, startedBy });
  return decision.ok ? { ok: true, child: decision.service } : decision;
}

/** The proxy of a service, which runs between two links. */
class ServiceChild implements RunningChild {
  readonly #start: ChildStart;
  readonly #host: ChildHost;
  readonly #pump: Pump;
  readonly #client: Stream;
  readonly #server: Stream;
  #state: 'securing' | 'running' | 'over' = 'securing';
  /** Gives up the handshake of TLS with the client, while it lasts. */
  #giveUp: (() => void) | undefined;

  constructor(service: Service, start: ChildStart) {
    const { runtime, session, listener } = start;
    const { clock } = runtime.outside;
    const [nearClient, farClient] = runtime.outside.linkPair();
    const [nearServer, farServer] = runtime.outside.linkPair();
    this.#start = start;
    this.#client = farClient;
    this.#server = farServer;
    const childOf = { session, service, server: farServer };
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
    endUnborn(this.#start, result.failure);
  }
}

/** Ends a child whose client never came to its proxy. */
function endUnborn(start: ChildStart, { verdict, reason, message }: ConnectFailure): void {
  const { session, listener } = start;
  session.connection.end(verdict, reason, message); // its parent sees a tunnel break, and knows no better
  listener.ended(verdict, reason, message);
  start.finished();
}

const IMITATION: ConnectFailure = {
  reason: 'policy.invalid-result',
  verdict: 'invalid-policy-call',
  message:
    'What a function of the policy stacks was made by neither service() nor program(): return one of those that the policy has',
};

const TOO_DEEP: ConnectFailure = {
  reason: 'limit.stack-depth',
  verdict: 'denied-by-limit',
  message: `Services may be stacked ${String(MAX_STACK_DEPTH)} deep at most`,
};

const TOO_MANY: ConnectFailure = {
  reason: 'limit.max-instances',
  verdict: 'denied-by-limit',
  message: 'The stacked service or program has as many sessions as it may have',
};

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
  readonly #end: ChildEnd;
  #server: Stream | undefined;
  /** What came of a connect before the proxy asked for one. */
  #kept: ServerResult | undefined;

  constructor(runtime: Runtime, { session, service, server }: ChildOf, end: ChildEnd) {
    this.alarms = runtime.alarms;
    this.#runtime = runtime;
    this.#session = session;
    this.#service = service;
    this.#server = server;
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
    return stackChild(this.#runtime, this.#session, request, child);
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
