// Server connections on loopback: from the right address, within the time, and never an exception.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import type { Server } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { outcome, resultOf } from '../../test/support/driver-lab.ts';
import { freePort, listenOnFreePort } from '../../test/support/free-port.ts';
import { StreamRecorder, turns } from '../../test/support/stream-recorder.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { ConnectRequest, ConnectResult } from '../session/outside.ts';
import { SystemClock } from './clock.ts';
import { TcpConnector } from './connector.ts';
import { DescriptorBudget } from './descriptor-budget.ts';

const clock = new SystemClock();
const PATIENCE_MS = 10_000;
const servers: Server[] = [];
const accepted = new Set<Socket>();
let remote: SocketAddress;
let remote6: SocketAddress;

before(async () => {
  remote = await serve('127.0.0.1');
  remote6 = await serve('::1');
});

after(() => {
  for (const server of servers) server.close();
  for (const socket of accepted) socket.destroy();
});

/** A server that greets everyone; on a port of the kernel's choice. */
async function serve(host: string): Promise<SocketAddress> {
  const server = createServer((socket) => {
    accepted.add(socket);
    socket.on('error', () => undefined);
    socket.write(`hello ${socket.remoteAddress ?? ''} ${socket.remotePort ?? ''}`);
  });
  servers.push(server);
  return SocketAddress.of(host, await listenOnFreePort(server, host));
}

function request(changes: Partial<ConnectRequest> = {}): ConnectRequest {
  const usual = { remote, local: undefined, localLoose: false, localRandom: false };
  return { ...usual, timeoutMs: PATIENCE_MS, ...changes };
}

function connectOnce(
  changes: Partial<ConnectRequest> = {},
  connector = new TcpConnector({ clock }),
): Promise<ConnectResult> {
  return resultOf(connector, request(changes));
}

describe('the connector', () => {
  it('connects, and loses nothing of what the server says first', async () => {
    const result = await connectOnce();
    assert.ok(result.ok);
    const recorder = new StreamRecorder('server', result.stream);
    recorder.listen();
    const greeting = `hello 127.0.0.1 ${result.local.port}`;
    await recorder.untilReceived(greeting.length);
    assert.equal(recorder.bytes().toString(), greeting);
    recorder.destroy();
    await recorder.untilClosed();
  });

  it('connects over IPv6, and to an IPv4-mapped address as to IPv4', async () => {
    assert.match(await outcome(connectOnce({ remote: remote6 })), /^\[::1\]:/);
    const mapped = SocketAddress.of('::ffff:127.0.0.1', remote.port);
    assert.match(await outcome(connectOnce({ remote: mapped })), /^127\.0\.0\.1:/);
  });

  it('sees where the connection leads, where it is to: the kernel takes 0.0.0.0 for this machine', async () => {
    const checksPeer = true;
    const anywhere = SocketAddress.of('0.0.0.0', remote.port);
    assert.equal(await outcome(connectOnce({ remote: anywhere, checksPeer })), 'EWRONGPEER');
    assert.match(await outcome(connectOnce({ remote: anywhere })), /^127\.0\.0\.1:/);
    const mapped = SocketAddress.of('::ffff:127.0.0.1', remote.port);
    assert.match(await outcome(connectOnce({ remote: mapped, checksPeer })), /^127\.0\.0\.1:/);
  });

  it('connects from the address and the port that are asked for', async () => {
    const local = SocketAddress.of('127.0.0.3', await freePort());
    assert.equal(await outcome(connectOnce({ local })), local.toString());
    const anyPort = SocketAddress.of('127.0.0.4', 0);
    assert.match(await outcome(connectOnce({ local: anyPort })), /^127\.0\.0\.4:\d+$/);
    const anyAddress = SocketAddress.of('0.0.0.0', await freePort());
    const expected = `127.0.0.1:${anyAddress.port}`;
    assert.equal(await outcome(connectOnce({ local: anyAddress })), expected);
  });

  for (const [what, host] of [
    ['IPv4', '127.0.0.1'],
    ['IPv6', '::1'],
  ] as const) {
    it(`takes another port of the group only when it may, over ${what}`, async () => {
      const target = host === '::1' ? remote6 : remote;
      const blocker = createServer();
      const port = await listenOnFreePort(blocker, host);
      const local = SocketAddress.of(host, port);
      assert.equal(await outcome(connectOnce({ remote: target, local })), 'EADDRINUSE');
      const loose = await outcome(connectOnce({ remote: target, local, localLoose: true }));
      const used = SocketAddress.parse(loose);
      assert.ok(used.port !== port && used.port >= 1024);
      blocker.close();
    });
  }

  it('takes a port that already leads to the same server for one in use', async () => {
    const first = await connectOnce({ local: SocketAddress.of('127.0.0.1', await freePort()) });
    assert.ok(first.ok);
    const { local } = first;
    const loose = await outcome(connectOnce({ local, localLoose: true }));
    assert.match(loose, /^127\.0\.0\.1:/);
    assert.notEqual(loose, local.toString());
    assert.equal(await outcome(connectOnce({ local })), 'EADDRNOTAVAIL');
    first.stream.destroy('reset');
  });

  it('takes random ports of the group', async () => {
    const ports = new Set<string>();
    const local = SocketAddress.of('127.0.0.5', 2000);
    for (let count = 0; count < 5; count++)
      ports.add(await outcome(connectOnce({ local, localRandom: true })));
    assert.ok(ports.size > 1);
    assert.ok([...ports].every((text) => SocketAddress.parse(text).port >= 1024));
  });

  it('names what went wrong', async () => {
    const nobody = SocketAddress.of('127.0.0.1', await freePort());
    assert.equal(await outcome(connectOnce({ remote: nobody })), 'ECONNREFUSED');
    const foreign = SocketAddress.of('192.0.2.1', 0);
    assert.equal(await outcome(connectOnce({ local: foreign })), 'EADDRNOTAVAIL');
    const otherFamily = SocketAddress.of('::1', 0);
    assert.match(await outcome(connectOnce({ local: otherFamily })), /^E[A-Z]+$/);
  });

  it('makes a result of an exception', async () => {
    const connector = new TcpConnector({
      clock,
      openSocket: (options) => connect({ ...options, port: 70_000 }), // net.connect throws
    });
    assert.equal(await outcome(connectOnce({}, connector)), 'ERR_SOCKET_BAD_PORT');
  });

  it('fails closed when the connection came from elsewhere', async () => {
    const seen: Socket[] = [];
    const connector = new TcpConnector({
      clock,
      openSocket: ({ host = '', port }) => {
        const socket = connect({ host, port }); // forgets the local address
        seen.push(socket);
        return socket;
      },
    });
    for (const text of ['127.0.0.6:0', '127.0.0.1:1']) {
      const local = SocketAddress.parse(text);
      assert.equal(await outcome(connectOnce({ local }, connector)), 'EADDRNOTAVAIL');
    }
    assert.ok(seen.every((socket) => socket.destroyed));
  });

  it('takes a connection of a socket with itself for refused', async () => {
    const port = await freePort();
    const self = SocketAddress.of('127.0.0.1', port);
    assert.equal(await outcome(connectOnce({ remote: self, local: self })), 'ECONNREFUSED');
  });

  it('gives up after the timeout', async () => {
    const silent = new Socket();
    const connector = new TcpConnector({ clock, openSocket: () => silent });
    assert.equal(await outcome(connectOnce({ timeoutMs: 1 }, connector)), 'ETIMEDOUT');
    assert.equal(silent.destroyed, true);
  });

  it('says nothing of an attempt that was given up', async () => {
    const socket = connect(remote.port, '127.0.0.1');
    const connector = new TcpConnector({ clock, openSocket: () => socket });
    const giveUp = connector.connect(request(), () => assert.fail('called back'));
    socket.prependOnceListener('connect', giveUp);
    await once(socket, 'close');
    giveUp();
    assert.equal(socket.destroyed, true);
  });

  it('leaves no timer behind, however it ends', async () => {
    let pending = 0;
    const counting = new SystemClock();
    counting.after = () => {
      pending++;
      return () => pending--;
    };
    const connector = new TcpConnector({ clock: counting });
    await outcome(connectOnce({}, connector));
    assert.equal(pending, 0);
    await outcome(connectOnce({ local: SocketAddress.of('192.0.2.1', 0) }, connector));
    assert.equal(pending, 0);
    connector.connect(request(), () => assert.fail('called back'))();
    assert.equal(pending, 0);
  });

  it('counts its sockets until they close, also those that fail', async () => {
    const budget = new DescriptorBudget({ limit: 100, openAtStart: 0 });
    const connector = new TcpConnector({ clock, budget });
    const { free } = budget;
    const connecting = connectOnce({}, connector);
    assert.equal(budget.free, free - 1);
    await outcome(connecting);
    assert.equal(budget.free, free);
    const nobody = SocketAddress.of('127.0.0.1', await freePort());
    await outcome(connectOnce({ remote: nobody }, connector));
    await turns(2); // libuv says 'close' at the end of a turn
    assert.equal(budget.free, free);
  });
});
