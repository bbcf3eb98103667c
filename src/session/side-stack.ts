// Proxies beside a session: its server side is a link to another proxy, which has the server. The server is decided on and
// connected first, so that a failure is told to the session as any other, and every zone and list counts once.

import type { Chainer, SideStackChainer } from '../policy/chainer.ts';
import { makeEngine } from './make-engine.ts';
import { Pump } from './pump.ts';
import { RETIRED, startPump } from './retirement.ts';
import type { Runtime } from './runtime.ts';
import type { ConnectedServer } from './session-host.ts';
import { SessionHost } from './session-host.ts';
import { StackedSession } from './session.ts';
import type { Stream } from './stream.ts';

// What the proxy beside has still to deliver when its session is over may take as long as a session's own last bytes.
const END_TIMEOUT_MS = 10_000;

/** What stands beside a session by its chainer; undefined for a chainer that only connects, as nearly all do. */
export function sideStackOf(
  runtime: Runtime,
  session: StackedSession,
  chainer: Chainer,
): SideStack | undefined {
  return chainer.type === 'side-stack' ? new SideStack(runtime, session, chainer) : undefined;
}

/** The proxies beside one session. */
export class SideStack {
  readonly #runtime: Runtime;
  readonly #session: StackedSession;
  readonly #chainer: SideStackChainer;
  /** Made for the first of them: nearly no session has any. */
  #running: Set<Pump> | undefined;
  #cancelEnd: (() => void) | undefined;

  constructor(runtime: Runtime, session: StackedSession, chainer: SideStackChainer) {
    this.#runtime = runtime;
    this.#session = session;
    this.#chainer = chainer;
  }

  /** Puts a proxy between the session and a connected server. @returns the stream that the session gets for its server. */
  join(server: ConnectedServer): Stream {
    const chainer = this.#chainer;
    const [near, far] = this.#runtime.outside.linkPair();
    const session = new StackedSession(this.#session, chainer.proxy.name);
    const beside = sideStackOf(this.#runtime, session, chainer.chainer);
    const { address } = server;
    const onlyTarget = { host: String(address.address), port: address.port };
    const host = new SessionHost(
      this.#runtime,
      session,
      {
        closed: (verdict, reason, message) => {
          // How the session ends is for its own proxy to say, unless the one beside has denied it.
          if (verdict !== 'accepted') session.connection.end(verdict, reason, message);
        },
        finished: () => {
          this.#finished(pump);
          beside?.end();
        },
      },
      { server, beside, onlyTarget },
    );
    const pump = new Pump(
      makeEngine(chainer, session, { clock: this.#runtime.outside.clock }),
      host,
    );
    (this.#running ??= new Set()).add(pump);
    queueMicrotask(() => {
      startPump(pump, far, session);
    });
    return near;
  }

  /** Its policy is retired. */
  retire(): void {
    for (const pump of [...(this.#running ?? [])]) pump.post(RETIRED);
  }

  /** The session is over: what runs beside it has only its last bytes to deliver. */
  end(): void {
    const running = this.#running;
    if (running === undefined || running.size === 0) return;
    this.#cancelEnd = this.#runtime.outside.clock.after(END_TIMEOUT_MS, () => {
      for (const pump of [...running]) pump.abort('accepted', 'parent-ended');
    });
  }

  #finished(pump: Pump): void {
    this.#running?.delete(pump);
    if (this.#running?.size === 0) this.#cancelEnd?.();
  }
}
