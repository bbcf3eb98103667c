// Stacking: a proxy runs on the payload of another. Two in-memory links join them: the parent's pump has the near ends,
// the child's pump the far ones. The child's server connection is the far end of the second link, handed out once.

import { decideStack } from '../policy/decide-stack.ts';
import type { LogLevel } from '../log/log.ts';
import type {
  ConnectFailure,
  ExpectRequest,
  LogFields,
  StackedService,
  Target,
} from '../proxy/engine.ts';
import type { Verdict } from '../proxy/verdict.ts';
import { claimConnections } from './claim-connections.ts';
import { expectConnection } from './expect-connection.ts';
import { makeEngine } from './make-engine.ts';
import type { Clock } from './outside.ts';
import { Pump } from './pump.ts';
import type {
  ConnectionClaimer,
  EndBounds,
  ExpectWatcher,
  PumpHost,
  ServerResult,
  StackResult,
} from './pump-host.ts';
import type { Runtime } from './runtime.ts';
import { StackedSession } from './session.ts';
import type { Stream } from './stream.ts';

// A proxy in a proxy in a proxy is deep; a policy whose services stack one another in a circle must not go on for ever.
const MAX_STACK_DEPTH = 8;

/** Starts a service under the proxy of a session, if the policy permits it. */
export function stackChild(
  runtime: Runtime,
  parent: StackedSession,
  stackable: StackedService,
  ended: (verdict: Verdict, reason: string) => void,
): StackResult {
  const { clientZone, serverZone } = parent.master;
  const { policy } = parent.connection.facts.loaded;
  const decision = decideStack(policy, { name: stackable.name, clientZone, serverZone });
  if (!decision.ok) return decision;
  const { service } = decision;
  if (parent.depth >= MAX_STACK_DEPTH) return { ok: false, failure: TOO_DEEP };
  if (!runtime.counters.start(service.name, service.limits.maxInstances))
    return { ok: false, failure: TOO_MANY };
  const session = new StackedSession(parent, service.proxy.name);
  parent.connection.recordStacked(service.name);
  const [nearClient, farClient] = runtime.outside.linkPair();
  const [nearServer, farServer] = runtime.outside.linkPair();
  const host = new ChildHost(runtime, session, farServer, {
    closed: ended,
    finished: () => {
      runtime.counters.stop(service.name);
    },
  });
  const pump = new Pump(makeEngine(service, session), host, BOUNDED_BY_PARENT);
  queueMicrotask(() => {
    pump.start(farClient);
  });
  const abort = (): void => {
    pump.abort('accepted', 'parent-ended');
    farServer.destroy();
  };
  return { ok: true, child: { client: nearClient, server: nearServer, abort } };
}

// The parent takes the child's last bytes at the pace of its own peer, and ends the child when it ends itself.
const BOUNDED_BY_PARENT: EndBounds = { lingerMs: Infinity, maxDiscardedBytes: Infinity };

const TOO_DEEP: ConnectFailure = {
  reason: 'limit.stack-depth',
  verdict: 'denied-by-limit',
  message: `Services may be stacked ${String(MAX_STACK_DEPTH)} deep at most`,
};

const TOO_MANY: ConnectFailure = {
  reason: 'limit.max-instances',
  verdict: 'denied-by-limit',
  message: 'The stacked service has as many sessions as it may have',
};

const NO_SECOND_SERVER: ConnectFailure = {
  reason: 'stack.server-taken',
  verdict: 'denied-by-unknown-fail',
  message: 'A stacked proxy gets the connection of its parent, and only once',
};

interface ChildEnd {
  closed(verdict: Verdict, reason: string): void;
  finished(): void;
}

/** The surroundings of a stacked child's pump. */
class ChildHost implements PumpHost {
  readonly clock: Clock;
  readonly #runtime: Runtime;
  readonly #session: StackedSession;
  readonly #end: ChildEnd;
  #server: Stream | undefined;

  constructor(runtime: Runtime, session: StackedSession, server: Stream, end: ChildEnd) {
    this.clock = runtime.outside.clock;
    this.#runtime = runtime;
    this.#session = session;
    this.#server = server;
    this.#end = end;
  }

  connect(_target: Target | undefined, done: (result: ServerResult) => void): () => void {
    const stream = this.#server;
    const address = this.#session.serverAddress;
    this.#server = undefined;
    let isGivenUp = false;
    queueMicrotask(() => {
      if (!isGivenUp && stream !== undefined && address !== undefined) {
        done({ ok: true, stream, address });
        return;
      }
      stream?.destroy();
      if (!isGivenUp) done({ ok: false, failure: NO_SECOND_SERVER });
    });
    return () => {
      isGivenUp = true;
    };
  }

  expect(request: ExpectRequest, watcher: ExpectWatcher): () => void {
    return expectConnection(this.#runtime, this.#session, request, watcher);
  }

  claim(claimer: ConnectionClaimer): () => void {
    return claimConnections(this.#runtime, this.#session, claimer);
  }

  stack(service: StackedService, ended: (verdict: Verdict, reason: string) => void): StackResult {
    return stackChild(this.#runtime, this.#session, service, ended);
  }

  log(level: LogLevel, code: string, message: string, fields?: LogFields): void {
    this.#runtime.log.line(level, code, message, { session: this.#session.sessionId, ...fields });
  }

  closed(verdict: Verdict, reason: string): void {
    this.#server?.destroy(); // never asked for: the parent must see its end all the same
    this.#server = undefined;
    this.#end.closed(verdict, reason);
  }

  finished(): void {
    this.#end.finished();
  }
}
