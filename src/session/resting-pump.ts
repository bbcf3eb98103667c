// A session at rest: nothing is under way, and what its pump and its engine had is given up but for what cannot be made
// anew. There may be many thousand, so it is one object.

import type { ProxyEngine, RestingEngine } from '../proxy/engine.ts';
import { AWAKE } from './alarm-queue.ts';
import type { AlarmQueue, Sleeper } from './alarm-queue.ts';
import type { ByteCounts } from './pump-host.ts';
import type { OpeningOwner, PortOpenings } from './port-openings.ts';
import type { PumpPort } from './pump-port.ts';
import type { PumpPorts } from './pump-ports.ts';
import type { PumpTimers } from './pump-timers.ts';
import type { RestingStream, StreamSleeper } from './stream.ts';

/** Who has a session at rest. */
export interface RestOwner {
  readonly alarms: AlarmQueue;
  /** It is to go on now: something has happened, or its timer is due. */
  wake(resting: RestingPump): void;
}

/** The parts of a pump that something is left of. */
export interface RestingParts {
  readonly ports: PumpPorts;
  readonly timers: PumpTimers;
}

/** What is left of a pump. The first thing that happens to one of its streams wakes it, and so does its timer. */
export class RestingPump implements Sleeper, StreamSleeper, ByteCounts {
  place = AWAKE;
  wakeAt = 0;
  readonly engine: RestingEngine;
  readonly fromClient: number;
  readonly toClient: number;
  readonly fromServer: number;
  readonly toServer: number;
  readonly #owner: RestOwner;
  /** The name of the timer that it has, which is due when it is woken. */
  readonly #timer: string | undefined;
  #client: RestingStream | undefined;
  #server: RestingStream | undefined;

  constructor(owner: RestOwner, engine: RestingEngine, counts: ByteCounts, timer?: string) {
    this.engine = engine;
    this.fromClient = counts.fromClient;
    this.toClient = counts.toClient;
    this.fromServer = counts.fromServer;
    this.toServer = counts.toServer;
    this.#owner = owner;
    this.#timer = timer;
  }

  /** Puts the streams of both ports to rest; false, and they are as they were, where that cannot be. */
  take(client: PumpPort, server: PumpPort | undefined): boolean {
    if (server !== undefined) {
      this.#server = server.rest(this);
      if (this.#server === undefined) return false;
    }
    this.#client = client.rest(this);
    if (this.#client !== undefined) return true;
    if (this.#server !== undefined) server?.wake(this.#server);
    return false;
  }

  /** Hands all that there is to a new pump, and wakes the streams. Once. */
  handOver({ ports, timers }: RestingParts, pump: Pick<OpeningOwner, 'attach'>): void {
    const name = this.#timer;
    const isDue = name !== undefined && this.place === AWAKE; // the queue has taken its alarm out
    this.#owner.alarms.remove(this);
    ports.goOn(this);
    timers.goOn({ name, dueAt: name === undefined ? Infinity : this.wakeAt });
    if (this.#server !== undefined) pump.attach('server', this.#server.wake());
    if (this.#client !== undefined) pump.attach('client', this.#client.wake());
    if (isDue) timers.wake();
  }

  stirs(): void {
    this.#owner.wake(this);
  }

  wake(): void {
    this.#owner.wake(this);
  }
}

/** Puts to rest what a pump has; undefined, and nothing has changed, where something is under way. */
export function restingPump(
  engine: ProxyEngine,
  { ports, timers, openings }: RestingParts & { readonly openings: PortOpenings },
  owner: RestOwner,
): RestingPump | undefined {
  const timer = timers.resting;
  const client = ports.get('client');
  const server = ports.get('server');
  const hasOthers = ports.size !== (server === undefined ? 1 : 2) || !openings.isEmpty;
  if (timer === undefined || client === undefined || hasOthers) return undefined;
  const left = engine.rest?.();
  if (left === undefined) return undefined;
  const resting = new RestingPump(owner, left, ports.count(), timer.name);
  if (!resting.take(client, server)) return undefined;
  timers.clear();
  if (timer.name !== undefined) owner.alarms.set(resting, timer.dueAt);
  return resting;
}
