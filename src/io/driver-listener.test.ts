// Ports of the driver: what they accept, what they say when they cannot, and what they do when descriptors run out.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { discard, openPort, PortLog } from '../../test/support/driver-lab.ts';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { testShare } from '../../test/support/driver-pair.ts';
import { StreamRecorder, turns } from '../../test/support/stream-recorder.ts';
import { until } from '../../test/support/system-wait.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { DESCRIPTOR_RESERVE, DescriptorBudget } from './descriptor-budget.ts';
import { ListenError } from './listener.ts';
import type { Listening } from './listener.ts';
import { StreamShare } from './stream-share.ts';
import { needs } from '../../test/support/needs.ts';

function dial({ address }: Listening, host = address.address.toString()): Socket {
  return connect(address.port, host).on('error', () => undefined);
}

function roomFor(connections: number): DescriptorBudget {
  return new DescriptorBudget({ limit: DESCRIPTOR_RESERVE + 2 * connections, openAtStart: 0 });
}

describe('a port of the driver', needsDriver(), () => {
  const share = testShare();

  for (const at of ['127.0.0.1:0', '[::1]:0']) {
    it(`accepts on ${at}, with both addresses and the interface, and loses nothing said before`, async () => {
      const log = new PortLog();
      const port = await openPort(share, log, at);
      const arrival = log.next();
      const client = dial(port);
      client.write('early');
      const { stream, clientAddress, clientLocal, interfaceIndex } = await arrival;
      const host = port.address.address.toString();
      assert.ok(clientAddress.equals(SocketAddress.of(host, client.localPort ?? 0)));
      assert.ok(clientLocal.equals(port.address));
      assert.equal(interfaceIndex, 1); // lo, in every network namespace
      const recorder = new StreamRecorder('client', stream);
      recorder.listen();
      await recorder.untilReceived(5);
      recorder.destroy();
      await recorder.untilClosed();
      client.destroy();
      port.close();
      port.close();
      assert.equal(share.driver.count, 0);
    });
  }

  it('knows where a connection went that came to a wildcard port', async () => {
    const log = new PortLog();
    const port = await openPort(share, log, '0.0.0.0:0');
    const arrival = log.next();
    const client = dial(port, '127.0.0.9');
    const { stream, clientLocal } = await arrival;
    assert.equal(String(clientLocal), `127.0.0.9:${port.address.port}`);
    await discard(stream);
    client.destroy();
    port.close();
  });

  it('takes IPv6 only on [::], and shares a port where all say so', async () => {
    const six = await openPort(share, new PortLog(), '[::]:0');
    const four = await openPort(share, new PortLog(), `0.0.0.0:${six.address.port}`);
    const first = await openPort(share, new PortLog(), '127.0.0.1:0', { reusePort: true });
    const second = await openPort(share, new PortLog(), String(first.address), { reusePort: true });
    assert.ok(second.address.equals(first.address));
    for (const port of [six, four, first, second]) port.close();
  });

  it('says what is wrong, and the cure', async () => {
    const port = await openPort(share, new PortLog());
    await assert.rejects(openPort(share, new PortLog(), String(port.address)), (error) => {
      assert.ok(error instanceof ListenError);
      assert.equal(error.code, 'EADDRINUSE');
      assert.match(error.message, /another program has the port/);
      return true;
    });
    await assert.rejects(openPort(share, new PortLog(), '192.0.2.77:0'), /no interface/);
    port.close();
    assert.equal(share.driver.count, 0);
  });

  it('sets the options that it is given', needs('root'), async () => {
    const options = { transparent: true, mark: 7, tos: 0x10 };
    const port = await openPort(share, new PortLog(), '192.0.2.77:0', options);
    assert.match(String(port.address), /^192\.0\.2\.77:\d+$/);
    port.close();
    const six = await openPort(share, new PortLog(), '[2001:db8::77]:0', options);
    six.close();
  });

  it('leaves connections to the kernel while descriptors have run out, and says so once', async () => {
    const small = new StreamShare(share.libc, roomFor(2));
    const log = new PortLog();
    const port = await openPort(small, log);
    const clients = Array.from({ length: 5 }, () => dial(port));
    await Promise.all(clients.map((client) => once(client, 'connect')));
    await turns(5);
    assert.equal(log.connections.length, 2);
    assert.deepEqual(log.lines, ['exhausted, wait']);
    for (const { stream } of log.connections.splice(0)) await discard(stream);
    await until('the next ones', () => log.connections.length === 2);
    assert.deepEqual(log.lines.slice(0, 2), ['exhausted, wait', 'recovered, refused 0']);
    port.close();
    for (const { stream } of log.connections) await discard(stream);
    for (const client of clients) client.destroy();
    assert.equal(small.budget.free, 4);
  });

  it('waits when the system has run out, and tries again after a while', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] });
    let isOut = true;
    const libc = {
      ...share.libc,
      accept4: (...parameters: number[]) => (isOut ? -1 : share.libc.accept4(...parameters)),
      errno: () => (isOut ? 24 : share.libc.errno()),
    };
    const poor = new StreamShare(libc, roomFor(10));
    const log = new PortLog();
    const port = await openPort(poor, log);
    const arrival = log.next();
    const client = dial(port);
    await once(client, 'connect');
    await turns(5);
    assert.deepEqual(log.lines, ['exhausted, wait']);
    isOut = false;
    test.mock.timers.tick(1000);
    const { stream } = await arrival;
    assert.deepEqual(log.lines, ['exhausted, wait', 'recovered, refused 0']);
    await discard(stream);
    client.destroy();
    port.close();
  });
});
