// The session of a service, from its start to its record. While nothing happens it rests: then only this and what is left of
// its pump is there.

import type { Service } from '../policy/service.ts';
import type { Copying } from '../proxy/copying.ts';
import type { ProxyContext, Refusal } from '../proxy/engine.ts';
import type { AlarmQueue } from './alarm-queue.ts';
import type { Revision } from './connection.ts';
import { writeRecord } from './connection-record.ts';
import type { GreetingServer } from './detect-service.ts';
import type { LiveOwner } from './live-proxy.ts';
import { LiveProxy } from './live-proxy.ts';
import { makeEngine, wakeEngine } from './make-engine.ts';
import type { Pump } from './pump.ts';
import type { ByteCounts } from './pump-host.ts';
import { RestingPump } from './resting-pump.ts';
import type { RestOwner } from './resting-pump.ts';
import type { RunningSession } from './running-sessions.ts';
import type { Runtime } from './runtime.ts';
import type { StackedSession } from './session.ts';
import { authenticatorOf } from './session-authenticator.ts';
import type { Stream } from './stream.ts';

/** What a session starts with. */
export interface ProxyStart {
  readonly session: StackedSession;
  readonly service: Service;
  /** A server that is connected already. */
  readonly server?: GreetingServer | undefined;
  /** Why it is refused: then it only tells its client so. */
  readonly refusal?: Refusal;
}

/** A refused client is not asked who it is: it gets nothing either way. */
function contextOf(
  runtime: Runtime,
  { session, service, refusal }: ProxyStart,
): Omit<ProxyContext, 'session'> | undefined {
  if (refusal !== undefined) return { refusal };
  const authenticator = authenticatorOf(runtime, session, service);
  return authenticator === undefined ? undefined : { authenticator };
}

/** What a session does that needs no engine for it: a client is to be served, over TCP, and nothing is to be asked. */
function copyingOf({ session, service, refusal }: ProxyStart): Copying | undefined {
  return refusal === undefined && session.protocol === 'tcp' ? service.proxy.copying : undefined;
}

/** The proxy of a session while that runs. */
export class RunningProxy implements RunningSession, LiveOwner, RestOwner {
  place = 0;
  readonly #runtime: Runtime;
  readonly #session: StackedSession;
  readonly #service: Service;
  #now: LiveProxy | RestingPump;

  constructor(runtime: Runtime, start: ProxyStart) {
    const { session, service, server, refusal } = start;
    this.#runtime = runtime;
    this.#session = session;
    this.#service = service;
    const isRefusal = refusal !== undefined;
    const work = copyingOf(start) ?? makeEngine(service, session, contextOf(runtime, start));
    this.#now = new LiveProxy(runtime, { session, service, work, server, isRefusal }, this);
  }

  start(client: Stream): void {
    this.#runtime.sessions.add(this);
    this.live().start(client);
  }

  get alarms(): AlarmQueue {
    return this.#runtime.alarms;
  }

  get id(): string {
    return this.#session.sessionId;
  }

  get loaded(): Revision {
    return this.#session.connection.facts.loaded;
  }

  abort(reason: string): void {
    this.live().abort(reason);
  }

  quiet(pump: Pump): void {
    const resting = pump.rest(this);
    if (resting === undefined) return;
    this.#now = resting;
    this.#runtime.restGarbage.note();
  }

  /** The proxy, which is woken where it rests. No private methods: each object would have a field for them. */
  live(): LiveProxy {
    const now = this.#now;
    return now instanceof RestingPump ? this.wake(now) : now;
  }

  wake(resting: RestingPump): LiveProxy {
    const [session, service] = [this.#session, this.#service];
    const work = wakeEngine(resting.engine);
    const live = new LiveProxy(this.#runtime, { session, service, work }, this);
    this.#now = live;
    live.goOn(resting);
    return live;
  }

  finished(bytes: ByteCounts | undefined): void {
    this.#runtime.sessions.delete(this);
    writeRecord(this.#runtime, this.#session.master, bytes);
  }
}
