// Listeners on loopback: what they accept, what they say when they cannot, and what they do when descriptors run out.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, Server } from 'node:net';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { PortLog } from '../../test/support/driver-lab.ts';
import { listenOnFreePort } from '../../test/support/free-port.ts';
import { StreamRecorder } from '../../test/support/stream-recorder.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { DescriptorBudget } from './descriptor-budget.ts';
import { listen, ListenError } from './listener.ts';
import type { Listening } from './listener.ts';

const ANY_PORT = SocketAddress.of('127.0.0.1', 0);

function roomFor(connections: number): DescriptorBudget {
  return new DescriptorBudget({ limit: 32 + 2 * connections, openAtStart: 0 });
}

function open(log: PortLog, address = ANY_PORT, budget = roomFor(100)): Promise<Listening> {
  return listen(address, { backlog: 128, budget }, log);
}

function dial({ address }: Listening): Socket {
  const socket = connect(address.port, address.address.toString());
  return socket.on('error', () => undefined);
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

async function close(...sockets: Socket[]): Promise<void> {
  for (const socket of sockets) {
    socket.destroy();
    await closed(socket);
  }
}

describe('a listener', () => {
  for (const host of ['127.0.0.1', '::1']) {
    it(`accepts on ${host}, with both addresses, and loses nothing said before`, async () => {
      const log = new PortLog();
      const listening = await open(log, SocketAddress.of(host, 0));
      const arrival = log.next();
      const client = dial(listening);
      client.write('early');
      const { stream, clientAddress, clientLocal } = await arrival;
      assert.ok(clientAddress.equals(SocketAddress.of(host, client.localPort ?? 0)));
      assert.ok(clientLocal.equals(listening.address));
      const recorder = new StreamRecorder('client', stream);
      recorder.listen();
      await recorder.untilReceived(5);
      recorder.destroy();
      await recorder.untilClosed();
      await close(client);
      listening.close();
    });
  }

  it('takes IPv6 only on [::], so that the same port is free for IPv4', async () => {
    const listening = await open(new PortLog(), SocketAddress.of('::', 0));
    const other = await open(new PortLog(), SocketAddress.of('0.0.0.0', listening.address.port));
    assert.equal(other.address.port, listening.address.port);
    listening.close();
    other.close();
  });

  it('takes no more connections once it is closed, and lets the others live', async () => {
    const log = new PortLog();
    const listening = await open(log);
    const arrival = log.next();
    const client = dial(listening);
    const recorder = new StreamRecorder('client', (await arrival).stream);
    recorder.listen();
    listening.close();
    listening.close();
    const [error] = (await once(connect(listening.address.port, '127.0.0.1'), 'error')) as [Error];
    assert.match(error.message, /ECONNREFUSED/);
    client.write('still here');
    await recorder.untilReceived(10);
    recorder.destroy();
    await recorder.untilClosed();
    await close(client);
  });

  it('says with the cure why a port cannot be opened', async () => {
    const blocker = createServer();
    const taken = SocketAddress.of('127.0.0.1', await listenOnFreePort(blocker));
    await assert.rejects(open(new PortLog(), taken), {
      code: 'EADDRINUSE',
      message: new RegExp(`^Cannot listen on ${taken.toString()}: another program .*"ss -tulnp"`),
    });
    blocker.close();
    await assert.rejects(open(new PortLog(), SocketAddress.of('192.0.2.1', 0)), {
      code: 'EADDRNOTAVAIL',
      message: /no interface of this machine has the address; add it/,
    });
    assert.match(
      new ListenError(SocketAddress.of('127.0.0.1', 80), { code: 'EACCES' }).message,
      /CAP_NET_BIND_SERVICE/,
    );
    assert.match(new ListenError(taken, { code: 'EFUTURE' }).message, /the system says EFUTURE/);
  });

  it('survives an error of the server object, and a socket that is already gone', async (t) => {
    // Only a sick kernel makes these two, so the test speaks for it.
    const spy = t.mock.method(Server.prototype, 'listen');
    const log = new PortLog();
    const listening = await open(log);
    const server = spy.mock.calls[0]?.this as Server; // what listen() was called on
    server.emit('error', Object.assign(new Error('accept'), { code: 'ENOBUFS' }));
    const gone = connect(listening.address.port, '127.0.0.1');
    gone.on('error', () => undefined);
    gone.destroy();
    server.emit('connection', gone);
    assert.deepEqual(log.lines, ['failed ENOBUFS']);
    assert.deepEqual(log.connections, []);
    listening.close();
  });

  it('resets what it has no descriptors for, and says so once', async () => {
    const log = new PortLog();
    const listening = await open(log, ANY_PORT, roomFor(2));
    const served: [Socket, StreamRecorder][] = [];
    for (const name of ['one', 'two']) {
      const arrival = log.next();
      const client = dial(listening);
      const recorder = new StreamRecorder(name, (await arrival).stream);
      recorder.listen();
      served.push([client, recorder]);
    }
    for (let count = 0; count < 3; count++) await closed(dial(listening).resume());
    assert.deepEqual(log.lines, ['exhausted, reset']);
    assert.equal(log.connections.length, 2);

    for (const [, recorder] of served) recorder.destroy();
    for (const [, recorder] of served) await recorder.untilClosed();
    assert.deepEqual(log.lines, ['exhausted, reset', 'recovered, refused 3']);
    const arrival = log.next();
    const client = dial(listening);
    (await arrival).stream.destroy();
    await close(client, ...served.map(([socket]) => socket));
    listening.close();
  });

  it('says nothing of room once it is closed', async () => {
    const log = new PortLog();
    const listening = await open(log, ANY_PORT, roomFor(1));
    const arrival = log.next();
    const client = dial(listening);
    const recorder = new StreamRecorder('client', (await arrival).stream);
    recorder.listen();
    await closed(dial(listening).resume());
    listening.close();
    recorder.destroy();
    await recorder.untilClosed();
    assert.deepEqual(log.lines, ['exhausted, reset']);
    await close(client);
  });
});

const LIMIT = 128;
const CLIENTS = 300;

/** A gateway without policy: connects every client to one server, and says on stdout what happens. */
const GATEWAY = `
  import { SocketAddress } from '${import.meta.resolve('../address/socket-address.ts')}';
  import { SystemClock } from '${import.meta.resolve('./clock.ts')}';
  import { TcpConnector } from '${import.meta.resolve('./connector.ts')}';
  import { DescriptorBudget } from '${import.meta.resolve('./descriptor-budget.ts')}';
  import { listen } from '${import.meta.resolve('./listener.ts')}';

  const say = (...words) => console.log(words.join(' '));
  const budget = DescriptorBudget.ofProcess();
  const connector = new TcpConnector({ clock: new SystemClock(), budget });
  const remote = SocketAddress.parse(process.env.REMOTE);
  const request = { remote, local: undefined, localLoose: false, localRandom: false, timeoutMs: 10_000 };
  const nothing = () => undefined;

  function accepted({ stream }) {
    connector.connect(request, (result) => {
      if (!result.ok) return say('failed', result.error);
      result.stream.listen({ received: nothing, ended: nothing, drained: nothing, closed: nothing });
      stream.write(Buffer.from('served'), 'given');
      const end = () => (stream.destroy(), result.stream.destroy());
      stream.listen({ received: nothing, ended: end, drained: nothing, closed: end });
    });
  }
  const listening = await listen(SocketAddress.parse('127.0.0.1:0'), { backlog: 511, budget }, {
    accepted,
    exhausted: () => say('exhausted'),
    recovered: ({ refused }) => say('recovered', refused),
    failed: (error) => say('failed', error),
  });
  say('port', listening.address.port);
`;

/** The gateway in a process of its own, under a limit of descriptors. */
class GatewayProcess {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #arrivals = new Set<() => void>();

  constructor(remote: SocketAddress) {
    const run =
      'ulimit -n "$LIMIT" && exec "$NODE" --input-type=module-typescript --eval "$GATEWAY"';
    this.#child = spawn('sh', ['-c', run], {
      env: { LIMIT: String(LIMIT), NODE: process.execPath, GATEWAY, REMOTE: remote.toString() },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (this.#child.stdout === null) throw new Error('A child with a pipe has a stdout');
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.lines.push(line);
      for (const look of this.#arrivals) look();
    });
  }

  /** The rest of the first line that begins with this word. */
  async said(word: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const look = (): void => {
      const line = this.lines.find((one) => one.startsWith(word));
      if (line !== undefined) resolve(line.slice(word.length + 1));
    };
    this.#arrivals.add(look);
    look();
    return promise;
  }

  async stop(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.kill();
    await exit;
  }
}

/** Connects and waits for what comes of it. */
async function visit(port: number): Promise<{ socket: Socket; isServed: boolean }> {
  const socket = connect(port, '127.0.0.1');
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.on('data', () => resolve(true));
  socket.on('error', () => undefined);
  socket.on('close', () => resolve(false));
  return { socket, isServed: await promise };
}

describe('a listener in a process with few descriptors', { timeout: 30_000 }, () => {
  it('serves whom it can, resets the others, and recovers', async () => {
    const upstream = createServer((socket) => socket.on('error', () => undefined).resume());
    const upstreamPort = await listenOnFreePort(upstream);
    const gateway = new GatewayProcess(SocketAddress.of('127.0.0.1', upstreamPort));
    try {
      const port = Number(await gateway.said('port'));
      const visits = await Promise.all(Array.from({ length: CLIENTS }, () => visit(port)));
      const served = visits.filter(({ isServed }) => isServed);
      const refused = CLIENTS - served.length;
      assert.ok(served.length >= 20 && 2 * served.length < LIMIT, `${served.length} were served`);
      assert.deepEqual(gateway.lines.slice(1), ['exhausted']);

      for (const { socket } of served) socket.destroy();
      assert.equal(await gateway.said('recovered'), String(refused));
      const again = await visit(port);
      assert.equal(again.isServed, true);
      again.socket.destroy();
      assert.equal(gateway.lines.length, 3);
    } finally {
      await gateway.stop();
      upstream.close();
    }
  });
});
