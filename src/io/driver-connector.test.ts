// Server connections on the driver: from the right address, within the time, and never an exception.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connectOnce, discard, openPort, outcome, PortLog } from '../../test/support/driver-lab.ts';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { testShare } from '../../test/support/driver-pair.ts';
import { StreamRecorder, turns } from '../../test/support/stream-recorder.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { AlarmQueue } from '../session/alarm-queue.ts';
import { SystemClock } from './clock.ts';
import { DriverConnector } from './driver-connector.ts';
import { bindTo, localAddress, openTcpSocket } from './tcp-socket.ts';
import { needs } from '../../test/support/needs.ts';

const share = needsDriver().skip === undefined ? testShare() : undefined;

describe('the connector of the driver', needsDriver(), () => {
  if (share === undefined) return;

  /** An address with a port that nobody has: one of the kernel's own choice it may share with other connections. */
  async function freeAddress(host: string): Promise<SocketAddress> {
    const port = await openPort(testShare(), new PortLog(), String(SocketAddress.of(host, 0)));
    port.close();
    return port.address;
  }

  for (const host of ['127.0.0.1', '::1']) {
    it(`connects to ${host}, and loses nothing of what the server says first`, async () => {
      const log = new PortLog();
      const port = await openPort(share, log, String(SocketAddress.of(host, 0)));
      const arrival = log.next();
      const result = await connectOnce(share, { remote: port.address });
      assert.ok(result.ok);
      const { stream, clientAddress } = await arrival;
      assert.ok(clientAddress.equals(result.local));
      stream.write(Buffer.from('hello'), 'given');
      await turns(5);
      const recorder = new StreamRecorder('server', result.stream);
      recorder.listen();
      await recorder.untilReceived(5);
      await Promise.all([discard(stream), recorder.untilClosed()]);
      port.close();
      assert.equal(share.driver.count, 0);
    });

    it(`connects from the address and port that are asked for, over ${host}`, async () => {
      const port = await openPort(share, new PortLog(), String(SocketAddress.of(host, 0)));
      const { address: remote } = port;
      const any = SocketAddress.of(host, 0);
      const kernels = await outcome(connectOnce(share, { remote, local: any }));
      assert.ok(SocketAddress.parse(kernels).address.equals(any.address));
      const chosen = await freeAddress(host);
      assert.equal(await outcome(connectOnce(share, { remote, local: chosen })), String(chosen));
      // A port that is in use: another one of its group, where that may be.
      const blocker = await openPort(share, new PortLog(), String(SocketAddress.of(host, 0)));
      const local = blocker.address;
      assert.equal(await outcome(connectOnce(share, { remote, local })), 'EADDRINUSE');
      const loose = await outcome(connectOnce(share, { remote, local, localLoose: true }));
      const used = SocketAddress.parse(loose);
      assert.ok(used.port !== local.port && used.port >= 1024);
      const drawn = await freeAddress(host);
      const random = { remote, local, localRandom: true };
      const dice = (): number => drawn.port - 1024; // the group begins there
      assert.equal(await outcome(connectOnce(share, random, dice)), String(drawn));
      blocker.close();
      port.close();
    });
  }

  it('takes a port that already leads to the same server for one in use', async () => {
    const port = await openPort(share, new PortLog());
    const { address: remote } = port;
    const local = await freeAddress('127.0.0.1');
    const first = await connectOnce(share, { remote, local });
    assert.ok(first.ok);
    assert.equal(await outcome(connectOnce(share, { remote, local })), 'EADDRNOTAVAIL');
    const loose = await outcome(connectOnce(share, { remote, local, localLoose: true }));
    assert.notEqual(loose, local.toString());
    await discard(first.stream);
    port.close();
  });

  it('names the error of a server that is not there, also of one that would be itself', async () => {
    const port = await openPort(share, new PortLog());
    const { address: remote } = port;
    port.close();
    assert.equal(await outcome(connectOnce(share, { remote })), 'ECONNREFUSED');
    assert.equal(await outcome(connectOnce(share, { remote, local: remote })), 'ECONNREFUSED');
    const elsewhere = SocketAddress.parse('255.255.255.255:9');
    assert.equal(await outcome(connectOnce(share, { remote: elsewhere })), 'ENETUNREACH');
  });

  it('sees where the connection leads, where it is to: the kernel takes 0.0.0.0 for this machine', async () => {
    const log = new PortLog();
    const port = await openPort(share, log, '127.0.0.1:0');
    const remote = SocketAddress.of('0.0.0.0', port.address.port);
    const checksPeer = true;
    const arrival = log.next();
    assert.equal(await outcome(connectOnce(share, { remote, checksPeer })), 'EWRONGPEER');
    await discard((await arrival).stream);
    assert.match(await outcome(connectOnce(share, { remote })), /^127\.0\.0\.1:/);
    const right = { remote: port.address, checksPeer };
    assert.match(await outcome(connectOnce(share, right)), /^127\.0\.0\.1:/);
    port.close();
  });

  it('gives up after the timeout, or when it is told to', async () => {
    // A port whose queue is full drops further SYNs.
    const descriptor = openTcpSocket(share, SocketAddress.parse('127.0.0.1:0'));
    bindTo(share, descriptor, SocketAddress.parse('127.0.0.1:0'));
    share.libc.listen(descriptor, 0);
    const remote = localAddress(share, descriptor) ?? assert.fail();
    const first = await connectOnce(share, { remote });
    assert.ok(first.ok);
    assert.equal(await outcome(connectOnce(share, { remote, timeoutMs: 20 })), 'ETIMEDOUT');
    const connector = new DriverConnector({ share, alarms: new AlarmQueue(new SystemClock()) });
    const usual = { local: undefined, localLoose: false, localRandom: false, timeoutMs: 5000 };
    const giveUp = connector.connect({ ...usual, remote }, () => assert.fail('it was given up'));
    giveUp();
    giveUp();
    await turns(5);
    await discard(first.stream);
    share.libc.close(descriptor);
    assert.equal(share.driver.count, 0);
  });

  it('resets what is connected already when it is given up: nobody takes that for an end', async () => {
    const log = new PortLog();
    const port = await openPort(share, log);
    const arrival = log.next();
    const connector = new DriverConnector({ share, alarms: new AlarmQueue(new SystemClock()) });
    const usual = { local: undefined, localLoose: false, localRandom: false, timeoutMs: 5000 };
    // On loopback the kernel has connected it when this returns.
    connector.connect({ ...usual, remote: port.address }, () => assert.fail('it was given up'))();
    const recorder = new StreamRecorder('server', (await arrival).stream);
    recorder.listen();
    await recorder.untilClosed();
    assert.deepEqual(recorder.events, ['closed ECONNRESET']);
    port.close();
    assert.equal(share.driver.count, 0);
  });

  it(
    'connects from an address that is not of this machine, and with a mark',
    needs('root'),
    async () => {
      const log = new PortLog();
      const port = await openPort(share, log);
      const remote = port.address;
      assert.match(await outcome(connectOnce(share, { remote, mark: 7, tos: 0x10 })), /^127/);
      // Nothing is routed back to it, so it is bound and waits.
      const local = SocketAddress.parse('192.0.2.77:0');
      assert.equal(
        await outcome(connectOnce(share, { remote, local, timeoutMs: 20 })),
        'ETIMEDOUT',
      );
      port.close();
    },
  );
});
