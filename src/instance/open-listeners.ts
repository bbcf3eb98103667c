// The listening sockets of an instance. A reload keeps those whose address stays, so no connection is lost.

import type { SocketAddress } from '../address/socket-address.ts';
import type { Transport } from '../address/transport.ts';
import type { Listener } from '../policy/make-listener.ts';
import { bindsOverlap } from '../policy/own-address.ts';
import type { Accepted } from '../session/outside.ts';

/** A socket that listens. */
export interface OpenSocket {
  /** Where it listens, with the real port. */
  readonly address: SocketAddress;
  close(): void;
}

/** A socket to open. */
export interface SocketRequest {
  readonly bind: SocketAddress;
  /** Which protocol it is for; the hidden listener of the rules has sockets for both. */
  readonly protocol: Transport;
  readonly listener: Listener;
  /** The listener as the policy has it now; undefined if a reload has closed it. */
  current(): Listener | undefined;
}

/** Opens a listening socket for the connections of a listener. */
export type OpenListener = (
  request: SocketRequest,
  accepted: (connection: Accepted) => void,
) => Promise<OpenSocket>;

/** Takes a connection; `listener` is undefined if a reload has just closed it. */
export type ConnectionTaker = (listener: Listener | undefined, connection: Accepted) => void;

type Wanted = Omit<SocketRequest, 'current'>;

interface Entry {
  readonly protocol: Transport;
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
    return [...this.#entries.values()].map(({ protocol, socket }) =>
      protocol === 'udp' ? `${String(socket.address)}/udp` : String(socket.address),
    );
  }

  /** Whether one of them has this TCP port, or has it with all others of its family. */
  listensAt(address: SocketAddress): boolean {
    return [...this.#entries.values()].some(
      ({ protocol, socket }) => protocol === 'tcp' && bindsOverlap(socket.address, address),
    );
  }

  /**
   * Listens where these listeners say and nowhere else. If one address cannot be opened, the error is thrown and
   * everything stays as it was.
   */
  async replace(listeners: readonly Listener[], commit: () => void): Promise<void> {
    const wanted = new Map<string, Wanted>();
    for (const socket of listeners.flatMap(socketsOf)) wanted.set(keyOf(socket), socket);
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
      for (const [key, socket] of missing) {
        await this.#openOne(key, socket);
        opened.push(key);
      }
    } catch (error) {
      closeAll(opened.flatMap((key) => this.#entries.get(key) ?? []));
      for (const key of opened) this.#entries.delete(key);
      throw error;
    }
  }

  async #openOne(key: string, wanted: Wanted): Promise<void> {
    const current = (): Listener | undefined => this.#entries.get(key)?.listener;
    const socket = await this.#open({ ...wanted, current }, (connection) => {
      this.#accepted(current(), connection);
    });
    const { protocol, listener } = wanted;
    this.#entries.set(key, { protocol, socket, listener });
  }
}

function socketsOf(listener: Listener): readonly Wanted[] {
  const { protocol, binds } = listener;
  return binds.map((bind) => ({ listener, bind, protocol }));
}

/** Port 0 is another port for every listener, so its name tells them apart. */
function keyOf({ listener, bind, protocol }: Wanted): string {
  const place = `${protocol} ${String(bind)}`;
  return bind.port === 0 ? `${listener.name} ${place}` : place;
}

function closeAll(entries: readonly Entry[]): void {
  for (const { socket } of entries) socket.close();
}
