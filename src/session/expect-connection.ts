// A connection that a proxy expects (RELATED): who may connect, where it is waited for, and what comes of it. It needs no
// permission of its own, because its session has one; what protects it is that nobody but its peer is let in.

import type { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { bindsOverlap } from '../policy/own-address.ts';
import type { ConnectFailure, ExpectRequest } from '../proxy/engine.ts';
import { listenFailure, NO_SERVER, NOBODY_CAME } from './expect-failure.ts';
import { welcomeFurther } from './further-connection.ts';
import type { Accepted } from './outside.ts';
import type { ExpectWatcher } from './pump-host.ts';
import type { Runtime } from './runtime.ts';
import type { StackedSession } from './session.ts';

// An expectation is a door that stands open: who has not come within ten minutes does not come.
const MAX_TIMEOUT_MS = 600_000;

/** Waits for one connection. Tells nothing before it has returned; the returned function gives up. */
export function expectConnection(
  runtime: Runtime,
  session: StackedSession,
  request: ExpectRequest,
  watcher: ExpectWatcher,
): () => void {
  return new ExpectedConnection(runtime, session, request, watcher).start();
}

interface Meeting {
  readonly peer: IpAddress;
  readonly at: SocketAddress;
}

/** One expectation. */
class ExpectedConnection {
  readonly #runtime: Runtime;
  readonly #session: StackedSession;
  readonly #request: ExpectRequest;
  readonly #watcher: ExpectWatcher;
  /** What must be undone at its end. */
  readonly #cleanups: (() => void)[] = [];
  #isOver = false;

  constructor(
    runtime: Runtime,
    session: StackedSession,
    request: ExpectRequest,
    watcher: ExpectWatcher,
  ) {
    this.#runtime = runtime;
    this.#session = session;
    this.#request = request;
    this.#watcher = watcher;
  }

  start(): () => void {
    const meeting = meetingOf(this.#session, this.#request);
    const { connection } = this.#session;
    const { expectations, outside } = this.#runtime;
    const failure = meeting === undefined ? NO_SERVER : expectations.admit(connection);
    if (meeting === undefined || failure !== undefined)
      this.#soon(() => this.#fail(failure ?? NO_SERVER));
    else {
      this.#cleanups.push(() => expectations.release(connection));
      const timeoutMs = Math.min(this.#request.timeoutMs, MAX_TIMEOUT_MS);
      this.#cleanups.push(outside.clock.after(timeoutMs, () => this.#fail(NOBODY_CAME)));
      if (expectations.listensAt(meeting.at)) this.#waitAtListener(meeting);
      else this.#openPort(meeting);
    }
    return () => this.#end();
  }

  /** A listener of the instance has the address: what it accepts is offered to this session first. */
  #waitAtListener({ peer, at }: Meeting): void {
    this.#soon(() => {
      const take = (_listener: string | undefined, connection: Accepted): boolean => {
        if (!bindsOverlap(at, connection.clientLocal)) return false;
        this.#meet(connection);
        return true;
      };
      this.#cleanups.push(
        this.#runtime.claims.join(
          peer,
          { protocol: 'tcp', port: at.port },
          { priority: 'related', take },
        ),
      );
      this.#watcher.listening(at);
    });
  }

  /** A port is opened for this one connection, and closed after it. */
  #openPort({ peer, at }: Meeting): void {
    const close = this.#runtime.outside.openPort(at, {
      opened: (address) => this.#watcher.listening(address),
      failed: (error) => this.#fail(listenFailure(error)),
      accepted: (connection) => {
        if (connection.clientAddress.address.equals(peer)) this.#meet(connection);
        else this.#turnAway(connection, peer);
      },
    });
    this.#cleanups.push(close);
  }

  /** A third party must not get what is meant for the peer: it is let go, and the expectation stays. */
  #turnAway({ stream, clientAddress, clientLocal }: Accepted, peer: IpAddress): void {
    stream.destroy('reset');
    const message = 'A connection to a port that is open for another peer was reset';
    this.#runtime.log.line('policy', 'dispatch.wrong-peer', message, {
      session: this.#session.sessionId,
      client: String(clientAddress),
      local: String(clientLocal),
      expected: String(peer),
    });
  }

  #meet(connection: Accepted): void {
    this.#end();
    welcomeFurther(this.#session, { connection, port: this.#request.port, kind: 'related' });
    this.#watcher.accepted(connection);
  }

  #fail(failure: ConnectFailure): void {
    this.#end();
    this.#watcher.failed(failure);
  }

  /** Nobody is called back before `expectConnection` has returned, and nobody after the end. */
  #soon(call: () => void): void {
    queueMicrotask(() => {
      if (!this.#isOver) call();
    });
  }

  #end(): void {
    this.#isOver = true;
    for (const cleanUp of this.#cleanups.splice(0)) cleanUp();
  }
}

/** Who connects, and where to; undefined while that hangs on a server that is not there. */
function meetingOf(session: StackedSession, request: ExpectRequest): Meeting | undefined {
  const isOfClient = request.port.startsWith('client');
  const other = isOfClient ? session.clientAddress : session.serverAddress;
  const own = isOfClient ? session.clientLocal : session.serverLocal;
  const peer = request.peer ?? other?.address;
  const at = request.at ?? own?.withPort(0);
  if (peer === undefined || at === undefined) return undefined;
  return { peer: peer.unmapped(), at: SocketAddress.of(at.address.unmapped(), at.port) };
}
