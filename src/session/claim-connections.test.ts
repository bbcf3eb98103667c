// Further connections of a client that a session claims.
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
import { SocketAddress } from '../address/socket-address.ts';

const CLIENT = SocketAddress.parse('10.1.2.3:40000');
const AGAIN = SocketAddress.parse('10.1.2.3:40001');
const OTHER = SocketAddress.parse('10.1.2.4:40000');

interface Site {
  readonly world: SessionWorld;
  /** What the engine of the first session was told since it began. */
  readonly events: string[];
}

/** A session that claims this many connections of its client. */
async function begin(max: number): Promise<Site> {
  const events: string[] = [];
  const proxy = proxyOf((event, context) => {
    const isFirst = context.session.sessionId.includes(':0/');
    const handle = noting(isFirst ? events : [], ({ type }) =>
      type === 'started' && isFirst ? [act.claim(max)] : [],
    );
    return handle(event, context);
  });
  const world = new SessionWorld(revisionOf(serviceOf('sum', { proxy })));
  world.accept(CLIENT);
  await world.settle();
  events.splice(0);
  return { world, events };
}

async function end(world: SessionWorld): Promise<void> {
  world.abortAll();
  await world.settle();
  assert.deepEqual(world.leftovers(), []);
}

describe('a claim', () => {
  it('takes further connections of the client to the same address, and counts their bytes', async () => {
    const { world, events } = await begin(2);
    world.accept(AGAIN).says('one');
    world.accept(AGAIN).says('three');
    await world.settle();
    assert.equal(world.runtime.sessions.size, 1);
    assert.deepEqual(
      events.filter((line) => line.startsWith('received')),
      ['received from=client#1 "one"', 'received from=client#2 "three"'],
    );
    await end(world);
    const [record] = world.log.records;
    assert.equal(world.log.records.length, 1);
    assert.equal(record?.bytes.fromClient, 8);
    assert.deepEqual(
      record.related.map(({ port, kind, peer }) => [port, kind, peer.address, peer.zone]),
      [
        ['client#1', 'secondary', '10.1.2.3', 'intranet'],
        ['client#2', 'secondary', '10.1.2.3', 'intranet'],
      ],
    );
  });

  it('leaves connections of others, and to elsewhere, to the listener', async () => {
    const { world, events } = await begin(2);
    world.accept(OTHER);
    world.accept(AGAIN, {}, SocketAddress.parse('192.0.2.253:8080'));
    await world.settle();
    assert.equal(world.runtime.sessions.size, 3);
    assert.deepEqual(events, []);
    await end(world);
  });

  it('leaves what is too much to the listener', async () => {
    const { world } = await begin(1);
    world.accept(AGAIN);
    world.accept(AGAIN);
    assert.equal(world.runtime.sessions.size, 2);
    await end(world);
  });

  it('uses a number again when its port is gone', async () => {
    const { world, events } = await begin(1);
    world.accept(AGAIN).breaks();
    await world.settle();
    world.accept(AGAIN);
    await world.settle();
    assert.deepEqual(
      events.map((line) => line.split(' ').slice(0, 2).join(' ')),
      ['accepted port=client#1', 'ended from=client#1', 'accepted port=client#1'],
    );
    await end(world);
  });

  it('ends with its session', async () => {
    const { world } = await begin(1);
    await end(world);
    world.accept(AGAIN);
    assert.equal(world.runtime.sessions.size, 1);
    await end(world);
  });
});
