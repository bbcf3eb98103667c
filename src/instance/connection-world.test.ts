// The world of TCP: what node:net does, what needs the driver, and what is said where there is none.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver, testLibc } from '../../test/support/driver-needs.ts';
import { MemoryLog } from '../../test/support/memory-log.ts';
import { needs } from '../../test/support/needs.ts';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { SystemClock } from '../io/clock.ts';
import { DescriptorBudget } from '../io/descriptor-budget.ts';
import { StreamShare } from '../io/stream-share.ts';
import { listener } from '../policy/listener.ts';
import type { Listener } from '../policy/make-listener.ts';
import { denyService, service } from '../policy/service.ts';
import { AlarmQueue } from '../session/alarm-queue.ts';
import type { Accepted, ConnectRequest, ConnectResult } from '../session/outside.ts';
import type { ConnectionWorld } from './connection-world.ts';
import { connectionWorld } from './connection-world.ts';
import type { OpenSocket } from './open-listeners.ts';

function world(kind: 'driver' | 'none'): ConnectionWorld {
  const budget = new DescriptorBudget({ limit: 10_000, openAtStart: 0 });
  const clock = new SystemClock();
  const parts = { budget, clock, alarms: new AlarmQueue(clock), log: new MemoryLog() };
  const reading =
    kind === 'none'
      ? { missing: 'koffi does not load' }
      : { share: new StreamShare(testLibc(), budget) };
  return connectionWorld(reading, parts);
}

const refuse = denyService('refuse');

function open(
  { openListener }: ConnectionWorld,
  made: Listener,
  accepted: (connection: Accepted) => void = () => assert.fail('nobody connects'),
): Promise<OpenSocket> {
  const [bind = assert.fail()] = made.binds;
  return openListener({ bind, protocol: 'tcp', listener: made, current: () => made }, accepted);
}

function connect(
  { connector }: ConnectionWorld,
  remote: SocketAddress,
  more: Partial<ConnectRequest> = {},
): Promise<ConnectResult> {
  const usual = { local: undefined, localLoose: false, localRandom: false, timeoutMs: 2000 };
  return new Promise((resolve) => {
    connector.connect({ remote, ...usual, ...more }, resolve);
  });
}

describe('the world of TCP without a driver', () => {
  const tcp = world('none');

  it('does what node:net can', async () => {
    const arrived = Promise.withResolvers<Accepted>();
    const socket = await open(tcp, listener('127.0.0.1:0', refuse), arrived.resolve);
    const result = await connect(tcp, socket.address);
    assert.ok(result.ok);
    assert.ok((await arrived.promise).clientAddress.equals(result.local));
    result.stream.destroy();
    (await arrived.promise).stream.destroy();
    socket.close();
  });

  it('opens no transparent listener, and says what is missing', async () => {
    const made = listener('127.0.0.1:0', refuse, { transparent: true });
    await assert.rejects(open(tcp, made), {
      message:
        'Cannot listen on 127.0.0.1:0 for what is meant for others, which needs the driver: koffi does not load',
    });
  });

  it('starts no service whose packets it could not mark', () => {
    const proxy = idleProxy();
    tcp.checkServices([refuse, service('plain', { proxy })]);
    for (const [option, value] of Object.entries({ serverMark: 7, serverTos: 0 }))
      assert.throws(() => tcp.checkServices([service('web', { proxy, [option]: value })]), {
        message: `Service web cannot have a ${option}, which needs the driver: koffi does not load`,
      });
  });

  it('never comes from another address than the one that was asked for', async () => {
    const remote = SocketAddress.parse('127.0.0.1:9');
    const result = await connect(tcp, remote, { local: SocketAddress.parse('203.0.113.9:0') });
    assert.deepEqual(result, { ok: false, error: 'EADDRNOTAVAIL' });
  });
});

describe('the world of TCP with the driver', { ...needs('root'), ...needsDriver() }, () => {
  it('opens transparent listeners, and connects with a mark, a TOS and an address', async () => {
    const tcp = world('driver');
    const arrived = Promise.withResolvers<Accepted>();
    const made = listener('127.0.0.1:0', refuse, { transparent: true });
    const socket = await open(tcp, made, arrived.resolve);
    const local = SocketAddress.parse('127.0.0.9:0');
    const result = await connect(tcp, socket.address, { local, mark: 7, tos: 0x10 });
    assert.ok(result.ok);
    assert.equal(String(result.local.address), '127.0.0.9');
    const { stream, clientAddress } = await arrived.promise;
    assert.ok(clientAddress.equals(result.local));
    result.stream.destroy();
    stream.destroy();
    socket.close();
    tcp.checkServices([service('web', { proxy: idleProxy(), serverMark: 7 })]);
  });

  it('waits for an expected connection at an address that is not of this machine', async () => {
    const tcp = world('driver');
    for (const text of ['203.0.113.9:0', '[2001:db8:9::9]:0']) {
      const at = SocketAddress.parse(text);
      const opened = Promise.withResolvers<SocketAddress>();
      const close = tcp.openPort(at, {
        opened: opened.resolve,
        failed: (error) => opened.reject(new Error(error)),
        accepted: () => assert.fail('nobody connects'),
      });
      const address = await opened.promise;
      assert.ok(address.address.equals(at.address) && address.port > 0, String(address));
      close();
    }
  });

  it('takes what was not redirected as meant for the listener itself', async () => {
    const tcp = world('driver');
    const arrived = Promise.withResolvers<Accepted>();
    const options = { transparent: true, divertedBy: 'redirect' } as const;
    const socket = await open(tcp, listener('127.0.0.1:0', refuse, options), arrived.resolve);
    const result = await connect(tcp, socket.address);
    assert.ok(result.ok);
    const { stream, clientLocal } = await arrived.promise;
    assert.ok(clientLocal.equals(socket.address));
    stream.destroy();
    result.stream.destroy();
    socket.close();
  });
});
