// Makes server connections on the driver, also from addresses that are not of this machine.

import { randomInt } from 'node:crypto';
import type { SocketAddress } from '../address/socket-address.ts';
import { AWAKE } from '../session/alarm-queue.ts';
import type { AlarmQueue, Sleeper } from '../session/alarm-queue.ts';
import type { ConnectRequest, Connector, ConnectResult } from '../session/outside.ts';
import { DriverStream } from './driver-stream.ts';
import type { DescriptorHandler, Slot } from './driver.ts';
import { errorCode } from './error-code.ts';
import { errorName } from './libc.ts';
import * as linux from './linux-constants.ts';
import { candidatePorts, portChoice } from './local-port.ts';
import type { RandomBelow } from './local-port.ts';
import { resetOnClose, setOption, takeError } from './socket-option.ts';
import { checkPeer, checkSource } from './source-check.ts';
import type { StreamShare } from './stream-share.ts';
import {
  bindTo,
  connectTo,
  localAddress,
  openTcpSocket,
  optionsOf,
  peerAddress,
  setOptions,
} from './tcp-socket.ts';

/** What a connector is made of. Tests hand in their own dice. */
export interface DriverConnectorParts {
  readonly share: StreamShare;
  /** Where the alarms of sessions are too: nearly never empty, so that no timer is armed for a connect and cancelled again. */
  readonly alarms: AlarmQueue;
  readonly randomBelow?: RandomBelow;
}

/**
 * Connects TCP sockets, as TcpConnector does. A local address that is not of this machine needs CAP_NET_ADMIN, and so
 * does a mark: 'EPERM' without it.
 */
export class DriverConnector implements Connector {
  readonly #share: StreamShare;
  readonly #alarms: AlarmQueue;
  readonly #randomBelow: RandomBelow;

  constructor({ share, alarms, randomBelow }: DriverConnectorParts) {
    this.#share = share;
    this.#alarms = alarms;
    this.#randomBelow = randomBelow ?? ((bound) => randomInt(bound));
  }

  connect(request: ConnectRequest, done: (result: ConnectResult) => void): () => void {
    const hint = request.local?.port ?? 0;
    const ports = candidatePorts(hint, portChoice(request), this.#randomBelow);
    const attempt = new Attempt(this.#share, request, ports, done);
    attempt.begin(this.#alarms);
    return () => attempt.giveUp();
  }
}

/** One connection in the making: a socket for each local port in turn, until one is not in use. */
class Attempt implements DescriptorHandler, Sleeper {
  place = AWAKE;
  wakeAt = 0;
  readonly #share: StreamShare;
  readonly #request: ConnectRequest;
  readonly #ports: Iterator<number, void, undefined>;
  readonly #done: (result: ConnectResult) => void;
  #descriptor = -1;
  #slot: Slot | undefined;
  #port = 0;
  #isOver = false;
  #alarms: AlarmQueue | undefined;

  constructor(
    share: StreamShare,
    request: ConnectRequest,
    ports: Iterator<number, void, undefined>,
    done: (result: ConnectResult) => void,
  ) {
    this.#share = share;
    this.#request = request;
    this.#ports = ports;
    this.#done = done;
  }

  begin(alarms: AlarmQueue): void {
    this.#alarms = alarms;
    alarms.set(this, alarms.now() + this.#request.timeoutMs);
    const error = this.#start();
    if (error !== undefined) this.#share.driver.soon({ run: () => this.#fail(error) });
  }

  wake(): void {
    this.#fail('ETIMEDOUT');
  }

  giveUp(): void {
    this.#isOver = true;
    this.#alarms?.remove(this);
    // It may be connected already: to be given up is no end that a server might take for one.
    if (this.#descriptor !== -1) resetOnClose(this.#share, this.#descriptor);
    this.#drop();
  }

  ready(events: number): void {
    if (this.#isOver) return;
    // An error comes with one of these, and asking for it is a call of the system.
    const hasFailed = (events & (linux.EPOLLERR | linux.EPOLLHUP)) !== 0;
    const error = hasFailed ? takeError(this.#share, this.#descriptor) : undefined;
    if (error === undefined) this.#hasConnected(events);
    else this.#fail(error);
  }

  /** Begins to connect from the first port that is free; or the error. */
  #start(): string | undefined {
    let lastError = 'EADDRINUSE';
    for (let next = this.#ports.next(); next.done !== true; next = this.#ports.next()) {
      this.#port = next.value;
      const error = this.#try();
      if (error === undefined) return undefined;
      this.#drop();
      if (!this.#isPortTaken(error)) return error.code;
      lastError = error.code;
    }
    return lastError;
  }

  #try(): FailedCall | undefined {
    const { budget, driver, libc } = this.#share;
    const { remote, local } = this.#request;
    if (!this.#takeSpare()) {
      this.#descriptor = openTcpSocket(this.#share, remote);
      if (this.#descriptor === -1) return this.#failed('socket');
      budget.take('connected');
      if (!this.#setOptions()) return this.#failed('setsockopt');
    }
    if (local !== undefined) {
      const failed = this.#bind(local.withPort(this.#port));
      if (failed !== undefined) return failed;
    }
    if (connectTo(this.#share, this.#descriptor, remote) === -1) {
      if (libc.errno() !== linux.EINPROGRESS) return this.#failed('connect');
    }
    try {
      this.#slot ??= driver.register(this.#descriptor, this);
      return undefined;
    } catch (error) {
      return { call: 'register', code: errorCode(error) };
    }
  }

  /** Whether there is nothing special to its socket, so that a spare one does, and it may become one. */
  get #isPlain(): boolean {
    const { local, mark, tos } = this.#request;
    return local === undefined && mark === undefined && tos === undefined;
  }

  /** Takes a socket that is registered and has its options already. */
  #takeSpare(): boolean {
    const { spares, budget } = this.#share;
    const spare = this.#isPlain ? spares.take(this.#request.remote, this) : undefined;
    if (spare === undefined) return false;
    this.#descriptor = spare.descriptor;
    this.#slot = spare.slot;
    budget.take('connected');
    return true;
  }

  #setOptions(): boolean {
    const { remote, local, mark, tos } = this.#request;
    if (!setOption(this.#share, this.#descriptor, NO_DELAY, 1)) return false;
    if (this.#isPlain) return true;
    const isBoundToPort = local !== undefined && this.#port !== 0;
    const isBoundToAny = local !== undefined && this.#port === 0;
    return setOptions(this.#share, this.#descriptor, [
      [[linux.SOL_SOCKET, linux.SO_REUSEADDR], isBoundToPort ? 1 : undefined],
      // So the kernel may use one local port for several servers, and does not run out of them.
      [[linux.SOL_IP, linux.IP_BIND_ADDRESS_NO_PORT], isBoundToAny ? 1 : undefined],
      [[linux.SOL_SOCKET, linux.SO_MARK], mark],
      [optionsOf(remote).tos, tos],
    ]);
  }

  /** Binds the socket; to an address that is not of this machine only as a transparent one. */
  #bind(to: SocketAddress): FailedCall | undefined {
    if (bindTo(this.#share, this.#descriptor, to) === 0) return undefined;
    const failed = this.#failed('bind');
    if (failed.code !== 'EADDRNOTAVAIL') return failed;
    const { transparent } = optionsOf(to);
    if (!setOption(this.#share, this.#descriptor, transparent, 1))
      return this.#failed('setsockopt');
    return bindTo(this.#share, this.#descriptor, to) === 0 ? undefined : this.#failed('bind');
  }

  #failed(call: string): FailedCall {
    return { call, code: errorName(this.#share.libc.errno()) };
  }

  /**
   * Whether another local port may help. With SO_REUSEADDR a port that only other connections use is found taken by
   * connect(2), when it already leads to the same server; that is EADDRNOTAVAIL on Linux.
   */
  #isPortTaken({ call, code }: FailedCall): boolean {
    if (this.#port === 0) return false;
    return code === 'EADDRINUSE' || (code === 'EADDRNOTAVAIL' && call === 'connect');
  }

  #hasConnected(events: number): void {
    const { remote, local: wanted } = this.#request;
    const local = localAddress(this.#share, this.#descriptor);
    const error =
      checkSource(local, { remote, local: wanted, port: this.#port }) ?? this.#checkPeer();
    if (error !== undefined || local === undefined || this.#slot === undefined) {
      this.#fail(error ?? 'EADDRNOTAVAIL');
      return;
    }
    const spareFor = this.#isPlain ? remote : undefined;
    const former = { slot: this.#slot, handler: this, spareFor };
    const stream = new DriverStream(this.#share, this.#descriptor, 'connected', former);
    this.#share.budget.giveBack('connected'); // the stream counts it now
    this.#slot = undefined;
    this.#descriptor = -1;
    stream.ready(events); // there may be bytes already
    this.#end({ ok: true, stream, local });
  }

  #checkPeer(): string | undefined {
    const { remote, checksPeer } = this.#request;
    if (checksPeer !== true) return undefined;
    return checkPeer(peerAddress(this.#share, this.#descriptor), remote);
  }

  #fail(error: string): void {
    if (this.#isOver) return;
    this.#drop();
    this.#end({ ok: false, error });
  }

  #end(result: ConnectResult): void {
    this.#isOver = true;
    this.#alarms?.remove(this);
    this.#done(result);
  }

  /** Closes the socket that there is. */
  #drop(): void {
    if (this.#descriptor === -1) return;
    const { budget, driver, libc } = this.#share;
    if (this.#slot !== undefined) driver.forget(this.#slot, this);
    this.#slot = undefined;
    libc.close(this.#descriptor);
    this.#descriptor = -1;
    budget.giveBack('connected');
  }
}

const NO_DELAY = [linux.SOL_TCP, linux.TCP_NODELAY] as const;

interface FailedCall {
  readonly call: string;
  readonly code: string;
}
