// The world of datagrams, with the driver and without it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { datagramDriver, StreamEar, UdpPeer, until } from '../../test/support/datagram-lab.ts';
import { needsDriver, testLibc } from '../../test/support/driver-needs.ts';
import { MemoryLog } from '../../test/support/memory-log.ts';
import { DescriptorBudget } from '../io/descriptor-budget.ts';
import { Driver } from '../io/driver.ts';
import { receiver } from '../policy/receiver.ts';
import { denyService } from '../policy/service.ts';
import type { Accepted, ConnectResult } from '../session/outside.ts';
import { datagramWorld } from './datagram-world.ts';
import type { SocketRequest } from './open-listeners.ts';

function requestFor(maxSessions: number, current = true): SocketRequest {
  const listener = receiver('127.0.0.1:0', denyService('nothing'), { maxSessions });
  const [bind = assert.fail()] = listener.binds;
  return { bind, protocol: 'udp', listener, current: () => (current ? listener : undefined) };
}

const usual = { local: undefined, localLoose: false, localRandom: false, timeoutMs: 1000 };

describe('the world of datagrams', needsDriver(), () => {
  it('receives, connects, and tells the log what runs out and what is dropped', async () => {
    const log = new MemoryLog();
    const budget = new DescriptorBudget({ limit: 10_000, openAtStart: 0 });
    const world = datagramWorld({ driver: new Driver(testLibc()) }, budget, log);
    const accepted: Accepted[] = [];
    const socket = await world.openReceiver(requestFor(1), (one) => accepted.push(one));
    const [one, other] = [await UdpPeer.open(), await UdpPeer.open()];
    await one.send('1', socket.address);
    await other.send('2', socket.address);
    await until('a shortage', () => log.codes.length > 0);
    const [first = assert.fail()] = accepted;
    const ear = new StreamEar(first.stream);
    assert.deepEqual(await ear.hears(1), ['1']);
    first.stream.write(new Uint8Array(65_508), 'given');
    first.stream.destroy();
    assert.deepEqual(log.codes, ['receiver.exhausted', 'receiver.recovered', 'datagrams.dropped']);
    const { promise, resolve } = Promise.withResolvers<ConnectResult>();
    world.connector.connect({ remote: one.address, ...usual }, resolve);
    const result = await promise;
    assert.ok(result.ok);
    result.stream.write(new Uint8Array(65_508), 'given');
    result.stream.destroy();
    assert.equal(log.codes.at(-1), 'datagrams.dropped');
    socket.close();
    for (const peer of [one, other]) peer.close();
  });

  it('asks the listener that was there at the beginning once a reload has closed it', async () => {
    const { libc } = datagramDriver();
    const log = new MemoryLog();
    const budget = new DescriptorBudget({ limit: 36, openAtStart: 0 });
    const world = datagramWorld({ driver: new Driver(libc) }, budget, log);
    const accepted: Accepted[] = [];
    const socket = await world.openReceiver(requestFor(5, false), (one) => accepted.push(one));
    const clients = await Promise.all([UdpPeer.open(), UdpPeer.open(), UdpPeer.open()]);
    for (const client of clients) await client.send('x', socket.address);
    await until('a shortage', () => log.codes.length > 0);
    assert.equal(accepted.length, 2); // two descriptors each, and there are four
    assert.equal(log.lines[0]?.fields?.['shortage'], 'descriptors');
    socket.close();
    for (const { stream } of accepted) stream.destroy();
    for (const client of clients) client.close();
  });
});

describe('the world of datagrams without a driver', () => {
  it('opens nothing, and says what is missing', async () => {
    const budget = new DescriptorBudget({ limit: 10_000, openAtStart: 0 });
    const world = datagramWorld({ missing: 'koffi does not load' }, budget, new MemoryLog());
    const opened = world.openReceiver(requestFor(1), () => assert.fail('nothing is open'));
    await assert.rejects(opened, {
      message: 'Cannot receive datagrams on 127.0.0.1:0: koffi does not load',
    });
    const { promise, resolve } = Promise.withResolvers<ConnectResult>();
    const remote = requestFor(1).bind;
    const giveUp = world.connector.connect({ remote, ...usual }, resolve);
    assert.deepEqual(await promise, { ok: false, error: 'EPROTONOSUPPORT' });
    giveUp();
  });
});
