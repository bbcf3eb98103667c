import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenOnFreePort } from '../../test/support/free-port.ts';
import { loadedOf } from '../../test/support/system-instance.ts';
import { until } from '../../test/support/system-wait.ts';
import { MemoryLog } from '../../test/support/memory-log.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import { KeptCertificates } from '../io/kept-certificates.ts';
import { TlsContexts } from '../io/tls-contexts.ts';
import { availabilityChainer } from '../policy/chainer-availability.ts';
import { definePolicy } from '../policy/define-policy.ts';
import { listener } from '../policy/listener.ts';
import { directedRouter } from '../policy/router.ts';
import type { ServiceOptions } from '../policy/service.ts';
import { service } from '../policy/service.ts';
import { zone } from '../policy/zone.ts';
import { httpProxy } from '../protocols/http/index.ts';
import { plugProxy } from '../protocols/plug/index.ts';
import { REST_AFTER_MS } from '../session/pump-timers.ts';
import { runInstance } from './instance.ts';
import type { RunningInstance } from './instance.ts';
import type { LoadedPolicy } from './load-policy.ts';

/** A policy with one plug to a server of this machine. */
function plugTo(
  port: number,
  revision: string,
  options: Partial<ServiceOptions> = {},
): LoadedPolicy {
  const plug = service('plug', {
    proxy: plugProxy({ shutdownSoft: true }),
    router: directedRouter({ destination: `127.0.0.1:${port}` }),
    ...options,
  });
  const machine = zone('machine', {
    subnets: ['127.0.0.1'],
    outboundServices: [plug],
    inboundServices: [plug],
  });
  const listeners = [listener('127.0.0.1:0', plug, { name: 'plug' })];
  const policy = definePolicy({ zones: [machine], listeners });
  return loadedOf(policy, revision);
}

/** A server that says its name and then echoes. */
async function startServer(name: string): Promise<Server & { port: number }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined); // Zorp resets it in one test
    socket.write(name);
    socket.pipe(socket);
  });
  return Object.assign(server, { port: await listenOnFreePort(server) });
}

function portOf(instance: RunningInstance): number {
  return Number(instance.listening[0]?.split(':').at(-1));
}

async function ask(instance: RunningInstance, words: string): Promise<string> {
  const socket = connect({ port: portOf(instance), host: '127.0.0.1', allowHalfOpen: true });
  socket.end(words);
  return text(socket);
}

describe('runInstance()', () => {
  it('proxies, reloads for new connections only, and drains', async () => {
    const one = await startServer('one ');
    const two = await startServer('two ');
    const log = new MemoryLog();
    const instance = await runInstance({ loaded: plugTo(one.port, 'a'), instance: 'zorp', log });
    assert.equal(await ask(instance, 'hello'), 'one hello');
    const old = connect({ port: portOf(instance), host: '127.0.0.1', allowHalfOpen: true });
    await once(old, 'data');
    await instance.reload(plugTo(two.port, 'b'));
    assert.equal(await ask(instance, 'hello'), 'two hello');
    assert.equal(instance.sessionCount, 1);
    const drained = instance.drain(10_000);
    old.end('still here');
    assert.equal(await text(old), 'still here');
    await assert.rejects(instance.reload(plugTo(one.port, 'c')), /is ending/);
    await drained;
    assert.deepEqual(instance.listening, []);
    assert.equal(instance.sessionCount, 0);
    assert.deepEqual(
      log.records.map(({ revision }) => revision),
      ['a', 'b', 'a'],
    );
    one.close();
    two.close();
  });

  it('ends kept connections of HTTP between two requests when it drains', async () => {
    const server = createHttpServer((_, response) => response.end('hi'));
    const port = await listenOnFreePort(server);
    const log = new MemoryLog();
    const loaded = plugTo(port, 'a', { proxy: httpProxy() });
    const instance = await runInstance({ loaded, instance: 'zorp', log });
    const kept = async (): Promise<Socket> => {
      const client = connect(portOf(instance), '127.0.0.1');
      client.write('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n');
      await once(client, 'data');
      return client;
    };
    const resting = await kept();
    await sleep(REST_AFTER_MS + 100);
    const clients = [resting, await kept()];
    const ends = clients.map((client) => once(client, 'end'));
    await instance.drain(20_000);
    await Promise.all(ends);
    const reasons = log.records.map(({ reason }) => reason);
    assert.deepEqual(reasons, ['http.finished', 'http.finished']);
    server.close();
  });

  it('ends what still runs after the time limit of a drain', async () => {
    const server = await startServer('busy');
    const log = new MemoryLog();
    const loaded = plugTo(server.port, 'a');
    const instance = await runInstance({ loaded, instance: 'zorp', log });
    const client = connect(portOf(instance), '127.0.0.1');
    const closed = Promise.withResolvers<unknown>();
    client.on('error', closed.resolve); // it is reset, which is the point
    await once(client, 'data');
    await instance.drain(1);
    await closed.promise;
    assert.equal(instance.sessionCount, 0);
    assert.equal(log.records[0]?.reason, 'instance.stopped');
    server.close();
  });

  it('checks the servers that the policy wants checked, until it drains', async (t) => {
    const asked: string[] = [];
    const check = (server: SocketAddress): boolean => {
      asked.push(String(server));
      return false;
    };
    const chainer = availabilityChainer({ check, intervalMs: 1, fall: 1 });
    const log = new MemoryLog();
    const loaded = plugTo(9, 'a', { chainer });
    const instance = await runInstance({ loaded, instance: 'zorp', log });
    t.after(() => instance.drain(0));
    const reason = (index: number): Promise<string> =>
      until('a record', () => log.records[index]?.reason);
    assert.equal((await log.next('chainer.server-down')).fields?.['server'], '127.0.0.1:9');
    assert.equal(await ask(instance, ''), '');
    assert.equal(await reason(0), 'chainer.all-down');
    await instance.reload(plugTo(9, 'b', { chainer: availabilityChainer({ check, fall: 2 }) }));
    assert.equal(await ask(instance, ''), '');
    assert.equal(await reason(1), 'chainer.all-down', 'what is known survives a reload');
    await instance.reload(plugTo(9, 'c'));
    const count = asked.length;
    await instance.drain(0);
    assert.ok(count > 0);
    assert.equal(asked.length, count);
  });

  it('forgets at a reload what TLS was made of for the policies before', async (t) => {
    const forgotten = [TlsContexts, KeptCertificates].map(({ prototype }) =>
      t.mock.method(prototype, 'forget'),
    );
    const counts = (): readonly number[] => forgotten.map(({ mock }) => mock.callCount());
    const options = { loaded: plugTo(1, 'a'), instance: 'zorp', log: new MemoryLog() };
    const instance = await runInstance(options);
    assert.deepEqual(counts(), [0, 0]);
    await instance.reload(plugTo(1, 'b'));
    assert.deepEqual(counts(), [1, 1]);
    await instance.drain(0);
  });

  it('names the instances of a policy when the asked one is not there', async () => {
    const options = { loaded: plugTo(1, 'a'), instance: 'other', log: new MemoryLog() };
    await assert.rejects(runInstance(options), /no instance "other": choose one of zorp/);
  });

  it('says what to do about a port that is taken', async () => {
    const server = await startServer('');
    const taken = plugTo(1, 'a');
    const [plug] = taken.policy.services;
    assert.ok(plug !== undefined);
    const policy = definePolicy({
      zones: taken.policy.zones,
      listeners: [listener(`127.0.0.1:${server.port}`, plug)],
    });
    const options = { loaded: { ...taken, policy }, instance: 'zorp', log: new MemoryLog() };
    await assert.rejects(runInstance(options), /Cannot listen on .*another program has the port/);
    server.close();
  });
});
