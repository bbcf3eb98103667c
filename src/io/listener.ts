// Opens a TCP port and hands on what arrives, for as long as there are descriptors to serve it with.

import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { SocketAddress } from '../address/socket-address.ts';
import type { Accepted } from '../session/outside.ts';
import type { DescriptorBudget, DescriptorUse } from './descriptor-budget.ts';
import { errorCode } from './error-code.ts';
import { socketAddressOf } from './node-address.ts';
import { SocketStream } from './socket-stream.ts';

/** How a listener takes connections. */
export interface ListenOptions {
  /** Connections that the kernel may hold until they are accepted; it cuts this to net.core.somaxconn. */
  readonly backlog: number;
  readonly budget: DescriptorBudget;
  /** What the connections count as. Default: 'accepted', each with a server to come. */
  readonly use?: DescriptorUse;
}

/** What a listener says. */
export interface ListenHandlers {
  /** A connection. Its stream is held until somebody listens to it. */
  accepted(connection: Accepted): void;
  /** From now on connections are reset at once, or wait, since the descriptors run out. Once, until `recovered`. */
  exhausted(then: 'reset' | 'wait'): void;
  /** There is room again; `refused` connections were reset meanwhile. */
  recovered(facts: { readonly refused: number }): void;
  /** The system could not hand over a connection. The listener goes on. */
  failed(error: string): void;
}

/** Opens a port, as `listen` does. */
export type Listen = (
  address: SocketAddress,
  options: ListenOptions,
  handlers: ListenHandlers,
) => Promise<Listening>;

/** A port that is open. */
export interface Listening {
  /** With the real port, where port 0 was asked for. */
  readonly address: SocketAddress;
  /** Takes no more connections; those that it took live on. */
  close(): void;
}

/** Why a port could not be opened: a code such as 'EADDRINUSE', and a sentence with the cure. */
export class ListenError extends Error {
  readonly code: string;

  constructor(address: SocketAddress, cause: unknown) {
    const code = errorCode(cause);
    super(`Cannot listen on ${address.toString()}: ${CURES[code] ?? `the system says ${code}`}`, {
      cause,
    });
    this.code = code;
  }
}

const CURES: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'another program has the port; find it with "ss -tulnp" and stop it, or choose another port',
  EACCES:
    'ports below 1024 need the capability CAP_NET_BIND_SERVICE; grant it, or choose another port',
  EPERM:
    'taking what is meant for others needs the capability CAP_NET_ADMIN; start it as root with "zorp run --user NAME", or by systemd with "AmbientCapabilities=CAP_NET_ADMIN CAP_NET_BIND_SERVICE", or give it to node with "setcap cap_net_admin,cap_net_bind_service+ep"',
  EADDRNOTAVAIL:
    'no interface of this machine has the address; add it with "ip address add", or choose another one',
  EAFNOSUPPORT: 'the system has no IPv6; switch it on, or choose an IPv4 address',
};

/**
 * Opens a TCP port. An IPv6 address takes IPv6 only, [::] too: for both families open two ports, so that a rule about
 * IPv4 never meets IPv4 in disguise. Rejects with a ListenError.
 */
export async function listen(
  address: SocketAddress,
  options: ListenOptions,
  handlers: ListenHandlers,
): Promise<Listening> {
  const gate = new Gate(options, handlers);
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.on('connection', (socket) => gate.enter(socket));
  await open(server, address, options.backlog);
  server.on('error', (error) => handlers.failed(errorCode(error)));
  const close = (): void => {
    server.close();
    gate.close();
  };
  return { address: realAddress(server, address), close };
}

async function open(server: Server, address: SocketAddress, backlog: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const fail = (error: unknown): void => reject(new ListenError(address, error));
  server.once('error', fail);
  const bare = address.address.unmapped();
  const ipv6Only = bare.family === 'ipv6';
  // exclusive: no sharing of one port inside a cluster of Node.
  const where = { host: bare.toString(), port: address.port, backlog, ipv6Only, exclusive: true };
  server.listen(where, () => resolve(undefined));
  await promise;
  server.off('error', fail);
}

function realAddress(server: Server, asked: SocketAddress): SocketAddress {
  const bound = server.address();
  return bound === null || typeof bound === 'string' ? asked : asked.withPort(bound.port);
}

/** Lets connections in while there are descriptors, and keeps count of those it turns away. */
class Gate {
  readonly #budget: DescriptorBudget;
  readonly #use: DescriptorUse;
  readonly #handlers: ListenHandlers;
  #isShut = false;
  #refused = 0;
  #stopWaiting = (): void => undefined;

  constructor({ budget, use = 'accepted' }: ListenOptions, handlers: ListenHandlers) {
    this.#budget = budget;
    this.#use = use;
    this.#handlers = handlers;
  }

  enter(socket: Socket): void {
    if (!this.#isShut && !this.#budget.hasRoom) this.#shut();
    if (this.#isShut) this.#refuse(socket);
    else this.#accept(socket);
  }

  close(): void {
    this.#stopWaiting();
  }

  #accept(socket: Socket): void {
    const clientAddress = socketAddressOf(socket.remoteAddress, socket.remotePort);
    const clientLocal = socketAddressOf(socket.localAddress, socket.localPort);
    if (clientAddress === undefined || clientLocal === undefined) {
      socket.destroy(); // the client is gone already, and nobody can say where it came from
      return;
    }
    this.#budget.charge(socket, this.#use);
    this.#handlers.accepted({ stream: new SocketStream(socket), clientAddress, clientLocal });
  }

  #refuse(socket: Socket): void {
    this.#refused++;
    socket.on('error', () => undefined); // a client that resets first is no news
    socket.resetAndDestroy();
  }

  #shut(): void {
    this.#isShut = true;
    this.#refused = 0;
    this.#stopWaiting = this.#budget.onceRoomy(() => {
      this.#isShut = false;
      this.#handlers.recovered({ refused: this.#refused });
    });
    this.#handlers.exhausted('reset');
  }
}
