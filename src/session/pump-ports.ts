// The ports of one pump: those that its engine has, those that it let go and whose streams are not gone yet, and the
// bytes of all that there ever were.

import type { Port, Traffic } from '../proxy/engine.ts';
import type { ByteCounts } from './pump-host.ts';
import type { PumpPort } from './pump-port.ts';
import { EMPTY_LIST, withItem, withoutItem } from './short-list.ts';

/** Nothing has passed. */
export const NO_BYTES: ByteCounts = { fromClient: 0, toClient: 0, fromServer: 0, toServer: 0 };

/** All ports of one pump. */
export class PumpPorts {
  /** Lists: a session has two ports, a few with channels, and maps would cost each of them more. */
  #current: readonly PumpPort[] = EMPTY_LIST;
  #leaving: readonly PumpPort[] = EMPTY_LIST;
  #past: ByteCounts = NO_BYTES;
  #hears: Port | undefined;

  /** Whether the last stream is gone. */
  get isEmpty(): boolean {
    return this.#current.length === 0 && this.#leaving.length === 0;
  }

  /** Goes on after a rest: so many bytes have passed. */
  goOn({ fromClient, toClient, fromServer, toServer }: ByteCounts): void {
    this.#past = { fromClient, toClient, fromServer, toServer };
  }

  /** How many ports have a stream. */
  get size(): number {
    return this.#current.length + this.#leaving.length;
  }

  /** The port of this name that the engine has. */
  get(name: Port | undefined): PumpPort | undefined {
    for (const port of this.#current) if (port.name === name) return port;
    return undefined;
  }

  /** The ports that the engine has. */
  values(): readonly PumpPort[] {
    return this.#current;
  }

  add(port: PumpPort): void {
    this.#current = withItem(this.#current, port);
  }

  /** Drops a port's connection for its engine: what was relayed there comes to the engine from now on. */
  disconnect(port: PumpPort, how?: 'reset'): void {
    for (const other of this.#current) other.stopRelayTo(port);
    this.letGo(port, how);
  }

  /** Lets a port's stream go as it is, for somebody else; false if that is not possible now. */
  detach(port: PumpPort, unread?: 'left'): boolean {
    if (!port.detach(unread)) return false;
    for (const other of this.#current) other.stopRelayTo(port);
    this.forget(port);
    return true;
  }

  /** Drops a port's connection: its engine hears no more of it. */
  letGo(port: PumpPort, how?: 'reset'): void {
    port.leave();
    if (port.isClosed) {
      this.forget(port);
      return;
    }
    this.#current = withoutItem(this.#current, port);
    this.#leaving = withItem(this.#leaving, port);
    port.stream.destroy(how);
  }

  /** The stream of a port is gone: its bytes count on. */
  forget(port: PumpPort): void {
    if (this.#leaving.includes(port)) this.#leaving = withoutItem(this.#leaving, port);
    else if (this.#current.includes(port)) this.#current = withoutItem(this.#current, port);
    else return;
    this.#past = add(this.#past, port);
  }

  /** Holds all ports while the engine waits for a promise, but for the one that it hears meanwhile. */
  holdForWait(hears: Port | undefined): void {
    this.#hears = hears;
    for (const port of this.#current) if (port.name !== hears) port.holdForWait();
  }

  /** The engine has its answer. */
  releaseForWait(): void {
    this.#hears = undefined;
    for (const port of this.#current) port.releaseForWait();
  }

  /** The port that the engine hears while it waits. */
  get heard(): PumpPort | undefined {
    return this.get(this.#hears);
  }

  /** The engine is over: it hears no more of any port. */
  leave(how: 'reset' | undefined): void {
    for (const port of this.#current) {
      port.leave(); // first of all of them: no move goes on into a stream that is ended
      if (port.isClosed) this.forget(port);
    }
    if (how === 'reset') this.reset();
    else for (const port of this.#current) port.end();
  }

  /** Resets all streams that are not gone. */
  reset(): void {
    for (const port of [...this.#current, ...this.#leaving]) port.stream.destroy('reset');
  }

  /** Destroys all streams that are not gone. */
  drop(): void {
    for (const port of [...this.#current, ...this.#leaving]) port.stream.destroy();
  }

  /** What has passed, and who waits for whom. */
  get traffic(): Traffic {
    const { clientWaits, clientIsFull } = this;
    return { ...this.count(), clientWaits, clientIsFull };
  }

  /** Whether what the client sends has no room now, or nobody who reads it. */
  get clientWaits(): boolean {
    const client = this.get('client');
    if (client === undefined) return false;
    return client.isStuck || this.#current.some((port) => port.holdsBack(client));
  }

  /** Whether a port is held, or has bytes on their way inside the kernel, because the client has no room for more. */
  get clientIsFull(): boolean {
    const client = this.get('client');
    if (client === undefined) return false;
    return this.#current.some((port) => client.holdsBack(port) || port.isStuckBefore(client));
  }

  /** Bytes of all ports since the start. */
  count(): ByteCounts {
    let counts = this.#past;
    for (const port of this.#current) counts = add(counts, port);
    for (const port of this.#leaving) counts = add(counts, port);
    return counts;
  }
}

/** A port is a side, or a side and a channel number; the links to a child carry the same bytes once more. */
function add(counts: ByteCounts, { name, receivedBytes, sentBytes }: PumpPort): ByteCounts {
  const { fromClient, toClient, fromServer, toServer } = counts;
  if (name.startsWith('client'))
    return {
      fromClient: fromClient + receivedBytes,
      toClient: toClient + sentBytes,
      fromServer,
      toServer,
    };
  if (name.startsWith('server'))
    return {
      fromClient,
      toClient,
      fromServer: fromServer + receivedBytes,
      toServer: toServer + sentBytes,
    };
  return counts;
}
