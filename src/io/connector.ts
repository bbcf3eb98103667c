// Makes server connections with node:net.

import { randomInt } from 'node:crypto';
import { connect as connectSocket } from 'node:net';
import type { Socket, TcpNetConnectOpts } from 'node:net';
import type { Clock, ConnectRequest, Connector, ConnectResult } from '../session/outside.ts';
import type { DescriptorBudget } from './descriptor-budget.ts';
import { errorCode } from './error-code.ts';
import { candidatePorts, portChoice } from './local-port.ts';
import type { RandomBelow } from './local-port.ts';
import { socketAddressOf } from './node-address.ts';
import { SocketStream } from './socket-stream.ts';
import { checkPeer, checkSource } from './source-check.ts';

/** What a connector is made of. Tests hand in their own sockets and dice. */
export interface ConnectorParts {
  readonly clock: Clock;
  /** Where the descriptors of the connections are counted. */
  readonly budget?: DescriptorBudget;
  readonly openSocket?: (options: TcpNetConnectOpts) => Socket;
  readonly randomBelow?: RandomBelow;
}

/**
 * Connects TCP sockets. Whatever goes wrong is a result, never an exception. Own codes: 'ETIMEDOUT' after the timeout,
 * which counts for all local ports together; 'EADDRNOTAVAIL' also when the connection came from an address that was
 * not asked for. After the returned function was called, `done` is not called any more.
 */
export class TcpConnector implements Connector {
  readonly #parts: Required<Omit<ConnectorParts, 'budget'>> & Pick<ConnectorParts, 'budget'>;

  constructor(parts: ConnectorParts) {
    const randomBelow: RandomBelow = (bound) => randomInt(bound);
    this.#parts = { openSocket: connectSocket, randomBelow, ...parts };
  }

  connect(request: ConnectRequest, done: (result: ConnectResult) => void): () => void {
    const { clock, budget, openSocket, randomBelow } = this.#parts;
    const hint = request.local?.port ?? 0;
    const ports = candidatePorts(hint, portChoice(request), randomBelow);
    const open = (localPort: number): Socket => {
      const socket = openSocket(socketOptions(request, localPort));
      budget?.charge(socket, 'connected');
      return socket;
    };
    const attempt = new Attempt({ request, ports, open, done });
    attempt.begin(clock);
    return () => attempt.giveUp();
  }
}

interface AttemptParts {
  readonly request: ConnectRequest;
  readonly ports: Iterator<number, void, undefined>;
  readonly open: (localPort: number) => Socket;
  readonly done: (result: ConnectResult) => void;
}

/** One connection in the making: a socket for each local port in turn, until one is not in use. */
class Attempt {
  readonly #parts: AttemptParts;
  #socket: Socket | undefined;
  #isOver = false;
  #cancelTimer = (): void => undefined;

  constructor(parts: AttemptParts) {
    this.#parts = parts;
  }

  begin(clock: Clock): void {
    this.#cancelTimer = clock.after(this.#parts.request.timeoutMs, () => this.#fail('ETIMEDOUT'));
    this.#tryNext('EADDRINUSE');
  }

  giveUp(): void {
    this.#isOver = true;
    this.#cancelTimer();
    this.#socket?.destroy();
  }

  #tryNext(lastError: string): void {
    const { value: localPort } = this.#parts.ports.next();
    if (localPort === undefined) this.#fail(lastError);
    else this.#try(localPort);
  }

  #try(localPort: number): void {
    try {
      const socket = this.#parts.open(localPort);
      this.#socket = socket;
      const failed = (error: Error): void => this.#hasFailed(error, localPort);
      socket.once('error', failed);
      socket.once('connect', () => {
        this.#hasConnected(socket, localPort);
        // Errors are the stream's from now on; what is still listened to would keep the attempt for as long as the socket.
        if (this.#isOver && !socket.destroyed) socket.off('error', failed);
      });
    } catch (error) {
      queueMicrotask(() => this.#fail(errorCode(error)));
    }
  }

  #hasFailed(error: Error, localPort: number): void {
    if (this.#isOver) return;
    if (isPortTaken(error, localPort)) this.#tryNext(errorCode(error));
    else this.#fail(errorCode(error));
  }

  #hasConnected(socket: Socket, localPort: number): void {
    if (this.#isOver) return;
    const local = socketAddressOf(socket.localAddress, socket.localPort);
    const { remote, local: wanted, checksPeer } = this.#parts.request;
    const peer = socketAddressOf(socket.remoteAddress, socket.remotePort);
    const error =
      checkSource(local, { remote, local: wanted, port: localPort }) ??
      (checksPeer === true ? checkPeer(peer, remote) : undefined);
    if (error !== undefined || local === undefined) this.#fail(error ?? 'EADDRNOTAVAIL');
    else this.#end({ ok: true, stream: new SocketStream(socket), local });
  }

  #fail(error: string): void {
    if (this.#isOver) return;
    this.#socket?.destroy();
    this.#end({ ok: false, error });
  }

  #end(result: ConnectResult): void {
    this.#isOver = true;
    this.#cancelTimer();
    this.#parts.done(result);
  }
}

function socketOptions({ remote, local }: ConnectRequest, localPort: number): TcpNetConnectOpts {
  const from = { localAddress: local?.address.unmapped().toString(), localPort };
  return {
    host: remote.address.unmapped().toString(),
    port: remote.port,
    allowHalfOpen: true,
    ...(local === undefined ? {} : from),
  };
}

/**
 * Whether another local port may help. libuv binds with SO_REUSEADDR, so a port that only other connections use is found
 * taken by connect(2), when it already leads to the same server; that is EADDRNOTAVAIL on Linux.
 */
function isPortTaken(error: Error, localPort: number): boolean {
  if (localPort === 0) return false;
  const code = errorCode(error);
  const call = 'syscall' in error ? error.syscall : undefined;
  return code === 'EADDRINUSE' || (code === 'EADDRNOTAVAIL' && call === 'connect');
}
