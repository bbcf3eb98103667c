// The stacked child of one pump: it is started, its links become ports, and its verdict is told after its last bytes.

import type { Port, ProxyEvent, StackedService } from '../proxy/engine.ts';
import type { PumpHost } from './pump-host.ts';
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

/** The child that runs, or ran last. */
interface Child {
  abort(): void;
  /** How it ended, until the engine is told. */
  verdict: ProxyEvent | undefined;
}

/** The one child that a pump may have at a time. */
export class PumpChild {
  readonly #host: PumpHost;
  readonly #ports: PumpPorts;
  readonly #owner: ChildOwner;
  #child: Child | undefined;

  constructor(host: PumpHost, ports: PumpPorts, owner: ChildOwner) {
    this.#host = host;
    this.#ports = ports;
    this.#owner = owner;
  }

  /** Starts a child; one that runs is ended. */
  start(service: StackedService): void {
    const child: Child = { abort: () => undefined, verdict: undefined };
    const result = this.#host.stack(service, (verdict, reason) => {
      child.verdict = { type: 'stack-verdict', verdict, reason };
      this.#owner.wake();
    });
    if (!result.ok) {
      this.#owner.post({ type: 'stack-refused', failure: result.failure });
      return;
    }
    const earlier = this.#child;
    this.#child = child;
    earlier?.abort();
    child.abort = () => {
      result.child.abort();
    };
    this.#owner.attach('stack-client', result.child.client);
    this.#owner.attach('stack-server', result.child.server);
    this.#owner.post({ type: 'stacked' });
  }

  /** The verdict that is due: after the child's last bytes, but for those that the engine itself does not take. */
  takeVerdict(): ProxyEvent | undefined {
    const child = this.#child;
    if (child?.verdict === undefined) return undefined;
    const near = NEAR_ENDS.map((name) => this.#ports.get(name));
    if (near.some((port) => port?.isEndTold === false && port.isOpen)) return undefined;
    const { verdict } = child;
    child.verdict = undefined;
    // The child takes nothing more: its links are let go, and it is gone. A relay into it goes on, into nothing.
    for (const port of near) if (port?.isEndTold === true) this.#ports.letGo(port);
    return verdict;
  }

  /** Ends the child, when its parent has ended. */
  abort(): void {
    this.#child?.abort();
  }
}
