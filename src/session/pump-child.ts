// The stacked child of one pump: it is started, its links become ports, and its verdict is told after its last bytes.

import type { Port, ProxyEvent } from '../proxy/engine.ts';
import type { PumpHost, RunningChild, StackRequest } from './pump-host.ts';
import type { PumpPorts } from './pump-ports.ts';
import type { Stream } from './stream.ts';

const NEAR_ENDS: readonly Port[] = ['stack-client', 'stack-server'];

/** What a child asks of the pump of its parent. */
export interface ChildOwner {
  /** Makes a port of a stream. */
  attach(name: Port, stream: Stream): void;
  /** Something for the engine, after all that came before. */
  post(event: ProxyEvent): void;
  /** Something is due. */
  wake(): void;
}

interface Child {
  readonly kind: StackRequest['child']['kind'];
  /** Known as soon as the host has returned it. */
  running: RunningChild | undefined;
  /** How it ended, until the engine is told. */
  verdict: Extract<ProxyEvent, { type: 'stack-verdict' }> | undefined;
}

/** The one child that a pump may have at a time. */
export class PumpChild {
  readonly #host: PumpHost;
  readonly #ports: PumpPorts;
  readonly #owner: ChildOwner;
  /** The child that was asked for and does not run yet. */
  #awaited: Child | undefined;
  /** The child that runs, or ran last. */
  #running: Child | undefined;

  constructor(host: PumpHost, ports: PumpPorts, owner: ChildOwner) {
    this.#host = host;
    this.#ports = ports;
    this.#owner = owner;
  }

  /** Starts a child; an earlier one is ended when this one runs. */
  start(request: StackRequest): void {
    this.giveUp();
    const { kind } = request.child;
    const child: Child = { kind, running: undefined, verdict: undefined };
    this.#awaited = child;
    child.running = this.#host.stack(request, {
      started: ({ client, server }) => {
        if (this.#awaited !== child) {
          client.destroy();
          server.destroy();
          return;
        }
        this.#awaited = undefined;
        this.#running?.running?.abort();
        this.#running = child;
        this.#owner.attach('stack-client', client);
        this.#owner.attach('stack-server', server);
        this.#owner.post({ type: 'stacked' });
      },
      refused: (failure) => {
        if (this.#awaited !== child) return;
        this.#awaited = undefined;
        this.#owner.post({ type: 'stack-refused', failure });
      },
      said: (word) => {
        if (this.#running === child) this.#owner.post(word);
      },
      ended: (verdict, reason, message) => {
        const said = message === undefined ? {} : { message };
        child.verdict = { type: 'stack-verdict', verdict, reason, ...said };
        this.#owner.wake();
      },
    });
  }

  /**
   * The verdict that is due: after the child's last bytes, but for those that the engine itself does not take. It comes
   * before the loss of a link, so that the engine hears why the child was cut off.
   */
  takeVerdict(): ProxyEvent | undefined {
    const child = this.#running;
    if (child?.verdict === undefined) return undefined;
    const near = NEAR_ENDS.map((name) => this.#ports.get(name));
    const isCut = this.#isCut;
    if (!isCut && near.some((port) => port?.isEndTold === false && port.isOpen)) return undefined;
    const { verdict } = child;
    child.verdict = undefined;
    // The child takes nothing more: its links are let go, and it is gone. A relay into it goes on, into nothing.
    for (const port of near)
      if (port !== undefined && (isCut || port.isEndTold)) this.#ports.letGo(port);
    return isCut ? { ...verdict, how: 'reset' } : verdict;
  }

  /**
   * Whether a link is lost. A service that has lost only its server is heard out, where what it says goes to the client
   * as it comes.
   */
  get #isCut(): boolean {
    const [client, server] = [this.#ports.get('stack-client'), this.#ports.get('stack-server')];
    if (client?.isLost === true) return true;
    const isHeardOut = this.#running?.kind === 'service' && client?.relay?.to === 'client';
    return server?.isLost === true && !isHeardOut;
  }

  /** Gives up a child that does not run yet. */
  giveUp(): void {
    const child = this.#awaited;
    this.#awaited = undefined;
    child?.running?.abort();
  }

  /** Its policy is retired: one that does not run yet sees that by itself. */
  retire(): void {
    this.#running?.running?.retire?.();
  }

  /** Ends the child, when its parent has ended. */
  abort(): void {
    this.giveUp();
    this.#running?.running?.abort();
  }
}
