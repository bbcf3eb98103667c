// Connections that a proxy expects or claims, with real sockets: who gets in, who does not, and that no port stays open.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { runInstance } from '../../src/instance/instance.ts';
import type { RunningInstance } from '../../src/instance/instance.ts';
import type { LoadedPolicy } from '../../src/instance/load-policy.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import { listener } from '../../src/policy/listener.ts';
import { directedRouter } from '../../src/policy/router.ts';
import { service } from '../../src/policy/service.ts';
import { zone } from '../../src/policy/zone.ts';
import type { ProxyFactory } from '../../src/proxy/engine.ts';
import { MAX_EXPECTED_BY_SESSION } from '../../src/session/expectations.ts';
import { LineClient } from '../support/line-client.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { until } from '../support/system-wait.ts';
import { fileDropProxy } from './proxies/file-drop-proxy.ts';
import type { FileDropOptions } from './proxies/file-drop-proxy.ts';
import { sumProxy } from './proxies/sum-proxy.ts';

const STRANGER = '127.0.0.2';

/** An instance with one service, and its server with the connections that it got. */
interface Site {
  readonly instance: RunningInstance;
  readonly log: MemoryLog;
  readonly port: number;
  readonly arrivals: Socket[];
  readonly policy: (revision: string, hasListener?: boolean) => LoadedPolicy;
}

async function openSite(t: TestContext, proxy: ProxyFactory): Promise<Site> {
  const arrivals: Socket[] = [];
  const server = createServer((socket) => arrivals.push(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const destination = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const policy = (revision: string, hasListener = true): LoadedPolicy => {
    const only = service('only', { proxy, router: directedRouter({ destination }) });
    const services = { outboundServices: [only], inboundServices: [only] };
    const machine = zone('machine', { subnets: ['127.0.0.0/8'], ...services });
    const name = hasListener ? 'door' : 'window';
    const listeners = [listener('127.0.0.1:0', only, { name })];
    const made = definePolicy({ zones: [machine], listeners });
    return { ...LOADED, policy: made, revision };
  };
  const log = new MemoryLog();
  const instance = await runInstance({ loaded: policy('a'), instance: 'zorp', log });
  t.after(async () => {
    await instance.drain(0);
    for (const socket of arrivals) socket.destroy();
    server.close();
  });
  const port = Number(instance.listening[0]?.split(':').at(-1));
  return { instance, log, port, arrivals, policy };
}

const LOADED = { file: 'policy.ts', inputs: [], lists: [] };

/** A session of the file drop proxy that has greeted its client. */
async function openDrop(
  t: TestContext,
  options?: FileDropOptions,
): Promise<Site & { readonly client: LineClient }> {
  const site = await openSite(t, fileDropProxy(options));
  const client = new LineClient(site.port);
  t.after(() => client.socket.destroy());
  assert.equal(await client.line(), 'welcome');
  return { ...site, client };
}

/** The port in the next line, which is such as `client#1 127.0.0.1:40000`. */
async function portIn(client: LineClient): Promise<number> {
  const line = await client.line();
  const port = /^(?:client|server)#\d+ 127\.0\.0\.1:(\d+)$/.exec(line)?.[1];
  assert.ok(port !== undefined, `no port is in "${line}"`);
  return Number(port);
}

/** Whether anybody listens on a port. */
async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
  const outcome = await promise;
  socket.destroy();
  return outcome;
}

/** The next connection of the server, to this session. */
async function arrival({ arrivals }: Site, index: number): Promise<Socket> {
  return until(`connection ${index} of the server`, () => arrivals[index]);
}

describe('a connection that a proxy expects of its client', () => {
  it('goes to a second connection of the server, and is in the record of its session', async (t) => {
    const site = await openDrop(t);
    const { client, log } = site;
    const port = await portIn(client.say('PASSIVE'));
    assert.notEqual(port, site.port);
    const file = connect(port, '127.0.0.1');
    await once(file, 'connect');
    assert.equal(await until('the port is closed', async () => !(await isOpen(port))), true);
    file.end('a file of some bytes');
    assert.equal(await text(await arrival(site, 1)), 'a file of some bytes');
    assert.equal(await client.line(), 'done client#1');
    client.socket.end();
    const record = await until('the record', () => log.records[0]);
    assert.equal(site.instance.sessionCount, 0);
    assert.deepEqual(
      record.related.map(({ port: name, kind, peer, local }) => [
        name,
        kind,
        peer.zone,
        local.port,
      ]),
      [['client#1', 'related', 'machine', port]],
    );
    assert.equal(record.bytes.fromClient, 'PASSIVE\na file of some bytes'.length);
    assert.equal(log.records.length, 1);
  });

  it('is not a stranger who comes first', async (t) => {
    const site = await openDrop(t);
    const port = await portIn(site.client.say('PASSIVE'));
    const stranger = new LineClient(port, STRANGER);
    stranger.say('mine!');
    assert.equal(await stranger.line(), '');
    const line = await site.log.next('dispatch.wrong-peer');
    assert.equal(line.level, 'policy');
    assert.equal(line.fields?.['expected'], '127.0.0.1');
    connect(port, '127.0.0.1').end('of the client');
    assert.equal(await text(await arrival(site, 1)), 'of the client');
  });

  it('comes in time or not at all', async (t) => {
    const { client } = await openDrop(t, { timeoutMs: 50 });
    const port = await portIn(client.say('PASSIVE'));
    assert.equal(await client.line(), 'failed expect.timeout');
    assert.equal(await isOpen(port), false);
  });

  it('cannot come after the end of its session', async (t) => {
    const { client, log } = await openDrop(t);
    const port = await portIn(client.say('PASSIVE'));
    client.say('QUIT');
    await until('the end of the session', () => log.records[0]);
    assert.equal(await isOpen(port), false);
  });

  it('is one of a bounded number', async (t) => {
    const { client } = await openDrop(t);
    for (let count = 0; count < MAX_EXPECTED_BY_SESSION; count++)
      await portIn(client.say('PASSIVE'));
    assert.equal(await client.say('PASSIVE').line(), 'failed limit.session-expectations');
  });

  it('may come through the listener, before the listener decides', async (t) => {
    const site = await openDrop(t, { atListener: true });
    assert.equal(await portIn(site.client.say('PASSIVE')), site.port);
    const stranger = new LineClient(site.port, STRANGER);
    assert.equal(await stranger.line(), 'welcome'); // a session of its own
    connect(site.port, '127.0.0.1').end('through the door');
    assert.equal(await text(await arrival(site, 2)), 'through the door');
    const again = new LineClient(site.port);
    assert.equal(await again.line(), 'welcome'); // the expectation was for one connection
    for (const { socket } of [stranger, again]) socket.destroy();
  });

  it('comes also while the instance ends, which expects nothing new', async (t) => {
    const site = await openDrop(t);
    const port = await portIn(site.client.say('PASSIVE'));
    const drained = site.instance.drain(10_000);
    assert.equal(await site.client.say('PASSIVE').line(), 'failed expect.instance-ending');
    connect(port, '127.0.0.1').end('late');
    assert.equal(await text(await arrival(site, 1)), 'late');
    site.client.say('QUIT');
    await drained;
    assert.equal(site.log.records[0]?.reason, 'file-drop.quit');
  });
});

describe('a connection that a proxy expects of its server', () => {
  it('comes from the server, whatever port it comes from', async (t) => {
    const site = await openDrop(t);
    const port = await portIn(site.client.say('ACTIVE'));
    const stranger = new LineClient(port, STRANGER);
    assert.equal(await stranger.line(), '');
    connect(port, '127.0.0.1').end('from the server\n');
    assert.equal(await site.client.line(), 'from the server');
    assert.equal(await site.client.line(), 'done server#1');
    assert.equal(await isOpen(port), false);
  });
});

describe('connections that a proxy claims', () => {
  it('are joined, and end with their session', async (t) => {
    const { log, port, instance } = await openSite(t, sumProxy(2));
    const first = new LineClient(port).say('a').say('b');
    first.say('');
    assert.equal(await first.line(), '2');
    const second = new LineClient(port);
    assert.equal(await second.line(), 'joined client#1');
    const third = new LineClient(port);
    assert.equal(await third.line(), 'joined client#2');
    second.say('c').say('');
    assert.equal(await second.line(), '3');
    third.say('d').say('');
    assert.equal(await third.line(), '4');
    assert.equal(instance.sessionCount, 1);
    const fourth = new LineClient(port).say('');
    assert.equal(await fourth.line(), '0'); // one too much is a session of its own
    fourth.socket.destroy();
    second.socket.destroy();
    await until('the fourth is gone', () => instance.sessionCount === 1);
    first.socket.destroy();
    assert.equal(await third.line(), '');
    const record = await until('the record', () => log.records[1]);
    assert.deepEqual(
      record.related.map(({ port: name, kind }) => `${name} ${kind}`),
      ['client#1 secondary', 'client#2 secondary'],
    );
    assert.equal(record.bytes.fromClient, 'a\nb\n\nc\n\nd\n\n'.length);
  });

  it('are of one client', async (t) => {
    const { port } = await openSite(t, sumProxy(2));
    const first = new LineClient(port).say('a').say('');
    assert.equal(await first.line(), '1');
    const stranger = new LineClient(port, STRANGER).say('');
    assert.equal(await stranger.line(), '0');
    for (const { socket } of [first, stranger]) socket.destroy();
  });

  it('outlive a reload, under the policy that their session began with', async (t) => {
    const { log, port, instance, policy } = await openSite(t, sumProxy(2));
    const first = new LineClient(port).say('a').say('');
    assert.equal(await first.line(), '1');
    await instance.reload(policy('b'));
    const second = new LineClient(port);
    assert.equal(await second.line(), 'joined client#1');
    await instance.reload(policy('c', false));
    assert.equal(await isOpen(port), false);
    second.say('b').say('');
    assert.equal(await second.line(), '2');
    first.socket.destroy();
    assert.equal((await until('the record', () => log.records[0])).revision, 'a');
    second.socket.destroy();
  });
});
