// Ports and connections of the driver with what they say written down, for tests.
import assert from 'node:assert/strict';
import { SocketAddress } from '../../src/address/socket-address.ts';
import { SystemClock } from '../../src/io/clock.ts';
import { AlarmQueue } from '../../src/session/alarm-queue.ts';
import { DriverConnector } from '../../src/io/driver-connector.ts';
import { listenOnDriver } from '../../src/io/driver-listener.ts';
import type { DriverListenOptions } from '../../src/io/driver-listener.ts';
import type { ListenHandlers, Listening } from '../../src/io/listener.ts';
import type { RandomBelow } from '../../src/io/local-port.ts';
import type { StreamShare } from '../../src/io/stream-share.ts';
import type {
  Accepted,
  Connector,
  ConnectRequest,
  ConnectResult,
} from '../../src/session/outside.ts';
import { StreamRecorder } from './stream-recorder.ts';

/** Handlers that write down what they are told. */
export class PortLog implements ListenHandlers {
  readonly lines: string[] = [];
  readonly connections: Accepted[] = [];
  readonly #arrivals: ((connection: Accepted) => void)[] = [];

  accepted(connection: Accepted): void {
    this.connections.push(connection);
    this.#arrivals.shift()?.(connection);
  }

  exhausted(then: string): void {
    this.lines.push(`exhausted, ${then}`);
  }

  recovered({ refused }: { readonly refused: number }): void {
    this.lines.push(`recovered, refused ${refused}`);
  }

  failed(error: string): void {
    this.lines.push(`failed ${error}`);
  }

  next(): Promise<Accepted> {
    return new Promise((resolve) => this.#arrivals.push(resolve));
  }
}

/** Opens a port of the driver. */
export function openPort(
  share: StreamShare,
  log: PortLog,
  at = '127.0.0.1:0',
  options: Partial<DriverListenOptions> = {},
): Promise<Listening> {
  return listenOnDriver(share, SocketAddress.parse(at), { backlog: 128, ...options }, log);
}

/** Connects once by the driver. */
export function connectOnce(
  share: StreamShare,
  request: Pick<ConnectRequest, 'remote'> & Partial<ConnectRequest>,
  randomBelow?: RandomBelow,
): Promise<ConnectResult> {
  const dice = randomBelow === undefined ? {} : { randomBelow };
  const connector = new DriverConnector({
    share,
    alarms: new AlarmQueue(new SystemClock()),
    ...dice,
  });
  const usual = { local: undefined, localLoose: false, localRandom: false, timeoutMs: 5000 };
  return resultOf(connector, { ...usual, ...request });
}

/** What comes of a request, with a check that it is told once and not at once. */
export function resultOf(connector: Connector, request: ConnectRequest): Promise<ConnectResult> {
  const { promise, resolve } = Promise.withResolvers<ConnectResult>();
  let hasReturned = false;
  let calls = 0;
  connector.connect(request, (result) => {
    assert.ok(hasReturned, 'called back before it returned');
    assert.equal(++calls, 1, 'called back twice');
    resolve(result);
  });
  hasReturned = true;
  return promise;
}

/** The error of an attempt, or the local address of a connection, which is closed again. */
export async function outcome(result: Promise<ConnectResult>): Promise<string> {
  const settled = await result;
  if (!settled.ok) return settled.error;
  await discard(settled.stream);
  return settled.local.toString();
}

/** Closes a stream without a TIME-WAIT that would hold its port. */
export async function discard(stream: Accepted['stream']): Promise<void> {
  const recorder = new StreamRecorder('discarded', stream);
  recorder.listen();
  recorder.destroy('reset');
  await recorder.untilClosed();
}
