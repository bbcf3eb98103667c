// Opens a TCP port on the driver. Where listener.ts has to reset what it cannot serve, this one leaves it to the kernel.

import type { SocketAddress } from '../address/socket-address.ts';
import { DriverStream } from './driver-stream.ts';
import type { DescriptorHandler, Slot, Task } from './driver.ts';
import { SystemCallError } from './driver.ts';
import { errorCode } from './error-code.ts';
import { errorName } from './libc.ts';
import * as linux from './linux-constants.ts';
import { ListenError } from './listener.ts';
import type { ListenHandlers, Listening, ListenOptions } from './listener.ts';
import type { StreamShare } from './stream-share.ts';
import {
  acceptedPeer,
  acceptFrom,
  bindTo,
  incomingInterface,
  localAddress,
  openTcpSocket,
  optionsOf,
  originalDestination,
  setOptions,
} from './tcp-socket.ts';

// Connections of a burst that are taken before what is open already gets its turn.
const ACCEPT_BUDGET = 64;

// When the system, and not our own count, has run out: nothing of ours says when there is room again.
const RETRY_MS = 1000;

const OUT_OF_RESOURCES: readonly string[] = ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'];

/** What a port of the driver has beside those of node:net. The budget is that of the share. */
export interface DriverListenOptions extends Omit<ListenOptions, 'budget'> {
  /** Takes what is meant for other addresses, as the packet filter hands it over. Needs CAP_NET_ADMIN. Default: no. */
  readonly transparent?: boolean;
  /** Its connections were sent here by `redirect` of the packet filter, which remembers where they went. Default: no. */
  readonly redirected?: boolean;
  /** Whether anybody wants to know by which interface a connection came: that takes a call. Default: yes. */
  readonly wantsInterface?: () => boolean;
  /** Several processes share the port, if all say so. Default: no. */
  readonly reusePort?: boolean;
  /** The mark of its packets. Needs CAP_NET_ADMIN. Default: none. */
  readonly mark?: number | undefined;
  /** Type of service of its packets, 0 to 255. Default: that of the system. */
  readonly tos?: number | undefined;
}

/** Opens a TCP port as `listen` of listener.ts does. Rejects with a ListenError. */
export function listenOnDriver(
  share: StreamShare,
  address: SocketAddress,
  options: DriverListenOptions,
  handlers: ListenHandlers,
): Promise<Listening> {
  try {
    return Promise.resolve(new DriverPort(share, address, options, handlers));
  } catch (error) {
    return Promise.reject(new ListenError(address, error));
  }
}

class DriverPort implements Listening, DescriptorHandler, Task {
  readonly address: SocketAddress;
  readonly #share: StreamShare;
  readonly #options: DriverListenOptions;
  readonly #handlers: ListenHandlers;
  readonly #descriptor: number;
  readonly #slot: Slot;
  /** Whether connections may have any other local address than that of the port. */
  readonly #isForMany: boolean;
  #state: 'open' | 'shut' | 'closed' = 'open';
  #stopWaiting = (): void => undefined;

  constructor(
    share: StreamShare,
    address: SocketAddress,
    options: DriverListenOptions,
    handlers: ListenHandlers,
  ) {
    this.#share = share;
    this.#options = options;
    this.#handlers = handlers;
    this.#isForMany =
      options.transparent === true || address.address.unmapped().words.every((word) => word === 0);
    this.#descriptor = openTcpSocket(share, address);
    if (this.#descriptor === -1) throw share.driver.failure('socket');
    try {
      this.address = this.#bind(address);
      this.#slot = share.driver.register(this.#descriptor, this, linux.EPOLLIN);
    } catch (error) {
      share.libc.close(this.#descriptor);
      throw error;
    }
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#stopWaiting();
    this.#share.driver.forget(this.#slot, this);
    this.#share.libc.close(this.#descriptor);
  }

  ready(): void {
    this.#acceptAll();
  }

  run(): void {
    this.#acceptAll();
  }

  #bind(address: SocketAddress): SocketAddress {
    const { driver, libc } = this.#share;
    const { transparent, reusePort, mark, tos, backlog } = this.#options;
    const names = optionsOf(address);
    const done = setOptions(this.#share, this.#descriptor, [
      [[linux.SOL_SOCKET, linux.SO_REUSEADDR], 1],
      [[linux.SOL_SOCKET, linux.SO_REUSEPORT], reusePort === true ? 1 : undefined],
      [names.transparent, transparent === true ? 1 : undefined],
      [[linux.SOL_SOCKET, linux.SO_MARK], mark],
      [names.tos, tos],
      // What it accepts has these from it.
      [names.packetInfo, 1],
      [[linux.SOL_TCP, linux.TCP_NODELAY], 1],
      [
        [linux.SOL_IPV6, linux.IPV6_V6ONLY],
        address.address.unmapped().family === 'ipv6' ? 1 : undefined,
      ],
    ]);
    if (!done) throw driver.failure('setsockopt');
    if (bindTo(this.#share, this.#descriptor, address) === -1) throw driver.failure('bind');
    if (libc.listen(this.#descriptor, backlog) === -1) throw driver.failure('listen');
    return localAddress(this.#share, this.#descriptor) ?? address;
  }

  #acceptAll(): void {
    for (let left = ACCEPT_BUDGET; left > 0 && this.#state === 'open'; left--) {
      if (!this.#share.budget.hasRoom) {
        this.#shut();
        return;
      }
      const descriptor = acceptFrom(this.#share, this.#descriptor);
      if (descriptor !== -1) this.#take(descriptor);
      else if (this.#isDone(this.#share.libc.errno())) return;
    }
    if (this.#state === 'open') this.#share.driver.soon(this);
  }

  /** Whether an error of accept4 means that there is nothing to accept now; others are of one connection (accept(2)). */
  #isDone(errno: number): boolean {
    if (errno === linux.EAGAIN) return true;
    if (!OUT_OF_RESOURCES.includes(errorName(errno))) return false;
    this.#shut();
    return true;
  }

  #take(descriptor: number): void {
    const clientAddress = acceptedPeer(this.#share);
    const clientLocal = this.#destinationOf(descriptor);
    if (clientAddress === undefined || clientLocal === undefined) {
      this.#share.libc.close(descriptor); // nobody can say where it came from
      return;
    }
    const isAsked = this.#options.wantsInterface?.() !== false;
    const interfaceIndex = isAsked
      ? incomingInterface(this.#share, descriptor, this.address)
      : undefined;
    const stream = this.#streamOf(descriptor);
    if (stream === undefined) return;
    this.#handlers.accepted({ stream, clientAddress, clientLocal, interfaceIndex });
  }

  /** What was not redirected came here directly, and went to this very port. */
  #destinationOf(descriptor: number): SocketAddress | undefined {
    if (this.#options.redirected === true) {
      const original = originalDestination(this.#share, descriptor, this.address);
      if (original !== undefined) return original;
    }
    return this.#isForMany ? localAddress(this.#share, descriptor) : this.address;
  }

  #streamOf(descriptor: number): DriverStream | undefined {
    try {
      return new DriverStream(this.#share, descriptor, this.#options.use ?? 'accepted');
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      this.#share.libc.close(descriptor);
      this.#handlers.failed(errorCode(error));
      return undefined;
    }
  }

  /** Takes nothing until there is room: the kernel keeps what comes, up to the backlog. */
  #shut(): void {
    this.#state = 'shut';
    const { budget, driver } = this.#share;
    const reopen = (): void => {
      this.#stopWaiting();
      this.#state = 'open';
      this.#handlers.recovered({ refused: 0 });
      driver.soon(this);
    };
    const cancel = budget.onceRoomy(reopen);
    const retry = budget.hasRoom ? setTimeout(reopen, RETRY_MS) : undefined;
    this.#stopWaiting = () => {
      cancel();
      clearTimeout(retry);
    };
    this.#handlers.exhausted('wait');
  }
}
