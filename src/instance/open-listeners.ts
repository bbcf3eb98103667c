// The listening sockets of an instance. A reload keeps those whose address stays, so no connection is lost; binds that
// follow an interface open and close theirs as its addresses come and go. Sessions are never touched.

import type { InterfaceTable } from '../address/interface-table.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { Transport } from '../address/transport.ts';
import type { Log } from '../log/log.ts';
import { followedSockets } from '../policy/followed-sockets.ts';
import type { InterfaceBind } from '../policy/interface-bind.ts';
import type { Listener } from '../policy/make-listener.ts';
import { bindsOverlap } from '../policy/own-address.ts';
import type { Accepted, Clock } from '../session/outside.ts';
import { FollowLog, showAddress } from './follow-log.ts';
import { RetryTimes } from './retry-times.ts';

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

/** What the sockets of an instance need. */
export interface OpenListenersNeeds {
  readonly open: OpenListener;
  readonly accepted: ConnectionTaker;
  /** The interfaces of this machine as they are now. */
  readonly interfaces: () => InterfaceTable;
  readonly clock: Clock;
  readonly log: Log;
}

interface Wanted extends Omit<SocketRequest, 'current'> {
  /** Undefined for an address that the policy names. */
  readonly follows: InterfaceBind | undefined;
}

interface Entry extends Wanted {
  readonly socket: OpenSocket;
}

type WantedSockets = ReadonlyMap<string, Wanted>;

/** The listening sockets of an instance. */
export class OpenListeners {
  readonly #needs: OpenListenersNeeds;
  readonly #told: FollowLog;
  readonly #retries: RetryTimes;
  readonly #entries = new Map<string, Entry>();
  /** Those of this instance, and those of others, whose addresses are theirs. */
  #listeners: readonly Listener[] = [];
  #others: readonly Listener[] = [];
  #isClosed = false;
  /** Whether a change of the interfaces waits for its turn: more of them make no difference. */
  #isFollowing = false;
  /** The end of what is done now: one thing at a time, because opening takes a moment. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(needs: OpenListenersNeeds) {
    this.#needs = needs;
    this.#told = new FollowLog(needs.log);
    this.#retries = new RetryTimes(needs.clock, () => this.follow());
  }

  /** Where the instance listens, as text. */
  get addresses(): readonly string[] {
    return [...this.#entries.values()].map(({ protocol, socket }) =>
      showAddress(socket.address, protocol),
    );
  }

  /** Whether one of them has this TCP port, or has it with all others of its family. */
  listensAt(address: SocketAddress): boolean {
    return [...this.#entries.values()].some(
      ({ protocol, socket }) => protocol === 'tcp' && bindsOverlap(socket.address, address),
    );
  }

  /**
   * Listens where these listeners say and nowhere else. If one address that they name cannot be opened, the error is thrown
   * and everything stays as it was; what follows an interface is opened as far as it can be. `others` are the listeners of
   * other instances of the policy.
   */
  async replace(
    listeners: readonly Listener[],
    commit: () => void,
    others: readonly Listener[] = [],
  ): Promise<void> {
    await this.#inTurn(async () => {
      await this.#openNamed(byKey(listeners.flatMap(namedSockets)));
      commit();
      this.#listeners = listeners;
      this.#others = others;
      this.#retries.clear();
      await this.#reconcile('silent');
    });
  }

  /** The interfaces have changed: opens and closes what follows them. */
  follow(): void {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    void this.#inTurn(() => {
      this.#isFollowing = false;
      return this.#reconcile('told');
    });
  }

  /** Stops listening, for good. */
  close(): void {
    this.#isClosed = true;
    this.#retries.clear();
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    closeAll(entries);
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined); // who waits for it is told
    await mine;
  }

  async #openNamed(wanted: WantedSockets): Promise<void> {
    const missing = [...wanted].filter(([key]) => !this.#entries.has(key));
    const opened: string[] = [];
    try {
      for (const [key, socket] of missing) {
        this.#refuseChange(socket);
        await this.#openOne(key, socket);
        opened.push(key);
      }
    } catch (error) {
      closeAll(opened.flatMap((key) => this.#entries.get(key) ?? []));
      for (const key of opened) this.#entries.delete(key);
      throw error;
    }
  }

  /** Makes the sockets those that are wanted now. A reload says itself what it opens and closes. */
  async #reconcile(telling: 'told' | 'silent'): Promise<void> {
    if (this.#isClosed) return;
    const table = this.#needs.interfaces();
    const wanted = this.#wanted(table);
    this.#closeSurplus(wanted, telling);
    this.#retries.keep((key) => wanted.has(key));
    for (const [key, socket] of wanted) {
      const { follows } = socket;
      if (follows !== undefined && !this.#entries.has(key))
        await this.#openFollowed(key, { ...socket, follows }, telling);
    }
    this.#told.unmet(this.#listeners, table);
  }

  #wanted(table: InterfaceTable): WantedSockets {
    const followed = followedSockets([...this.#listeners, ...this.#others], table);
    const own = followed.filter(({ listener }) => this.#listeners.includes(listener));
    return byKey([
      ...this.#listeners.flatMap(namedSockets),
      ...own.map((socket) => ({ ...socket, protocol: socket.listener.protocol })),
    ]);
  }

  /** One address cannot be open in two ways at a time, and closing it first would turn clients away. */
  #refuseChange({ bind, protocol, listener }: Wanted): void {
    for (const entry of this.#entries.values()) {
      const isSame = entry.protocol === protocol && bindsOverlap(entry.bind, bind);
      if (!isSame || wayOf(entry.listener) === wayOf(listener)) continue;
      throw new Error(
        `Listener ${listener.name} cannot become another kind while ${String(entry.bind)} is open: restart the instance, or choose another port`,
      );
    }
  }

  #closeSurplus(wanted: WantedSockets, telling: 'told' | 'silent'): void {
    const surplus: Entry[] = [];
    for (const [key, entry] of this.#entries) {
      const found = wanted.get(key);
      if (found === undefined) {
        this.#entries.delete(key);
        surplus.push(entry);
      } else this.#entries.set(key, { ...found, socket: entry.socket });
    }
    closeAll(surplus);
    if (telling === 'silent') return;
    for (const { follows, ...entry } of surplus)
      if (follows !== undefined) this.#told.closed({ ...entry, follows });
  }

  /** One that cannot be opened may become free, or its address usable: it is tried again. */
  async #openFollowed(
    key: string,
    wanted: Wanted & { readonly follows: InterfaceBind },
    telling: 'told' | 'silent',
  ): Promise<void> {
    try {
      await this.#openOne(key, wanted);
      const isNews = this.#retries.succeeded(key) || telling === 'told';
      if (isNews && !this.#isClosed) this.#told.opened(wanted);
    } catch (error) {
      if (this.#retries.failed(key, error)) this.#told.failed(wanted, error);
    }
  }

  async #openOne(key: string, wanted: Wanted): Promise<void> {
    const current = (): Listener | undefined => this.#entries.get(key)?.listener;
    const { bind, protocol, listener } = wanted;
    const request = { bind, protocol, listener, current };
    const socket = await this.#needs.open(request, (connection) => {
      this.#needs.accepted(current(), connection);
    });
    if (this.#isClosed) socket.close();
    else this.#entries.set(key, { ...wanted, socket });
  }
}

/** The sockets at the addresses that a listener names; the hidden one has both protocols. */
function namedSockets(listener: Listener): readonly Wanted[] {
  const { protocol, isHidden, binds } = listener;
  const protocols: readonly Transport[] = isHidden ? ['tcp', 'udp'] : [protocol];
  return protocols.flatMap((one) =>
    binds.map((bind) => ({ listener, bind, protocol: one, follows: undefined })),
  );
}

function byKey(sockets: readonly Wanted[]): WantedSockets {
  return new Map(sockets.map((socket) => [keyOf(socket), socket]));
}

/** Port 0 is another port for every listener, so its name tells them apart. */
function keyOf({ listener, bind, protocol }: Wanted): string {
  const place = `${protocol} ${String(bind)} ${wayOf(listener)}`;
  return bind.port === 0 ? `${listener.name} ${place}` : place;
}

/** How a socket is opened, which cannot be changed afterwards. */
function wayOf({ transparent, divertedBy }: Listener): string {
  return transparent ? divertedBy : '';
}

function closeAll(entries: readonly Entry[]): void {
  for (const { socket } of entries) socket.close();
}
