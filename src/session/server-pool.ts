// Server connections between two sessions: one that is done with it gives it back, the next one takes it. Who may share a
// connection is said by its key: same service, same server, same source, same marks.

import type { SocketAddress } from '../address/socket-address.ts';
import type { Clock, ConnectRequest } from './outside.ts';
import type { Stream, StreamListener } from './stream.ts';
import type { ServerEncryption, TlsFacts } from './tls-layer.ts';

/** Connections that wait for one server: as many as answers of a busy moment need; more are closed, the oldest first. */
export const MAX_IDLE_PER_SERVER = 64;

/** Connections that wait for all servers: each takes a descriptor that a client could need. */
export const MAX_IDLE_IN_ALL = 1_024;

/** How long one waits: less than the 5 seconds after which Apache and Node close theirs, so that few die on their way. */
export const MAX_IDLE_MS = 4_000;

/** A connected server that is nobody's now. */
export interface IdleServer {
  readonly stream: Stream;
  readonly local: SocketAddress;
  /** What the handshake came to, where TLS is spoken. */
  readonly tls?: TlsFacts | undefined;
}

/** As whom, and with whom, TLS is spoken. */
export interface TlsIdentity {
  /** Our certificate, what is asked of the server's, and how TLS is spoken: all of it by being this one object. */
  readonly encryption: ServerEncryption;
  /** The name that the server has proved. */
  readonly name: string | undefined;
}

/** What a connection is shared by. */
export type PoolKey = string;

/**
 * The key of a connection that is to be made for a service; undefined if it can never be another one's: it has a local port
 * of its own, or carries datagrams.
 */
export function poolKeyOf(
  service: string,
  request: ConnectRequest,
  tls?: TlsIdentity,
): PoolKey | undefined {
  const { protocol, remote, local, mark = 0, tos = '', checksPeer = false } = request;
  if (protocol === 'udp' || (local !== undefined && local.port !== 0)) return undefined;
  const source = local === undefined ? '' : String(local.address);
  const key = `${service} ${String(remote)} ${source} ${mark} ${tos} ${checksPeer}`;
  return tls === undefined ? key : `${key} ${numberOf(tls.encryption)} ${tls.name ?? ''}`;
}

/** A policy that is loaded anew has other objects, so what was agreed under the old one is not taken for what it wants. */
const numbers = new WeakMap<ServerEncryption, number>();
let lastNumber = 0;

function numberOf(encryption: ServerEncryption): number {
  const known = numbers.get(encryption);
  if (known !== undefined) return known;
  numbers.set(encryption, ++lastNumber);
  return lastNumber;
}

/** The connections that wait. */
export class ServerPool {
  readonly #clock: Clock;
  /** By key, the one that was used last at the end: it is the least likely to be closed by its server. */
  readonly #idle = new Map<PoolKey, Waiting[]>();
  /** Connections that may be given back. */
  readonly #lent = new WeakMap<Stream, { readonly key: PoolKey; readonly server: IdleServer }>();
  #count = 0;
  #isClosed = false;
  #cancelSweep: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many connections wait. */
  get size(): number {
    return this.#count;
  }

  /** Notes that a connection may be given back. */
  lend(key: PoolKey, server: IdleServer): void {
    if (server.stream.unlisten !== undefined) this.#lent.set(server.stream, { key, server });
  }

  /** A connection of this key, which is the caller's from now on. */
  take(key: PoolKey): IdleServer | undefined {
    const list = this.#idle.get(key);
    for (let last = list?.pop(); last !== undefined; last = list?.pop()) {
      this.#count--;
      const { server } = last;
      if (list?.length === 0) this.#idle.delete(key);
      // Something has come meanwhile that is not told yet: the end, or bytes that nobody asked for.
      if (server.stream.unlisten?.() === true) return server;
      server.stream.destroy();
    }
    return undefined;
  }

  /** Takes a connection back that has no listener any more; what is not to be kept is closed. */
  giveBack(stream: Stream): void {
    const lent = this.#lent.get(stream);
    if (lent === undefined || this.#isClosed || this.#count >= MAX_IDLE_IN_ALL) {
      stream.destroy();
      return;
    }
    const { key, server } = lent;
    const list = this.#idle.get(key) ?? [];
    this.#idle.set(key, list);
    if (list.length >= MAX_IDLE_PER_SERVER) this.#drop(list.shift());
    const waiting = new Waiting(server, this.#clock.monotonic(), () => {
      this.#gone(key, waiting);
    });
    list.push(waiting);
    this.#count++;
    stream.listen(waiting);
    this.#cancelSweep ??= this.#clock.after(MAX_IDLE_MS, () => {
      this.#sweep();
    });
  }

  /** Closes all that wait, and those that are given back from now on. */
  close(): void {
    this.#isClosed = true;
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    for (const list of [...this.#idle.values()]) for (const one of [...list]) this.#drop(one);
    this.#idle.clear();
  }

  /** Nothing more is told of it: it leaves the list with whoever calls. */
  #drop(waiting: Waiting | undefined): void {
    if (waiting === undefined) return;
    this.#count--;
    waiting.isDropped = true;
    waiting.server.stream.destroy();
  }

  #gone(key: PoolKey, waiting: Waiting): void {
    const list = this.#idle.get(key);
    const index = list?.indexOf(waiting) ?? -1;
    if (index === -1) return;
    list?.splice(index, 1);
    if (list?.length === 0) this.#idle.delete(key);
    this.#drop(waiting);
  }

  /** Closes those that have waited long enough. */
  #sweep(): void {
    this.#cancelSweep = undefined;
    const now = this.#clock.monotonic();
    let oldest = Infinity;
    for (const [key, list] of this.#idle) {
      while (list[0] !== undefined && list[0].since + MAX_IDLE_MS <= now) this.#drop(list.shift());
      if (list[0] === undefined) this.#idle.delete(key);
      else oldest = Math.min(oldest, list[0].since);
    }
    if (oldest === Infinity) return;
    this.#cancelSweep = this.#clock.after(oldest + MAX_IDLE_MS - now, () => {
      this.#sweep();
    });
  }
}

/** A connection that waits: whatever it says, it is of no use any more. */
class Waiting implements StreamListener {
  readonly server: IdleServer;
  readonly since: number;
  isDropped = false;
  readonly #gone: () => void;

  constructor(server: IdleServer, since: number, gone: () => void) {
    this.server = server;
    this.since = since;
    this.#gone = gone;
  }

  /** Bytes that nobody asked for would be taken for the answer to the next request. */
  received(): void {
    this.#end();
  }

  ended(): void {
    this.#end();
  }

  drained(): void {
    // Nothing waits to be sent.
  }

  closed(): void {
    this.#end();
  }

  #end(): void {
    if (!this.isDropped) this.#gone();
  }
}
