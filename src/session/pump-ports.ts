// The ports of one pump: those that its engine has, those that it let go and whose streams are not gone yet, and the
// bytes of all that there ever were.

import type { Port } from '../proxy/engine.ts';
import type { ByteCounts } from './pump-host.ts';
import type { PumpPort } from './pump-port.ts';

/** All ports of one pump. */
export class PumpPorts {
  readonly #current = new Map<Port, PumpPort>();
  readonly #leaving = new Set<PumpPort>();
  #past: ByteCounts = { fromClient: 0, toClient: 0, fromServer: 0, toServer: 0 };

  /** Whether the last stream is gone. */
  get isEmpty(): boolean {
    return this.#current.size === 0 && this.#leaving.size === 0;
  }

  /** The port of this name that the engine has. */
  get(name: Port): PumpPort | undefined {
    return this.#current.get(name);
  }

  /** The ports that the engine has. */
  values(): Iterable<PumpPort> {
    return this.#current.values();
  }

  add(port: PumpPort): void {
    this.#current.set(port.name, port);
  }

  /** Drops a port's connection for its engine: what was relayed there comes to the engine from now on. */
  disconnect(port: PumpPort): void {
    for (const other of this.#current.values()) other.stopRelayTo(port);
    this.letGo(port);
  }

  /** Drops a port's connection: its engine hears no more of it. */
  letGo(port: PumpPort): void {
    port.leave();
    if (port.isClosed) {
      this.forget(port);
      return;
    }
    this.#current.delete(port.name);
    this.#leaving.add(port);
    port.stream.destroy();
  }

  /** The stream of a port is gone: its bytes count on. */
  forget(port: PumpPort): void {
    const isLeaving = this.#leaving.delete(port);
    if (!isLeaving && this.#current.get(port.name) !== port) return;
    if (!isLeaving) this.#current.delete(port.name);
    this.#past = add(this.#past, port);
  }

  /** Resets all streams that are not gone. */
  reset(): void {
    for (const port of [...this.#current.values(), ...this.#leaving]) port.stream.destroy('reset');
  }

  /** Destroys all streams that are not gone. */
  drop(): void {
    for (const port of [...this.#current.values(), ...this.#leaving]) port.stream.destroy();
  }

  /** Bytes of all ports since the start. */
  count(): ByteCounts {
    return [...this.#current.values(), ...this.#leaving].reduce(add, this.#past);
  }
}

/** A port is a side, or a side and a channel number; the links to a child carry the same bytes once more. */
function add(counts: ByteCounts, { name, receivedBytes, sentBytes }: PumpPort): ByteCounts {
  const { fromClient, toClient, fromServer, toServer } = counts;
  if (name.startsWith('client'))
    return { ...counts, fromClient: fromClient + receivedBytes, toClient: toClient + sentBytes };
  if (name.startsWith('server'))
    return { ...counts, fromServer: fromServer + receivedBytes, toServer: toServer + sentBytes };
  return counts;
}
