// Ports for expected connections, on loopback: what they tell, and that they never outlive their close.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { listenOnFreePort } from '../../test/support/free-port.ts';
import { until } from '../../test/support/system-wait.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { Accepted, PortWatcher } from '../session/outside.ts';
import { DESCRIPTOR_RESERVE, DescriptorBudget } from './descriptor-budget.ts';
import { openExpectedPort } from './expected-port.ts';

const ANY_PORT = SocketAddress.parse('127.0.0.1:0');

function budgetOf(free: number): DescriptorBudget {
  return new DescriptorBudget({ limit: free + DESCRIPTOR_RESERVE, openAtStart: 0 });
}

/** Keeps what it is told. */
class Watcher implements PortWatcher {
  readonly lines: string[] = [];
  readonly #opened = Promise.withResolvers<SocketAddress>();
  readonly #accepted = Promise.withResolvers<Accepted>();
  readonly #failed = Promise.withResolvers<string>();
  readonly whenOpened = this.#opened.promise;
  readonly whenAccepted = this.#accepted.promise;
  readonly whenFailed = this.#failed.promise;

  opened(address: SocketAddress): void {
    this.lines.push('opened');
    this.#opened.resolve(address);
  }

  failed(error: string): void {
    this.lines.push(`failed ${error}`);
    this.#failed.resolve(error);
  }

  accepted(connection: Accepted): void {
    this.lines.push('accepted');
    this.#accepted.resolve(connection);
  }
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
  const outcome = await promise;
  socket.destroy();
  return outcome;
}

describe('openExpectedPort()', () => {
  it('opens a port that the kernel chose, hands on who comes, and closes', async () => {
    const budget = budgetOf(10);
    const watcher = new Watcher();
    const close = openExpectedPort(budget, ANY_PORT, watcher);
    const { port } = await watcher.whenOpened;
    assert.equal(budget.free, 9);
    const socket = connect(port, '127.0.0.1');
    const { stream, clientAddress, clientLocal } = await watcher.whenAccepted;
    assert.equal(clientLocal.port, port);
    assert.equal(clientAddress.port, socket.localPort);
    assert.equal(budget.free, 8);
    close();
    close();
    assert.equal(budget.free, 9);
    assert.equal(await isOpen(port), false);
    stream.destroy();
    await once(socket.resume(), 'close');
    await until('all to be given back', () => budget.free === 10);
    assert.deepEqual(watcher.lines, ['opened', 'accepted']);
  });

  it('tells nothing when it is closed before it is open', async () => {
    const budget = budgetOf(10);
    const watcher = new Watcher();
    openExpectedPort(budget, ANY_PORT, watcher)();
    await until('all to be given back', () => budget.free === 10);
    assert.deepEqual(watcher.lines, []);
  });

  it('fails where a port is taken', async () => {
    const server = createServer();
    const port = await listenOnFreePort(server);
    const budget = budgetOf(10);
    const watcher = new Watcher();
    const close = openExpectedPort(budget, ANY_PORT.withPort(port), watcher);
    assert.equal(await watcher.whenFailed, 'EADDRINUSE');
    close();
    assert.equal(budget.free, 10);
    server.close();
  });

  it('fails without descriptors, at once or when somebody comes', async () => {
    const none = new Watcher();
    const poor = budgetOf(2);
    poor.charge({ once: () => undefined }, 'connected');
    const close = openExpectedPort(poor, ANY_PORT, none);
    assert.deepEqual(none.lines, []);
    assert.equal(await none.whenFailed, 'EMFILE');
    close();
    const few = new Watcher();
    openExpectedPort(budgetOf(2), ANY_PORT, few);
    const { port } = await few.whenOpened;
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    assert.equal(await few.whenFailed, 'EMFILE');
    assert.deepEqual(few.lines, ['opened', 'failed EMFILE']);
    assert.equal(await isOpen(port), false);
    socket.destroy();
  });
});
