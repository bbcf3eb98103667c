// Services as the children of a proxy: how they end, what they are given, and which are refused.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wrong } from '../../test/support/policy-samples.ts';
import { act, Deferred } from '../../test/support/pump-world.ts';
import type { SessionHandler } from '../../test/support/session-world.ts';
import {
  noting,
  proxyOf,
  revisionOf,
  serviceOf,
  SessionWorld,
} from '../../test/support/session-world.ts';
import { bind, over, plug, stackedWorld } from '../../test/support/stacked-world.ts';
import type { Service } from '../policy/service.ts';
import { attribute } from '../proxy/proxy-session.ts';

describe('a child', () => {
  it('ends with its parent, in whatever state', async () => {
    const states: readonly SessionHandler[] = [
      (event) => (event.type === 'started' ? [act.wait(new Deferred())] : []),
      (event) => (event.type === 'started' ? [act.hold('client'), act.timer('t', 9)] : []),
      (event) =>
        event.type === 'started' ? [act.connect(), act.send('client', 'x'.repeat(99))] : [],
      () => [],
    ];
    for (const state of states)
      for (const how of ['abort', 'client lost']) {
        const { world, client } = stackedWorld(() => state);
        client.says('payload');
        await world.settle();
        if (how === 'client lost') client.breaks();
        else world.abortAll();
        await world.settle();
        assert.deepEqual(world.leftovers(), []);
        assert.equal(world.log.records.length, 1);
      }
  });

  it('that was never started is ended too', () => {
    const { world } = stackedWorld(plug);
    world.abortAll();
    assert.equal(world.runtime.counters.of('inner').running <= 1, true);
    return world.settle().then(() => {
      assert.deepEqual(world.leftovers(), []);
    });
  });

  it('that fails on a bug, or cannot be made, ends its parent with that and nobody else', async () => {
    const throws = (): never => {
      throw new Error('bug');
    };
    for (const [make, reason] of [
      [() => throws, 'session.internal-error'],
      [throws, 'proxy.internal-error'],
    ] as const) {
      const { world, client, server } = stackedWorld(make);
      client.ends();
      server.ends();
      await world.settle();
      assert.deepEqual(world.leftovers(), []);
      assert.equal(world.log.codes[0], reason);
      assert.equal(world.log.records.length, 1);
    }
  });

  it('hears that a link was broken off, and then says how it ends', async () => {
    const events: string[] = [];
    const heard: string[] = [];
    const parent = noting(heard, (event, context) =>
      event.type === 'ended' && event.from === 'client'
        ? [{ ...act.disconnect('stack-client'), how: 'reset' }]
        : over(() => ({ kind: 'service', name: 'inner' }))(event, context),
    );
    const { world, client, server } = stackedWorld(() => noting(events, plug()), { parent });
    await world.settle();
    client.breaks();
    server.ends();
    await world.settle();
    assert.match(events.at(-1) ?? '', /^ended from=client error=ECONNRESET/);
    assert.deepEqual(heard.slice(-1), [
      'stack-verdict verdict=accepted reason=client-lost how=reset',
    ]);
    assert.deepEqual(world.leftovers(), []);
  });

  it('that drops the server before it has heard all is heard out by the client', async () => {
    const decision = new Deferred();
    const child = (): SessionHandler => (event) => {
      if (event.type === 'started') return [act.connect()];
      if (event.type === 'received' && event.from === 'server') return [act.wait(decision)];
      if (event.type !== 'resolved') return [];
      const answer = [act.send('client', 'first'), act.send('client', ', last')];
      return [...answer, act.disconnect(), act.close()];
    };
    const { world, client, server } = stackedWorld(child, { isEager: false, highWaterMark: 4 });
    await world.settle();
    server.says('answer');
    await world.settle();
    server.says('more, which waits in the link');
    await world.settle();
    decision.resolve(undefined);
    await world.settle();
    assert.deepEqual([client.calls, server.calls], [[], ['reset']]);
    client.take();
    await world.settle();
    client.take();
    client.ends();
    await world.settle();
    assert.equal(client.output, 'first, last');
    assert.equal(client.hasPeerSeenEnd, true);
    assert.deepEqual(world.leftovers(), []);
  });

  it('gets the connection of its parent once', async () => {
    const events: string[] = [];
    const child = noting(events, (event) => {
      if (event.type === 'started') return [act.connect()];
      if (event.type === 'connected') return [act.disconnect(), act.connect()];
      return event.type === 'connect-failed' ? [act.close('no second')] : [];
    });
    const { world, client, server } = stackedWorld(() => child);
    client.ends();
    server.ends();
    await world.settle();
    assert.match(events[1] ?? '', /^connected port=server/);
    assert.match(events[2] ?? '', /^connect-failed .*stack.server-taken/);
    assert.deepEqual(world.leftovers(), []);
  });

  it('that gives its connect up loses it', async () => {
    const events: string[] = [];
    const child = noting(events, (event) =>
      event.type === 'started'
        ? [act.connect(), act.disconnect(), act.connect()]
        : event.type === 'connect-failed'
          ? [act.close()]
          : [],
    );
    const { world, client, server } = stackedWorld(() => child);
    client.ends();
    server.ends();
    await world.settle();
    assert.deepEqual(
      events.map((line) => line.split(' ')[0]),
      ['started', 'connect-failed'],
    );
    assert.deepEqual(world.leftovers(), []);
  });

  it('reads the attributes that its parent exports', async () => {
    const sender = attribute<string>('sender');
    const seen: (string | undefined)[] = [];
    const child: SessionHandler = (event, { session }) => {
      if (event.type !== 'started') return [];
      seen.push(session.get(sender), session.sessionId, String(session.serverAddress));
      session.set(sender, 'changed');
      return [act.close()];
    };
    const inner = serviceOf('inner', { proxy: proxyOf(child, { name: 'inner' }) });
    const parent: SessionHandler = (event, { session }) => {
      if (event.type === 'started') session.set(sender, 'a@example.org');
      if (event.type === 'stack-verdict') seen.push(session.get(sender));
      return over(() => inner)(event, { session });
    };
    const outer = serviceOf('outer', { proxy: proxyOf(parent, { stacks: [inner] }) });
    const world = new SessionWorld(revisionOf(outer, [inner]));
    world.accept().ends();
    world.connected().ends();
    await world.settle();
    assert.deepEqual(seen, [
      'a@example.org',
      'svc/zorp/outer:0/zorp/inner',
      '198.51.100.1:80',
      'a@example.org',
    ]);
  });
});

describe('a child is refused', () => {
  it('by the access lists, also before there is a server', async () => {
    const inner = serviceOf('inner', { proxy: proxyOf(() => []) });
    for (const [first, reason] of [
      ['connect', 'access.inbound'],
      ['stack', 'access.stack'],
    ] as const) {
      const parent: SessionHandler = (event, context) =>
        event.type === 'started' && first === 'stack'
          ? [act.stack(inner)]
          : over(() => inner)(event, context);
      const outer = serviceOf('outer', { proxy: proxyOf(parent, { stacks: [inner] }) });
      const world = new SessionWorld(revisionOf(outer, [inner], { inbound: [outer] }));
      world.accept().ends();
      if (first === 'connect') world.connected().ends();
      await world.settle();
      assert.equal(world.log.records[0]?.verdict, 'denied-by-policy');
      assert.equal(world.log.records[0].reason, reason);
      assert.deepEqual(world.log.records[0].stacked, []);
      assert.deepEqual(world.leftovers(), []);
    }
  });

  it('when its service has as many sessions as it may', async () => {
    const sleeper: SessionHandler = () => [];
    const inner = serviceOf('inner', { proxy: proxyOf(sleeper), limits: { maxInstances: 1 } });
    const outer = serviceOf('outer', {
      proxy: {
        ...proxyOf(() => [], { stacks: [inner] }),
        create: (context) => ({
          handle: bind(
            over(() => inner),
            context,
          ),
        }),
      },
    });
    const world = new SessionWorld(revisionOf(outer, [inner]));
    for (let session = 0; session < 2; session++) {
      world.accept();
      world.connected();
      await world.settle();
    }
    for (const stream of world.streams) stream.ends();
    await world.settle();
    assert.equal(world.log.records[0]?.reason, 'limit.max-instances');
    assert.equal(world.log.records[0].verdict, 'denied-by-limit');
    world.abortAll();
    await world.settle();
    assert.deepEqual(world.leftovers(), []);
  });

  it('that only looks like a program or a service', async () => {
    const imitations = [
      { kind: 'program', name: 'filter', command: ['/bin/true'] },
      { kind: 'service', name: Symbol('inner') },
      { kind: 'service', name: 7 },
    ];
    for (const imitation of imitations) {
      const parent = over(() => wrong(imitation));
      const { world, client, server } = stackedWorld(() => () => [], { parent });
      client.ends();
      server.ends();
      await world.settle();
      assert.equal(world.log.records[0]?.reason, 'policy.invalid-result');
      assert.equal(world.log.records[0].verdict, 'invalid-policy-call');
      assert.deepEqual(world.leftovers(), []);
    }
  });

  it('when services stack one another in a circle', async () => {
    const circle: Service = serviceOf('circle', {
      proxy: {
        ...proxyOf(() => []),
        create: (context) => ({
          handle: bind(
            over(() => circle),
            context,
          ),
        }),
      },
    });
    const world = new SessionWorld(revisionOf(circle, []));
    world.accept().ends();
    world.connected().ends();
    await world.settle();
    assert.equal(world.log.records[0]?.reason, 'limit.stack-depth');
    assert.deepEqual(world.leftovers(), []);
  });
});
