// Sockets that go from one connection to the next: which ones, when, and that nothing of the old one is in the new one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connectOnce, discard, openPort, outcome, PortLog } from '../../test/support/driver-lab.ts';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { testShare } from '../../test/support/driver-pair.ts';
import { needs } from '../../test/support/needs.ts';
import { isOpen } from '../../test/support/own-process.ts';
import { deafen, endBoth, SpareLab } from '../../test/support/spare-lab.ts';
import type { FirstEnd } from '../../test/support/spare-lab.ts';
import { budgetOf, SpareModel } from '../../test/support/spare-model.ts';
import { StreamRecorder, turns } from '../../test/support/stream-recorder.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { DriverStream } from './driver-stream.ts';
import { TCP_CLOSE, TCP_CLOSING, TCP_LAST_ACK } from './linux-constants.ts';
import { acceptFrom, bindTo, localAddress, openTcpSocket } from './tcp-socket.ts';

const ANY = SocketAddress.parse('127.0.0.1:0');

describe('a socket whose connection is over', needsDriver(), () => {
  const endings: readonly FirstEnd[] = ['near', 'far'];
  for (const at of ['127.0.0.1:0', '[::1]:0'])
    for (const first of endings)
      it(`goes on to the next one to ${at}, also where the ${first} side has ended first`, async () => {
        const lab = await SpareLab.open({ at });
        const { budget } = lab.share;
        const { free } = budget;
        const one = await lab.connect();
        one.far.write(Buffer.from('first'), 'given');
        await one.near.untilReceived(5);
        await endBoth(one, first);
        await turns(3);
        assert.equal(lab.share.spares.count, 1);
        assert.equal(lab.share.driver.count, 0);
        assert.equal(budget.free, free - 1);
        const two = await lab.connect();
        assert.equal(two.descriptor, one.descriptor);
        assert.equal(lab.share.spares.count, 0);
        assert.equal(budget.free, free - 1);
        two.far.write(Buffer.from('second'), 'given');
        two.near.write(Buffer.from('answer'), 'given');
        await Promise.all([two.near.untilReceived(6), two.far.untilReceived(6)]);
        assert.equal(String(two.near.bytes()), 'second');
        await endBoth(two, first);
        assert.deepEqual(two.near.events.toSorted(), ['closed', 'ended']);
        assert.deepEqual([one.near.faults, two.near.faults], [[], []]);
        lab.close();
        assert.equal(budget.free, free);
      });

  it('goes to the same server only, by its address and port', async () => {
    const lab = await SpareLab.open();
    const far = await openPort(testShare(), new PortLog());
    await lab.once();
    assert.match(await outcome(connectOnce(lab.share, { remote: far.address })), /^127/);
    assert.equal(lab.share.spares.count, 1);
    const { port } = lab.port.address;
    const remote = SocketAddress.of('127.0.0.2', port);
    assert.equal(await outcome(connectOnce(lab.share, { remote })), 'ECONNREFUSED');
    assert.equal(lab.share.spares.count, 1);
    far.close();
    lab.close();
  });

  it('is not kept when anything was done to it that its next user would have too', async () => {
    const lab = await SpareLab.open();
    const noneIsKept = async (): Promise<void> => {
      await turns(3);
      assert.equal(lab.share.spares.count, 0);
    };
    const alive = await lab.connect();
    alive.near.keepAlive();
    await endBoth(alive);
    await noneIsKept();
    await lab.once({ local: ANY });
    await noneIsKept();
    const bulk = await lab.connect();
    bulk.far.write(Buffer.alloc(65_536), 'given');
    await bulk.near.untilReceived(65_536);
    await endBoth(bulk);
    await noneIsKept();
    const torn = await lab.connect();
    torn.far.destroy('reset');
    await torn.near.untilClosed();
    await noneIsKept();
    const given = await lab.connect();
    given.near.destroy();
    await given.far.until('the end', () => given.far.hasEnded);
    given.far.end();
    await noneIsKept();
    lab.close();
  });

  it(
    'is not kept, and not used, where it has a mark or a type of service',
    needs('root'),
    async () => {
      const lab = await SpareLab.open();
      const kept = await lab.once();
      for (const request of [{ mark: 7 }, { tos: 0x10 }]) {
        assert.notEqual(await lab.once(request), kept);
        assert.equal(lab.share.spares.count, 1);
      }
      lab.close();
    },
  );

  it('is kept of a connection that is given up where the server has ended, unless something of it is unread', async () => {
    const lab = await SpareLab.open();
    for (const [text, kept] of [
      ['', 1],
      ['unread', 0],
    ] as const) {
      const { near, far, descriptor } = await lab.connect();
      near.hold('busy');
      if (text !== '') far.write(Buffer.from(text), 'given');
      far.end();
      await turns(5);
      near.destroy();
      assert.deepEqual([lab.share.spares.count, isOpen(descriptor, 'socket')], [kept, kept === 1]);
      await Promise.all([near.untilClosed(), far.untilClosed()]);
      assert.deepEqual(near.events, ['closed']);
      assert.deepEqual(far.events, kept === 1 ? ['ended', 'closed'] : ['closed ECONNRESET']);
      if (kept === 0) continue;
      const next = await lab.connect();
      assert.equal(next.descriptor, descriptor);
      next.near.destroy('reset');
      await next.near.untilClosed();
    }
    lab.close();
  });

  it('is never that of an accepted connection', async () => {
    const [near, far] = [testShare(), testShare()];
    const log = new PortLog();
    const port = await openPort(near, log);
    const lab = new SpareLab(far, port, log);
    await lab.once();
    assert.deepEqual([near.spares.count, far.spares.count], [0, 1]);
    lab.close();
  });

  it('waits while the server has not acknowledged its end, and is not used before', async () => {
    const lab = await SpareLab.open();
    const both = await lab.connect();
    both.far.end();
    await both.near.until('the end', () => both.near.hasEnded);
    deafen(lab.share, both.farDescriptor);
    both.near.write(Buffer.from('the last words'), 'given');
    both.near.end();
    await both.near.untilClosed();
    await turns(3);
    assert.equal(lab.share.spares.count, 1);
    const other = await lab.connect();
    assert.notEqual(other.descriptor, both.descriptor);
    deafen(lab.share, both.farDescriptor, false);
    await both.far.untilReceived(14); // the kernel has sent it once more
    await both.far.until('the end', () => both.far.hasEnded);
    await turns(5);
    const third = await lab.connect();
    assert.equal(third.descriptor, both.descriptor);
    await Promise.all([endBoth(other), endBoth(third)]);
    lab.close();
  });

  it('is closed when its end is not acknowledged in time, and what it has sent arrives all the same', async (t) => {
    const lab = await SpareLab.open();
    const both = await lab.connect();
    both.far.end();
    await both.near.until('the end', () => both.near.hasEnded);
    deafen(lab.share, both.farDescriptor);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    both.near.write(Buffer.from('the last words'), 'given');
    both.near.end();
    await both.near.untilClosed();
    t.mock.timers.tick(1000);
    assert.deepEqual([lab.share.spares.count, isOpen(both.descriptor, 'socket')], [1, true]);
    t.mock.timers.tick(1000);
    assert.equal(lab.share.spares.count, 0);
    t.mock.timers.reset();
    deafen(lab.share, both.farDescriptor, false);
    await both.far.untilReceived(14);
    await both.far.untilClosed();
    assert.deepEqual(both.far.events.toSorted(), ['closed', 'ended']);
    lab.close();
  });

  it('is closed when it has been idle for a while', async (t) => {
    const lab = await SpareLab.open();
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const [one, two] = [await lab.connect(), await lab.connect()];
    await endBoth(one);
    await endBoth(two);
    await turns(3);
    t.mock.timers.tick(1000);
    assert.equal(lab.share.spares.count, 2);
    const used = await lab.once();
    t.mock.timers.tick(1000);
    assert.equal(lab.share.spares.count, 1);
    assert.deepEqual(
      [one, two].map(({ descriptor }) => isOpen(descriptor, 'socket')),
      [one, two].map(({ descriptor }) => descriptor === used),
    );
    t.mock.timers.tick(1000);
    assert.deepEqual([lab.share.spares.count, isOpen(used, 'socket')], [0, false]);
    await lab.once();
    t.mock.timers.tick(1000);
    t.mock.timers.tick(1000);
    assert.equal(lab.share.spares.count, 0);
    lab.close();
  });

  it('is one of a few', async () => {
    const lab = await SpareLab.open({ budget: budgetOf(1000) });
    const all = [];
    for (let count = 0; count < 70; count++) all.push(await lab.connect());
    for (const both of all) await endBoth(both);
    await turns(3);
    assert.equal(lab.share.spares.count, 64);
    assert.equal(all.filter(({ descriptor }) => isOpen(descriptor, 'socket')).length, 64);
    assert.equal(lab.share.budget.free, 1000 - 64);
    lab.close();
    assert.equal(lab.share.budget.free, 1000);
  });

  it('gives way to connections: with it there is as much room as without', async () => {
    const budget = budgetOf(40); // half of it is room that spare sockets leave
    const lab = await SpareLab.open({ budget });
    const all = [];
    for (let count = 0; count < 30; count++) all.push(await lab.connect());
    assert.equal(budget.free, 10);
    for (const both of all) await endBoth(both);
    await turns(3);
    assert.deepEqual([lab.share.spares.count, budget.free], [19, 21]);
    budget.take('accepted');
    assert.deepEqual([lab.share.spares.count, budget.free], [0, 38]);
    let taken = 1;
    for (; budget.hasRoom; taken++) budget.take('accepted');
    assert.equal(taken, 20);
    lab.close();
  });

  it('is not used in the batch in which its connection ended', async () => {
    const lab = await SpareLab.open();
    const { near, far, descriptor } = await lab.connect();
    near.end();
    await far.until('the end', () => far.hasEnded);
    far.end();
    await near.untilClosed(); // goes on before the batch is over: the driver runs the microtasks of it
    const { batch } = lab.share.driver;
    const next = outcome(connectOnce(lab.share, { remote: lab.port.address }));
    assert.deepEqual([lab.share.driver.batch, lab.share.spares.count], [batch, 1]);
    assert.match(await next, /^127/);
    await turns(3);
    assert.equal(lab.share.spares.count, 1);
    assert.equal(await lab.once(), descriptor);
    lab.close();
  });

  it('is closed when its next connection is refused', async () => {
    const lab = await SpareLab.open();
    const { free } = lab.share.budget;
    const kept = await lab.once();
    lab.port.close();
    const next = outcome(connectOnce(lab.share, { remote: lab.port.address }));
    assert.equal(lab.share.spares.count, 0);
    assert.equal(await next, 'ECONNREFUSED');
    assert.deepEqual([isOpen(kept, 'socket'), lab.share.budget.free], [false, free]);
    lab.close();
  });

  it('is closed when its next connection is not answered, and not taken for connected before', async () => {
    const [near, far] = [testShare(), testShare()];
    const listener = openTcpSocket(far, ANY);
    bindTo(far, listener, ANY);
    far.libc.listen(listener, 0); // a port whose queue is full drops further SYNs
    const remote = localAddress(far, listener) ?? assert.fail();
    const result = await connectOnce(near, { remote });
    assert.ok(result.ok);
    const accepted = new DriverStream(far, acceptFrom(far, listener), 'accepted');
    const inQueue = await connectOnce(far, { remote });
    assert.ok(inQueue.ok);
    const ours = new StreamRecorder('near', result.stream);
    const theirs = new StreamRecorder('far', accepted);
    for (const recorder of [ours, theirs]) {
      recorder.listen();
      recorder.end();
    }
    await ours.untilClosed();
    const request = { remote, timeoutMs: 50 };
    const early = connectOnce(near, request); // the kernel tells of the end while it is under way
    assert.equal(near.spares.count, 1);
    assert.equal(await outcome(early), 'ETIMEDOUT');
    await theirs.untilClosed();
    const late = connectOnce(near, request);
    assert.equal(near.spares.count, 0);
    assert.equal(await outcome(late), 'ETIMEDOUT');
    await discard(inQueue.stream);
    far.libc.close(listener);
    assert.deepEqual([near.driver.count, far.driver.count], [0, 0]);
  });
});

describe('spare sockets', needsDriver(), () => {
  it('are ready when the kernel has told of their disconnection, in a later batch', () => {
    const model = new SpareModel();
    assert.ok(model.keep());
    assert.equal(model.disconnects, 1);
    assert.equal(model.take(), undefined);
    model.tell(); // this was on its way when it was kept
    assert.equal(model.take(), undefined);
    model.batch++;
    assert.equal(model.take(), undefined);
    model.tell();
    assert.equal(model.take(SocketAddress.parse('127.0.0.1:10')), undefined);
    assert.equal(model.take(SocketAddress.parse('[::1]:9')), undefined);
    assert.equal(model.take(), 100);
    assert.equal(model.take(), undefined);
    assert.deepEqual([model.handlers[0], model.closed], [model.user, []]);
  });

  it('are disconnected only when the server has acknowledged all', () => {
    for (const state of [TCP_LAST_ACK, TCP_CLOSING]) {
      const model = new SpareModel();
      model.info.state = state;
      assert.ok(model.keep());
      model.batch++;
      model.tell();
      assert.deepEqual([model.disconnects, model.take()], [0, undefined]);
      model.info.state = TCP_CLOSE;
      model.batch++;
      model.tell();
      assert.deepEqual([model.disconnects, model.take()], [1, undefined]);
      model.batch++;
      model.tell();
      assert.equal(model.take(), 100);
    }
  });

  it('are none of a connection that is not at its end, or in doubt', () => {
    const doubts: readonly Partial<SpareModel['info']>[] = [
      { state: 1 },
      { state: 4 },
      { state: 5 },
      { options: 0xfe },
      { bytesAcked: 65_537n },
      { bytesReceived: 65_537n },
      { bytesReceived: 2n ** 32n },
      { bytesAcked: 32_769n, bytesReceived: 32_768n },
      { length: 104 }, // of a kernel that does not count bytes
    ];
    for (const doubt of doubts) {
      const model = new SpareModel();
      Object.assign(model.info, doubt);
      assert.equal(model.keep(), false, JSON.stringify(Object.keys(doubt)));
      assert.deepEqual([model.disconnects, model.count], [0, 0]);
      Object.assign(model.info, new SpareModel().info, { bytesAcked: 65_536n });
      assert.ok(model.keep());
    }
  });

  it('are closed when it turns out that they will not do, and left as they are where they never did', () => {
    const model = new SpareModel();
    model.info.state = TCP_LAST_ACK;
    for (const slot of [0, 1, 2]) model.keep(slot);
    model.batch++;
    model.info.state = TCP_CLOSE;
    model.refuses = true;
    model.tell(0);
    assert.deepEqual([model.closed, model.count], [[100], 2]);
    assert.equal(model.keep(3), false);
    model.refuses = false;
    for (const slot of [1, 2]) model.tell(slot);
    model.batch++;
    for (const slot of [1, 2]) model.tell(slot);
    assert.deepEqual([model.take(), model.take(), model.closed], [101, 102, [100]]);
    assert.equal(model.budget.free, 1000);
  });
});
