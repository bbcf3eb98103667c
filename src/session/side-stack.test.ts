// Proxies beside a session: they see what it says to its server, and one decision is for all.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FakeStream } from '../../test/support/fake-stream.ts';
import { act } from '../../test/support/pump-world.ts';
import type { SessionHandler } from '../../test/support/session-world.ts';
import {
  noting,
  proxyOf,
  revisionOf,
  serviceOf,
  SessionWorld,
} from '../../test/support/session-world.ts';
import { plug } from '../../test/support/stacked-world.ts';
import { sideStackChainer } from '../policy/chainer-side-stack.ts';
import { connectChainer } from '../policy/chainer.ts';
import { failoverChainer } from '../policy/chainer-targets.ts';
import { directedRouter, inbandRouter } from '../policy/router.ts';
import type { ServiceOptions } from '../policy/service.ts';
import { attribute } from '../proxy/proxy-session.ts';
import type { ProxyEvent, ProxyFactory } from '../proxy/engine.ts';
import { toBytes, toText } from '../../test/support/latin1.ts';

/** A proxy that copies, made anew for each session, and notes what it hears. */
function copier(name: string, events: string[] = []): ProxyFactory {
  return {
    ...proxyOf(() => [], { name }),
    create: (context) => {
      const handle = noting(events, plug());
      return { handle: (event) => [...handle(event, context)] };
    },
  };
}

/** A proxy that writes in capitals what the client says. */
function shouting(): ProxyFactory {
  const handle = (event: ProxyEvent) => {
    if (event.type === 'started') return [act.hold('client'), act.connect()];
    if (event.type === 'connected') return [act.relay('server', 'client'), act.release('client')];
    if (event.type === 'received') {
      const bytes = toBytes(toText(event.bytes).toUpperCase());
      return [{ type: 'send', to: 'server', bytes } as const];
    }
    if (event.type === 'ended')
      return event.from === 'client' ? [act.end('server')] : [act.close('shouted')];
    return [];
  };
  return proxyOf(handle, { name: 'shouting' });
}

function worldOf(options: Partial<ServiceOptions>): { world: SessionWorld; client: FakeStream } {
  const outer = serviceOf('outer', { proxy: copier('outer'), ...options });
  const world = new SessionWorld(revisionOf(outer));
  return { world, client: world.accept() };
}

describe('a proxy beside', () => {
  it('stands between the session and its server, and both are in one record', async () => {
    const { world, client } = worldOf({ chainer: sideStackChainer({ proxy: shouting() }) });
    const server = world.connected();
    client.says('question').ends();
    await world.settle();
    assert.equal(server.output, 'QUESTION');
    assert.equal(server.hasPeerSeenEnd, true);
    server.says('answer').ends();
    await world.settle();
    assert.equal(client.output, 'answer');
    assert.deepEqual(world.leftovers(), []);
    assert.equal(world.connects.length, 1);
    assert.equal(world.log.records.length, 1);
    const [record] = world.log.records;
    assert.equal(record?.reason, 'both-ended');
    assert.deepEqual(
      record.connects.map(({ outcome }) => outcome),
      ['connected'],
    );
    assert.equal(record.server?.address, '198.51.100.1');
    assert.deepEqual(record.bytes, { fromClient: 8, toServer: 8, fromServer: 6, toClient: 6 });
  });

  it('may have another one beside it', async () => {
    const events: string[] = [];
    const inner = sideStackChainer({ proxy: shouting() });
    const chainer = sideStackChainer({ proxy: copier('middle', events), chainer: inner });
    const { world, client } = worldOf({ chainer });
    const server = world.connected();
    client.says('down').ends();
    server.says('up').ends();
    await world.settle();
    assert.equal(server.output, 'DOWN');
    assert.equal(client.output, 'up');
    assert.match(events[1] ?? '', /^connected /);
    assert.deepEqual(world.leftovers(), []);
  });

  it('has a session under that of the first one: it reads its attributes and knows its server', async () => {
    const sender = attribute<string>('sender');
    const seen: unknown[] = [];
    const beside: SessionHandler = (event, { session }) => {
      if (event.type === 'started')
        seen.push(session.get(sender), session.sessionId, String(session.serverAddress));
      return event.type === 'started' ? [act.close()] : [];
    };
    const copy = plug();
    const first: SessionHandler = (event, { session }) => {
      if (event.type === 'started') session.set(sender, 'a@example.org');
      return copy(event);
    };
    const chainer = sideStackChainer({ proxy: proxyOf(beside, { name: 'beside' }) });
    const { world, client } = worldOf({ proxy: proxyOf(first), chainer });
    const server = world.connected();
    client.ends();
    server.ends();
    await world.settle();
    assert.deepEqual(seen, ['a@example.org', 'svc/zorp/outer:0/zorp/beside', '198.51.100.1:80']);
    assert.deepEqual(world.leftovers(), []);
  });

  it('is not there when there is no server: the session hears why', async () => {
    const events: string[] = [];
    const chainer = sideStackChainer({ proxy: copier('beside', events) });
    const { world, client } = worldOf({ chainer });
    world.connectFails();
    client.ends();
    await world.settle();
    assert.deepEqual(events, []);
    assert.equal(world.log.records[0]?.reason, 'connect.refused');
    assert.deepEqual(world.leftovers(), []);
  });

  it('does not change which servers the chainer behind it tries', async () => {
    const router = directedRouter({ destination: ['198.51.100.1:80', '198.51.100.2:80'] });
    const chainer = sideStackChainer({ proxy: shouting(), chainer: failoverChainer() });
    const { world, client } = worldOf({ chainer, router });
    world.connectFails();
    await world.settle();
    const server = world.connected();
    client.says('second').ends();
    server.ends();
    await world.settle();
    assert.equal(server.output, 'SECOND');
    assert.equal(String(world.connects[1]?.request.remote), '198.51.100.2:80');
    assert.deepEqual(world.leftovers(), []);
  });

  it('connects again to the server of the session, whatever it asks for', async () => {
    const beside: SessionHandler = (event) => {
      if (event.type === 'started')
        return [act.connect('server', { host: '198.51.100.9', port: 9 })];
      if (event.type === 'connected') return [act.log('connected')];
      if (event.type === 'ended' && event.from === 'server')
        return [act.disconnect(), act.connect('server', { host: '198.51.100.9', port: 9 })];
      return event.type === 'ended' ? [act.close()] : [];
    };
    const first: SessionHandler = (event) => {
      if (event.type === 'started')
        return [act.connect('server', { host: '198.51.100.5', port: 80 })];
      return event.type === 'ended' ? [act.close()] : [];
    };
    const chainer = sideStackChainer({ proxy: proxyOf(beside), chainer: connectChainer() });
    const router = inbandRouter();
    const { world, client } = worldOf({ chainer, router, proxy: proxyOf(first) });
    world.resolves('198.51.100.5');
    await world.settle();
    world.connected().ends();
    await world.settle();
    world.resolves('198.51.100.5');
    const again = world.connected();
    await world.settle();
    assert.deepEqual(
      world.connects.map(({ request }) => String(request.remote)),
      ['198.51.100.5:80', '198.51.100.5:80'],
    );
    client.ends();
    again.ends();
    await world.settle();
    assert.deepEqual(world.leftovers(), []);
  });

  it('that denies the connection has its verdict in the record', async () => {
    const beside: SessionHandler = (event) =>
      event.type === 'received'
        ? [{ type: 'close', verdict: 'denied-by-policy', reason: 'beside.denied', how: 'reset' }]
        : event.type === 'started'
          ? [act.connect()]
          : [];
    const chainer = sideStackChainer({ proxy: proxyOf(beside) });
    const { world, client } = worldOf({ chainer });
    world.connected();
    client.says('forbidden');
    await world.settle();
    assert.equal(world.log.records[0]?.reason, 'beside.denied');
    assert.deepEqual(client.calls, ['reset']);
    assert.deepEqual(world.leftovers(), []);
  });

  it('is reset with its session', async () => {
    const { world } = worldOf({ chainer: sideStackChainer({ proxy: copier('beside') }) });
    const server = world.connected();
    await world.settle();
    world.abortAll();
    await world.settle();
    assert.deepEqual(server.calls, ['reset']);
    assert.deepEqual(world.leftovers(), []);
  });

  it('that does not end with its session is ended soon after', async () => {
    const deaf: SessionHandler = (event) => (event.type === 'started' ? [act.connect()] : []);
    const { world, client } = worldOf({ chainer: sideStackChainer({ proxy: proxyOf(deaf) }) });
    const server = world.connected();
    await world.settle();
    client.breaks();
    await world.settle();
    assert.equal(world.log.records.length, 1);
    assert.deepEqual(server.calls, []);
    world.clock.advance(10_000);
    await world.settle();
    assert.deepEqual(server.calls, ['reset']);
    assert.deepEqual(world.leftovers(), []);
  });
});
