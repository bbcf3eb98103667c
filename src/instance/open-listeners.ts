// The listening sockets of an instance. A reload keeps those whose address stays, so no connection is lost.

import type { SocketAddress } from '../address/socket-address.ts';
import type { Listener } from '../policy/make-listener.ts';
import { bindsOverlap } from '../policy/own-address.ts';
import type { Accepted } from '../session/outside.ts';

/** A socket that listens. */
export interface OpenSocket {
  /** Where it listens, with the real port. */
  readonly address: SocketAddress;
  close(): void;
}

/** Opens a listening socket for the connections of a listener. */
export type OpenListener = (
  bind: SocketAddress,
  backlog: number,
  accepted: (connection: Accepted) => void,
) => Promise<OpenSocket>;

/** Takes a connection; `listener` is undefined if a reload has just closed it. */
export type ConnectionTaker = (listener: Listener | undefined, connection: Accepted) => void;

interface Wanted {
  readonly listener: Listener;
  readonly bind: SocketAddress;
}

interface Entry {
  readonly socket: OpenSocket;
  listener: Listener;
}

/** The listening sockets of an instance. */
export class OpenListeners {
  readonly #open: OpenListener;
  readonly #accepted: ConnectionTaker;
  readonly #entries = new Map<string, Entry>();

  constructor(open: OpenListener, accepted: ConnectionTaker) {
    this.#open = open;
    this.#accepted = accepted;
  }

  /** Where the instance listens, as text. */
  get addresses(): readonly string[] {
    return [...this.#entries.values()].map(({ socket }) => String(socket.address));
  }

  /** Whether one of them has this address, or has it with all others of its family. */
  listensAt(address: SocketAddress): boolean {
    return [...this.#entries.values()].some(({ socket }) => bindsOverlap(socket.address, address));
  }

  /**
   * Listens where these listeners say and nowhere else. If one address cannot be opened, the error is thrown and
   * everything stays as it was.
   */
  async replace(listeners: readonly Listener[], commit: () => void): Promise<void> {
    const wanted = new Map<string, Wanted>();
    for (const listener of listeners)
      for (const bind of listener.binds) wanted.set(keyOf(listener, bind), { listener, bind });
    await this.#openNew(wanted);
    commit();
    const surplus: Entry[] = [];
    for (const [key, entry] of this.#entries) {
      const found = wanted.get(key);
      if (found === undefined) {
        this.#entries.delete(key);
        surplus.push(entry);
      } else entry.listener = found.listener;
    }
    closeAll(surplus);
  }

  /** Stops listening. */
  close(): void {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    closeAll(entries);
  }

  async #openNew(wanted: ReadonlyMap<string, Wanted>): Promise<void> {
    const missing = [...wanted].filter(([key]) => !this.#entries.has(key));
    const opened: string[] = [];
    try {
      for (const [key, { listener, bind }] of missing) {
        await this.#openOne(key, listener, bind);
        opened.push(key);
      }
    } catch (error) {
      closeAll(opened.flatMap((key) => this.#entries.get(key) ?? []));
      for (const key of opened) this.#entries.delete(key);
      throw error;
    }
  }

  async #openOne(key: string, listener: Listener, bind: SocketAddress): Promise<void> {
    const socket = await this.#open(bind, listener.backlog, (connection) => {
      this.#accepted(this.#entries.get(key)?.listener, connection);
    });
    this.#entries.set(key, { socket, listener });
  }
}

/** Port 0 is another port for every listener, so its name tells them apart. */
function keyOf(listener: Listener, bind: SocketAddress): string {
  return bind.port === 0 ? `${listener.name} ${String(bind)}` : String(bind);
}

function closeAll(entries: readonly Entry[]): void {
  for (const { socket } of entries) socket.close();
}
