// The session of a service, from its start to its record. While nothing happens it rests: then only this and what is left of
// its pump is there.

import type { Service } from '../policy/service.ts';
import type { Copying } from '../proxy/copying.ts';
import type { ProxyContext, ProxyEngine, Refusal } from '../proxy/engine.ts';
import type { AlarmQueue } from './alarm-queue.ts';
import type { Revision } from './connection.ts';
import { writeRecord } from './connection-record.ts';
import type { LiveBeginning, LiveOwner } from './live-proxy.ts';
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

/** A refused client is not asked who it is: it gets nothing either way. */
function contextOf(
  { runtime, session, service }: LiveOwner,
  refusal: Refusal | undefined,
): Omit<ProxyContext, 'session'> {
  const { clock } = runtime.outside;
  if (refusal !== undefined) return { clock, refusal };
  const authenticator = authenticatorOf(runtime, session, service);
  return authenticator === undefined ? { clock } : { clock, authenticator };
}

/** What a session does: an engine, or what takes none, where a client is to be served over TCP and nothing is to be asked. */
function workOf(owner: LiveOwner, refusal: Refusal | undefined): ProxyEngine | Copying {
  const { session, service } = owner;
  const { copying } = service.proxy;
  if (copying !== undefined && refusal === undefined && session.protocol === 'tcp') return copying;
  return makeEngine(service, session, contextOf(owner, refusal));
}

/** The proxy of a session while that runs. */
export class RunningProxy implements RunningSession, LiveOwner, RestOwner {
  place = 0;
  readonly runtime: Runtime;
  readonly session: StackedSession;
  readonly service: Service;
  #now: LiveProxy | RestingPump;

  constructor(
    runtime: Runtime,
    session: StackedSession,
    service: Service,
    beginning?: LiveBeginning,
  ) {
    this.runtime = runtime;
    this.session = session;
    this.service = service;
    this.#now = new LiveProxy(this, workOf(this, beginning?.refusal), beginning);
  }

  start(client: Stream): void {
    this.runtime.sessions.add(this);
    this.live().start(client);
  }

  get alarms(): AlarmQueue {
    return this.runtime.alarms;
  }

  get id(): string {
    return this.session.sessionId;
  }

  get loaded(): Revision {
    return this.session.connection.facts.loaded;
  }

  retire(): void {
    const wasResting = this.#now instanceof RestingPump;
    this.live().retire(wasResting);
  }

  abort(reason: string): void {
    this.live().abort(reason);
  }

  quiet(pump: Pump): void {
    const resting = pump.rest(this);
    if (resting === undefined) return;
    this.#now = resting;
    this.runtime.restGarbage.note();
  }

  /** The proxy, which is woken where it rests. No private methods: each object would have a field for them. */
  live(): LiveProxy {
    const now = this.#now;
    return now instanceof RestingPump ? this.wake(now) : now;
  }

  wake(resting: RestingPump): LiveProxy {
    const live = new LiveProxy(this, wakeEngine(resting.engine));
    this.#now = live;
    live.goOn(resting);
    return live;
  }

  finished(bytes: ByteCounts | undefined): void {
    this.runtime.sessions.delete(this);
    writeRecord(this.runtime, this.session.master, bytes);
  }
}
