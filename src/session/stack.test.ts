// Stacking: proxies in proxies, over real links with little room.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FakeStream } from '../../test/support/fake-stream.ts';
import { act, Deferred } from '../../test/support/pump-world.ts';
import type { SessionHandler } from '../../test/support/session-world.ts';
import {
  noting,
  proxyOf,
  revisionOf,
  serviceOf,
  SessionWorld,
} from '../../test/support/session-world.ts';
import { over, plug, stackedWorld } from '../../test/support/stacked-world.ts';

describe('a stacked proxy', () => {
  it('sees the payload of its parent, both ways, and half-closes pass through', async () => {
    const { world, client, server } = stackedWorld(plug);
    client.says('question').ends();
    await world.settle();
    assert.equal(server.output, 'question');
    assert.equal(server.hasPeerSeenEnd, true);
    assert.equal(client.hasPeerSeenEnd, false);
    assert.deepEqual(world.runtime.counters.of('inner'), { running: 1, started: 0 });
    server.says('an answer that is longer than the links have room for');
    server.ends();
    await world.settle();
    assert.equal(client.output, 'an answer that is longer than the links have room for');
    assert.deepEqual(world.leftovers(), []);
    assert.equal(world.log.records.length, 1);
    assert.equal(world.log.records[0]?.reason, 'both-ended');
    assert.deepEqual(world.log.records[0].stacked, ['inner']);
    assert.deepEqual(world.log.records[0].bytes, {
      fromClient: 8,
      toServer: 8,
      fromServer: 53,
      toClient: 53,
    });
  });

  it('may itself be the parent of another', async () => {
    const inner = serviceOf('inner', {
      proxy: { ...proxyOf(() => []), create: () => ({ handle: plug() }) },
    });
    const middle = serviceOf('middle', {
      proxy: proxyOf(
        over(() => inner),
        { stacks: [inner] },
      ),
    });
    const outer = serviceOf('outer', {
      proxy: proxyOf(
        over(() => middle),
        { stacks: [middle] },
      ),
    });
    const world = new SessionWorld(revisionOf(outer, [middle, inner]));
    const client = world.accept();
    const server = world.connected();
    client.says('down').ends();
    await world.settle();
    assert.equal(server.output, 'down');
    server.says('up').ends();
    await world.settle();
    assert.equal(client.output, 'up');
    assert.deepEqual(world.leftovers(), []);
    assert.deepEqual(world.log.records[0]?.stacked, ['middle', 'inner']);
  });

  it('is given the bytes of its parent, also where it takes only the first of them at once', async () => {
    // Each slice is more than is sent together; the bytes of the event are nobody's any more when it is over.
    const slices = ['a', 'b', 'c'].map((letter) => letter.repeat(12_000));
    const parent: SessionHandler = (event) => {
      if (event.type === 'started') return [act.connect()];
      if (event.type === 'connected') return [act.stack({ kind: 'service', name: 'inner' })];
      if (event.type === 'stacked') return [act.relay('stack-server', 'server')];
      if (event.type !== 'received') return [];
      return slices.map((_, index) => {
        const bytes = event.bytes.subarray(index * 12_000, (index + 1) * 12_000);
        return { type: 'send', to: 'stack-client', bytes };
      });
    };
    const child = (): SessionHandler => (event) => {
      if (event.type === 'started') return [act.connect()];
      if (event.type === 'elapsed') return [act.release('client')];
      if (event.type !== 'received') return [];
      const send = { type: 'send', to: 'server', bytes: event.bytes } as const;
      // A further event, with bytes of nobody, follows at once.
      return [send, act.hold('client'), act.relay('server', 'client', 0), act.timer('next', 1)];
    };
    const { world, client, server } = stackedWorld(child, { parent });
    await world.settle();
    client.says(slices.join(''));
    await world.settle();
    assert.deepEqual(client.holds, ['full:stack-client']);
    for (let left = slices.length; left > 0; left--) {
      world.clock.advance(1);
      await world.settle();
    }
    assert.equal(server.output, slices.join(''));
    assert.deepEqual(client.holds, []);
  });

  it('keeps every byte in order for slow readers, in little memory', async () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 15 });
    const steps = fc.array(fc.nat(99), { maxLength: 40 });
    const property = fc.asyncProperty(chunks, chunks, steps, async (asked, answered, numbers) => {
      const { world, client, server } = stackedWorld(plug, { isEager: false, highWaterMark: 8 });
      for (const chunk of asked) client.says(chunk);
      for (const chunk of answered) server.says(chunk);
      client.ends();
      server.ends();
      const heard = (stream: FakeStream, all: readonly Uint8Array[]): number =>
        Buffer.concat(all).length - stream.unheardBytes;
      for (const number of numbers) {
        const [one, from, sent] =
          number % 2 === 0 ? [client, server, answered] : [server, client, asked];
        one.take(number);
        one.step();
        if (number % 3 === 0) await Promise.resolve();
        // Two links, and in each of three streams a mark and a chunk, and a chunk in each pump.
        assert.ok(heard(from, sent) - one.output.length <= 2 * (16 + 40) + 8 + 40 + 2 * 40);
      }
      while (
        client.take(7) + server.take(5) + Number(client.step()) + Number(server.step()) > 0 ||
        world.log.records.length === 0
      ) {
        await world.settle();
        if (world.log.records.length === 0 && client.queuedBytes + server.queuedBytes === 0) break;
      }
      await world.settle();
      assert.deepEqual(world.leftovers(), []);
      assert.equal(server.output, Buffer.concat(asked).toString('latin1'));
      assert.equal(client.output, Buffer.concat(answered).toString('latin1'));
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('talks with its parent without a queue that grows', async () => {
    let rounds = 0;
    const child: SessionHandler = (event) =>
      event.type === 'received'
        ? [act.send('client', 'pong')]
        : event.type === 'ended'
          ? [act.close()]
          : [];
    const inner = serviceOf('inner', { proxy: proxyOf(child) });
    const parent: SessionHandler = (event) => {
      if (event.type === 'started') return [act.connect()];
      if (event.type === 'connected') return [act.stack(inner)];
      if (event.type === 'stacked') return [act.send('stack-client', 'ping')];
      if (event.type === 'received' && ++rounds < 500) return [act.send('stack-client', 'ping')];
      return event.type === 'received' || event.type === 'ended' ? [act.close('enough')] : [];
    };
    const outer = serviceOf('outer', { proxy: proxyOf(parent, { stacks: [inner] }) });
    const world = new SessionWorld(revisionOf(outer, [inner]));
    const client = world.accept();
    const server = world.connected();
    for (let turn = 0; turn < 100; turn++) await world.settle();
    assert.equal(rounds, 500);
    client.ends();
    server.ends();
    await world.settle();
    assert.deepEqual(world.leftovers(), []);
  });
});

describe('the verdict of a child', () => {
  it('comes after its last bytes, however slow their reader is', async () => {
    const child: SessionHandler = (event) =>
      event.type === 'started'
        ? [
            act.send('client', 'x'.repeat(100)),
            { type: 'close', verdict: 'denied-by-policy', reason: 'virus' },
          ]
        : [];
    const { world, client, server } = stackedWorld(() => child, {
      isEager: false,
      highWaterMark: 8,
    });
    await world.settle();
    world.clock.advance(60_000); // longer than any linger
    await world.settle();
    assert.equal(world.log.records.length, 0);
    assert.equal(client.queuedBytes, 100);
    client.take();
    client.ends();
    server.ends();
    await world.settle();
    assert.equal(client.output.length, 100);
    assert.equal(world.log.records[0]?.verdict, 'denied-by-policy');
    assert.equal(world.log.records[0].reason, 'virus');
    assert.deepEqual(world.leftovers(), []);
  });

  it('and its last bytes come, though the client goes on sending to it', async () => {
    const child: SessionHandler = (event) =>
      event.type === 'received' ? [act.send('client', 'x'.repeat(100)), act.close('page')] : [];
    const slow = { isEager: false, highWaterMark: 8 };
    const { world, client, server } = stackedWorld(() => child, slow);
    for (let count = 0; count < 20; count++) client.says('y'.repeat(65_536));
    await world.settle();
    client.take();
    client.ends();
    server.ends();
    await world.settle();
    assert.equal(client.output.length, 100);
    assert.equal(world.log.records[0]?.reason, 'page');
    world.clock.advance(10_000);
    await world.settle();
    assert.deepEqual(world.leftovers(), []);
  });

  it('does not wait for a port that the parent itself holds', async () => {
    const events: string[] = [];
    const child: SessionHandler = (event) =>
      event.type === 'started' ? [act.send('client', 'page'), act.close('refused')] : [];
    const inner = serviceOf('inner', { proxy: proxyOf(child) });
    const parent = noting(events, (event) => {
      if (event.type === 'started') return [act.connect()];
      if (event.type === 'connected') return [act.stack(inner)];
      if (event.type === 'stacked') return [act.hold('stack-client')];
      if (event.type === 'stack-verdict') return [act.release('stack-client')];
      return event.type === 'ended' && event.from === 'stack-client' ? [act.close('all')] : [];
    });
    const outer = serviceOf('outer', { proxy: proxyOf(parent, { stacks: [inner] }) });
    const world = new SessionWorld(revisionOf(outer, [inner]));
    world.accept().ends();
    world.connected().ends();
    await world.settle();
    assert.deepEqual(events.slice(-3), [
      'stack-verdict verdict=accepted reason=refused',
      'received from=stack-client "page"',
      'ended from=stack-client',
    ]);
    assert.deepEqual(world.leftovers(), []);
  });

  it('ends the child: its count is given back though the parent goes on', async () => {
    const events: string[] = [];
    const child: SessionHandler = (event) => (event.type === 'started' ? [act.close('seen')] : []);
    const inner = serviceOf('inner', { proxy: proxyOf(child), limits: { maxInstances: 1 } });
    let stacks = 0;
    const parent = noting(events, (event) => {
      if (event.type === 'started') return [act.connect()];
      if (event.type === 'connected') return [act.stack(inner)];
      if (event.type === 'stack-verdict') return [act.timer('again', 1)];
      if (event.type === 'elapsed')
        return stacks++ < 3 ? [act.stack(inner)] : [act.close('enough')];
      return [];
    });
    const outer = serviceOf('outer', { proxy: proxyOf(parent, { stacks: [inner] }) });
    const world = new SessionWorld(revisionOf(outer, [inner]));
    world.accept().ends();
    world.connected().ends();
    for (let turn = 0; turn < 5; turn++) {
      await world.settle();
      assert.equal(world.runtime.counters.of('inner').running, 0);
      world.clock.advance(1);
    }
    await world.settle();
    assert.equal(events.filter((line) => line.startsWith('stack-verdict')).length, 4);
    assert.equal(events.filter((line) => line.startsWith('stack-refused')).length, 0);
    assert.deepEqual(world.leftovers(), []);
    assert.deepEqual(world.log.records[0]?.stacked, ['inner']);
  });

  it('lets a relay into the child go on to its end: no byte of it comes to the parent', async () => {
    const events: string[] = [];
    const child: SessionHandler = (event) => (event.type === 'started' ? [act.close('seen')] : []);
    const inner = serviceOf('inner', { proxy: proxyOf(child) });
    const parent = noting(events, (event) => {
      if (event.type === 'started') return [act.hold('client'), act.connect()];
      if (event.type === 'connected') return [act.stack(inner)];
      return event.type === 'stacked' ? [act.relay('client', 'stack-client', 9)] : [];
    });
    const outer = serviceOf('outer', { proxy: proxyOf(parent, { stacks: [inner] }) });
    const world = new SessionWorld(revisionOf(outer, [inner]));
    const client = world.accept();
    world.connected();
    client.says('body');
    await world.settle();
    assert.match(events.at(-1) ?? '', /^stack-verdict/);
    client.says('body+next request');
    await world.settle();
    assert.equal(
      events.at(-1),
      'relayed from=client to=stack-client bytes=9 complete=true',
      'the hold counts again',
    );
    world.abortAll();
    await world.settle();
    assert.deepEqual(world.leftovers(), []);
    assert.equal(world.log.records[0]?.bytes.fromClient, 21);
  });

  it('of a child that another has taken the place of is not told', async () => {
    const events: string[] = [];
    const sleeper: SessionHandler = (event) =>
      event.type === 'started' ? [act.wait(new Deferred())] : [];
    const inner = serviceOf('inner', { proxy: proxyOf(sleeper) });
    const parent = noting(events, (event) => {
      if (event.type === 'started') return [act.connect()];
      if (event.type === 'connected') return [act.stack(inner), act.timer('again', 5)];
      return event.type === 'elapsed' ? [act.stack(inner)] : [];
    });
    const outer = serviceOf('outer', { proxy: proxyOf(parent, { stacks: [inner] }) });
    const world = new SessionWorld(revisionOf(outer, [inner]));
    world.accept();
    world.connected();
    await world.settle();
    world.clock.advance(5);
    await world.settle();
    assert.equal(world.runtime.counters.of('inner').running, 1);
    assert.deepEqual(
      events.slice(-2).map((line) => line.split(' ')[0]),
      ['elapsed', 'stacked'],
    );
    world.abortAll();
    await world.settle();
    assert.deepEqual(world.leftovers(), []);
  });
});
