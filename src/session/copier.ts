// A session that only copies: what a plug does that has nothing to ask, without an engine. To those outside it is no other
// than the pump with such an engine (a law holds it to that), only cheaper.

import type { Copying, CopyingEnding } from '../proxy/copying.ts';
import type { Bytes, PeerSide, ServerRequest } from '../proxy/engine.ts';
import type { Verdict } from '../proxy/verdict.ts';
import { AWAKE } from './alarm-queue.ts';
import type { Sleeper } from './alarm-queue.ts';
import { OWN_BOUNDS } from './pump-bounds.ts';
import type { PumpBounds } from './pump-bounds.ts';
import type { ByteCounts, PumpHost, ServerResult } from './pump-host.ts';
import { PumpPort } from './pump-port.ts';
import type { PortOwner } from './pump-port.ts';
import { relayStep } from './relay.ts';
import type { RunningRelay } from './relay.ts';
import type { Stream } from './stream.ts';

/** What a session that copies asks of its surroundings. */
export type CopierHost = Pick<PumpHost, 'alarms' | 'connect' | 'log' | 'closed' | 'finished'>;

/** Who ends a session from outside gives no message. */
type Ending = Pick<CopyingEnding, 'verdict' | 'reason'> & Partial<CopyingEnding>;

/** Whichever server the router names. */
const ANY_SERVER: ServerRequest = {};

/** Copies bytes between a client and the server of its session. */
export class Copier implements PortOwner, Sleeper {
  place = AWAKE;
  wakeAt = 0;
  readonly #copying: Copying;
  readonly #host: CopierHost;
  readonly #bounds: PumpBounds;
  #state: 'connecting' | 'copying' | 'closing' | 'finished' = 'connecting';
  #client: PumpPort | undefined;
  #server: PumpPort | undefined;
  #giveUp: (() => void) | undefined;
  #lastTraffic = 0;

  constructor(copying: Copying, host: CopierHost, bounds: PumpBounds = OWN_BOUNDS) {
    this.#copying = copying;
    this.#host = host;
    this.#bounds = bounds;
  }

  /** Connects the server for a client, which is not read before. */
  start(client: Stream): void {
    try {
      this.#client = this.#portOf('client', client);
      this.#client.holdForEngine();
      this.#giveUp = this.#host.connect(ANY_SERVER, (result) => this.#answered(result));
    } catch (bug) {
      this.#fail(bug);
    }
  }

  /** Ends the session now, dropping what has not been delivered. */
  abort(verdict: Verdict, reason: string): void {
    if (this.#isRunning) this.#close({ verdict, reason }, 'reset');
    else this.#destroy('reset');
  }

  get #isRunning(): boolean {
    return this.#state === 'connecting' || this.#state === 'copying';
  }

  #portOf(name: PeerSide, stream: Stream): PumpPort {
    const port = new PumpPort(name, stream, this, this.#bounds.maxDiscardedBytes);
    stream.listen(port);
    return port;
  }

  #answered(result: ServerResult): void {
    this.#giveUp = undefined;
    if (this.#state !== 'connecting') {
      if (result.ok) result.stream.destroy();
      return;
    }
    try {
      if (result.ok) this.#copy(result.stream);
      else this.#close(result.failure);
    } catch (bug) {
      this.#fail(bug);
    }
  }

  #copy(stream: Stream): void {
    const { copyToServer, copyToClient, timeoutMs } = this.#copying;
    const client = this.#client;
    const server = this.#portOf('server', stream);
    this.#server = server;
    this.#state = 'copying';
    this.#host.alarms.set(this, this.#host.alarms.now() + timeoutMs);
    if (copyToServer) client?.startRelay(relayTo('server', server));
    if (copyToClient) server.startRelay(relayTo('client', client));
    client?.releaseForEngine();
    this.#run();
  }

  portReceived(port: PumpPort, bytes: Bytes): void {
    if (!this.#isRunning || port.isLeaving) return; // what still comes is discarded
    this.#lastTraffic = this.#host.alarms.now();
    if (port.hasPending || !port.isOpen) {
      port.keep(bytes);
      return;
    }
    try {
      this.#pass(port, bytes, port.stream.ownership);
    } catch (bug) {
      this.#fail(bug);
    }
  }

  /** Bytes that are not copied are thrown away. */
  #pass(port: PumpPort, bytes: Bytes, ownership: Stream['ownership']): void {
    const { relay } = port;
    if (relay === undefined) return;
    relayStep(relay, port, bytes, ownership);
    if (bytes.length >= this.#bounds.minMovedRead) port.moveRelay();
  }

  portEnded(): void {
    this.#run();
  }

  portDrained(): void {
    this.#lastTraffic = this.#host.alarms.now();
  }

  portMoved(): void {
    this.#lastTraffic = this.#host.alarms.now();
  }

  portClosed(port: PumpPort): void {
    if (this.#isRunning && !port.isLeaving) this.#run();
    else this.#finishIfDone();
  }

  /** Does what is due on either side. */
  #run(): void {
    try {
      this.#runPort(this.#client, this.#server);
      this.#runPort(this.#server, this.#client);
    } catch (bug) {
      this.#fail(bug);
    }
  }

  #runPort(port: PumpPort | undefined, partner: PumpPort | undefined): void {
    if (port === undefined || !this.#isRunning) return;
    while (port.hasPending) {
      const bytes = port.takePending();
      if (bytes === undefined) break;
      this.#pass(port, bytes, 'given');
    }
    if (!port.isEndDue) return;
    port.cutRelay();
    const { error } = port.takeEnd();
    if (error === undefined) this.#end(port, partner);
    // Passed on as a reset, so that the other side cannot mistake a cut for an end.
    else this.#close(this.#copying.endings.broken(sideOf(port), error), 'reset');
  }

  #end(port: PumpPort, partner: PumpPort | undefined): void {
    const { endings, endsSoftly } = this.#copying;
    if (!endsSoftly || partner === undefined) {
      this.#close(endings.ended[sideOf(port)]);
      return;
    }
    partner.end();
    if (partner.isEndTold) this.#close(endings.bothEnded);
  }

  wake(): void {
    const { alarms } = this.#host;
    if (this.#state === 'closing') {
      this.#destroy();
      return;
    }
    const dueAt = this.#lastTraffic + this.#copying.timeoutMs;
    if (dueAt > alarms.now()) alarms.set(this, dueAt);
    else this.#close(this.#copying.endings.timedOut);
  }

  #close({ verdict, reason, message }: Ending, how?: 'reset'): void {
    if (!this.#isRunning) return;
    this.#state = 'closing';
    this.#giveUp?.();
    this.#giveUp = undefined;
    const { alarms } = this.#host;
    alarms.set(this, alarms.now() + this.#bounds.lingerMs);
    this.#host.closed(verdict, reason, message);
    this.#client?.leave();
    this.#server?.leave();
    if (how === 'reset') this.#destroy(how);
    else {
      this.#client?.end();
      this.#server?.end();
    }
    this.#finishIfDone();
  }

  #destroy(how?: 'reset'): void {
    if (isOpen(this.#client)) this.#client.stream.destroy(how);
    if (isOpen(this.#server)) this.#server.stream.destroy(how);
  }

  #finishIfDone(): void {
    if (this.#state !== 'closing' || isOpen(this.#client) || isOpen(this.#server)) return;
    this.#state = 'finished';
    this.#host.alarms.remove(this);
    this.#host.finished(countBytes(this.#client, this.#server));
  }

  /** The boundary of one session: a bug of ours ends it and nothing else. */
  #fail(bug: unknown): void {
    const stack = bug instanceof Error ? bug.stack : String(bug);
    const code = 'session.internal-error';
    this.#host.log('error', code, 'A session failed on an error of Zorp', { stack });
    this.abort('denied-by-unknown-fail', code);
  }
}

function relayTo(side: PeerSide, target: PumpPort | undefined): RunningRelay {
  return { to: side, target, remaining: Infinity, bytes: 0 };
}

/** Whether there is a stream that is not gone. */
function isOpen(port: PumpPort | undefined): port is PumpPort {
  return port?.isClosed === false;
}

function countBytes(client: PumpPort | undefined, server: PumpPort | undefined): ByteCounts {
  return {
    fromClient: client?.receivedBytes ?? 0,
    toClient: client?.sentBytes ?? 0,
    fromServer: server?.receivedBytes ?? 0,
    toServer: server?.sentBytes ?? 0,
  };
}

function sideOf({ name }: PumpPort): PeerSide {
  return name === 'client' ? 'client' : 'server';
}
