// Expected connections of a session, on a port of their own or through a listener of the instance.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { act } from '../../test/support/pump-world.ts';
import {
  noting,
  proxyOf,
  revisionOf,
  serviceOf,
  SessionWorld,
} from '../../test/support/session-world.ts';
import { stackedWorld } from '../../test/support/stacked-world.ts';
import type { FakeStream } from '../../test/support/fake-stream.ts';
import { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { ProxyAction } from '../proxy/engine.ts';
import { MAX_EXPECTED_BY_SESSION } from './expectations.ts';

const CLIENT = SocketAddress.parse('10.1.2.3:40000');
const CLIENT_DATA = SocketAddress.parse('10.1.2.3:40001');
const STRANGER = SocketAddress.parse('10.9.9.9:40000');
const SERVER_DATA = SocketAddress.parse('198.51.100.1:20');
const DOOR = SocketAddress.parse('192.0.2.254:8080');

interface Session {
  readonly world: SessionWorld;
  readonly client: FakeStream;
  readonly events: string[];
}

/** A session whose engine asks for these actions at the beginning and when its server is connected. */
async function begin(
  started: readonly ProxyAction[],
  connected: readonly ProxyAction[] = [],
): Promise<Session> {
  const events: string[] = [];
  const proxy = proxyOf(
    noting(events, ({ type }) => {
      if (type === 'started') return started;
      return type === 'connected' ? connected : [];
    }),
  );
  const world = new SessionWorld(revisionOf(serviceOf('ftp', { proxy, keepalive: 'both' })));
  const client = world.accept(CLIENT);
  await world.settle();
  events.splice(0);
  return { world, client, events };
}

async function end({ world }: Session): Promise<void> {
  world.abortAll();
  await world.settle();
  assert.deepEqual(world.leftovers(), []);
}

describe('a connection that is expected of the client', () => {
  it('comes on a port of its own, which is closed after it', async () => {
    const session = await begin([act.expect('client#1')]);
    const { world, events } = session;
    assert.equal(String(world.ports[0]?.at), '192.0.2.254:0');
    world.portOpens();
    const data = world.reaches(world.ports[0], CLIENT_DATA);
    assert.equal(world.ports[0]?.isClosed, true);
    data.says('file');
    await world.settle();
    assert.deepEqual(
      events.map((line) => line.split(' ', 1)[0]),
      ['listening', 'accepted', 'received'],
    );
    assert.deepEqual(data.calls, ['keep-alive']);
    assert.equal(world.runtime.expectations.count, 0);
    assert.equal(world.clock.armed, 0);
    await end(session);
    const [record] = world.log.records;
    assert.deepEqual(record?.related, [
      {
        port: 'client#1',
        kind: 'related',
        peer: { address: '10.1.2.3', port: 40_001, zone: 'intranet' },
        local: { address: '192.0.2.254', port: 50_001 },
      },
    ]);
    assert.equal(record.bytes.fromClient, 4);
  });

  it('is not a stranger, who is reset and logged, and the expectation stays', async () => {
    const session = await begin([act.expect('client#1')]);
    const { world, events } = session;
    world.portOpens();
    const stranger = world.reaches(world.ports[0], STRANGER);
    assert.deepEqual(stranger.calls, ['reset']);
    assert.deepEqual(
      world.log.lines.map(({ code, fields }) => [code, fields?.['client'], fields?.['expected']]),
      [['dispatch.wrong-peer', '10.9.9.9:40000', '10.1.2.3']],
    );
    world.reaches(world.ports[0], CLIENT_DATA);
    await world.settle();
    assert.match(events.at(-1) ?? '', /^accepted port=client#1/);
    await end(session);
  });

  it('is whom and where the proxy says, in either form of an address', async () => {
    const peer = IpAddress.parse('::ffff:10.9.9.9');
    const at = SocketAddress.parse('[::ffff:192.0.2.9]:2000');
    const session = await begin([act.expect('client#1', { peer, at })]);
    const { world, events } = session;
    assert.equal(String(world.ports[0]?.at), '192.0.2.9:2000');
    world.portOpens();
    world.reaches(world.ports[0], STRANGER);
    await world.settle();
    assert.match(events.at(-1) ?? '', /^accepted/);
    await end(session);
  });

  it('has a time, and ten minutes at most', async () => {
    const forever = act.expect('client#2', { timeoutMs: Infinity });
    const session = await begin([act.expect('client#1', { timeoutMs: 500 }), forever]);
    const { world, events } = session;
    world.portOpens();
    events.splice(0);
    world.clock.advance(499);
    assert.equal(events.length, 0);
    world.clock.advance(1);
    assert.match(events.join(), /expect-failed port=client#1 .*expect\.timeout/);
    assert.equal(world.ports[0]?.isClosed, true);
    world.clock.advance(599_500);
    assert.match(events.at(-1) ?? '', /expect-failed port=client#2/);
    await end(session);
  });

  it('may not be waited for where the system does not permit it', async () => {
    const session = await begin([act.expect('client#1')]);
    session.world.ports[0]?.watcher.failed('EADDRINUSE');
    assert.match(session.events.join(), /expect-failed .*expect\.local-address/);
    assert.equal(session.world.runtime.expectations.count, 0);
    await end(session);
  });

  it('is one of a bounded number', async () => {
    const asks = Array.from({ length: MAX_EXPECTED_BY_SESSION + 1 }, (_, index) =>
      act.expect(`client#${index}`),
    );
    const session = await begin(asks);
    assert.equal(session.world.ports.length, MAX_EXPECTED_BY_SESSION);
    assert.equal(session.world.runtime.expectations.count, MAX_EXPECTED_BY_SESSION);
    await end(session);
  });

  it('is given up with its session, and no event comes of it', async () => {
    const session = await begin([act.expect('client#1'), act.disconnect('client#1')]);
    assert.equal(session.world.ports[0]?.isClosed, true);
    assert.deepEqual(session.events, []);
    await end(session);
  });
});

describe('a connection that is expected of the server', () => {
  it('comes from the connected server to the address that we have there', async () => {
    const session = await begin([act.connect()], [act.expect('server#1')]);
    const { world, events } = session;
    world.connected();
    await world.settle();
    assert.equal(String(world.ports[0]?.at), '192.0.2.253:0');
    world.portOpens();
    assert.deepEqual(world.reaches(world.ports[0], CLIENT_DATA).calls, ['reset']);
    world.reaches(world.ports[0], SERVER_DATA).says('file');
    await world.settle();
    assert.match(events.join('\n'), /accepted port=server#1/);
    await end(session);
    assert.equal(world.log.records[0]?.bytes.fromServer, 4);
    assert.equal(world.log.records[0].related[0]?.peer.zone, 'internet');
  });

  it('cannot be waited for without a server', async () => {
    const events: string[] = [];
    const proxy = proxyOf(
      noting(events, ({ type }) => (type === 'started' ? [act.expect('server#1')] : [])),
    );
    const world = new SessionWorld(revisionOf(serviceOf('ftp', { proxy })));
    world.accept(CLIENT);
    assert.equal(events.length, 1);
    await world.settle();
    assert.match(events[1] ?? '', /expect-failed .*expect\.no-server/);
    world.abortAll();
    await world.settle();
    assert.deepEqual(world.leftovers(), []);
  });
});

describe('a connection that is expected where a listener listens', () => {
  const atDoor = act.expect('client#1', { at: DOOR });

  it('is taken from it before the listener decides, once', async () => {
    const session = await begin([atDoor]);
    const { world, events } = session;
    assert.equal(world.ports.length, 0);
    assert.equal(world.runtime.sessions.size, 1);
    world.accept(CLIENT_DATA);
    await world.settle();
    assert.match(events.join('\n'), /accepted port=client#1/);
    assert.equal(world.runtime.sessions.size, 1);
    world.accept(CLIENT_DATA);
    assert.equal(world.runtime.sessions.size, 2);
    await end(session);
  });

  it('goes to the session that has waited for it longest', async () => {
    const met: string[] = [];
    const proxy = proxyOf(({ type }, { session }) => {
      if (type === 'accepted') met.push(session.sessionId);
      return type === 'started' ? [act.expect('client#1', { at: DOOR, peer: CLIENT.address })] : [];
    });
    const world = new SessionWorld(revisionOf(serviceOf('ftp', { proxy })));
    for (const name of ['10.0.0.1:1', '10.0.0.2:1']) world.accept(SocketAddress.parse(name));
    await world.settle();
    world.accept(CLIENT);
    world.accept(CLIENT_DATA);
    await world.settle();
    assert.deepEqual(met, ['svc/zorp/ftp:0/zorp/test', 'svc/zorp/ftp:1/zorp/test']);
    assert.equal(world.runtime.sessions.size, 2);
    await end({ world, client: world.accept(STRANGER), events: [] });
  });

  it('is of the listener again, if another peer comes or the session has ended', async () => {
    const session = await begin([atDoor]);
    const { world, events } = session;
    events.splice(0);
    world.accept(STRANGER);
    assert.equal(world.runtime.sessions.size, 2);
    await end(session);
    world.accept(CLIENT_DATA);
    assert.equal(world.runtime.sessions.size, 1);
    await end(session);
  });
});

describe('a session that was refused', () => {
  it('gets no further connections', async () => {
    const events: string[] = [];
    const proxy = proxyOf(
      noting(events, ({ type }) =>
        type === 'started' ? [act.expect('client#1'), act.claim(2)] : [],
      ),
      { tellsRefusals: true },
    );
    const outsider = SocketAddress.parse('172.16.0.1:1');
    const world = new SessionWorld(revisionOf(serviceOf('ftp', { proxy })));
    world.accept(outsider);
    await world.settle();
    assert.match(events.join('\n'), /expect-failed .*expect\.refused/);
    assert.equal(world.runtime.claims.size, 0);
    world.abortAll();
    await world.settle();
    assert.deepEqual(world.leftovers(), []);
  });
});

describe('a stacked proxy', () => {
  it('expects connections of the client and the server of its parent', async () => {
    const events: string[] = [];
    const { world } = stackedWorld(() =>
      noting(events, ({ type }) =>
        type === 'started' ? [act.expect('client#1'), act.expect('server#1'), act.claim(1)] : [],
      ),
    );
    await world.settle();
    assert.deepEqual(
      world.ports.map(({ at }) => String(at)),
      ['192.0.2.254:0', '192.0.2.253:0'],
    );
    for (const port of world.ports) world.opens(port);
    world.reaches(world.ports[0], CLIENT_DATA);
    world.reaches(world.ports[1], SERVER_DATA);
    world.accept(CLIENT_DATA);
    await world.settle();
    assert.deepEqual(
      events.filter((line) => line.startsWith('accepted')).map((line) => line.split(' ')[1]),
      ['port=client#1', 'port=server#1'],
    );
    world.abortAll();
    await world.settle();
    assert.deepEqual(world.leftovers(), []);
    assert.equal(world.log.records.length, 2);
  });
});
