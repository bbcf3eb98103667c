// The host of a first proxy: what it asks goes to the server side, to the stack and to the log of its session.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SocketAddress } from '../address/socket-address.ts';
import type { FakeStream } from '../../test/support/fake-stream.ts';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import type { Beside } from './session-host.ts';
import { SessionHost } from './session-host.ts';

/** Nothing stands between the session and its server. */
const NOTHING: Beside = { join: ({ stream }) => stream };

describe('a session host', () => {
  it('joins a pump with its session', () => {
    const web = serviceOf('web', { proxy: proxyOf(() => []) });
    const world = new SessionWorld(revisionOf(web));
    const ends: string[] = [];
    const host = new SessionHost(
      world.runtime,
      world.session(),
      {
        closed: (verdict, reason) => ends.push(`closed ${verdict} ${reason}`),
        finished: ({ fromClient }) => ends.push(`finished ${String(fromClient)}`),
      },
      { beside: NOTHING },
    );
    assert.equal(host.alarms, world.runtime.alarms);
    host.connect({}, () => undefined)();
    assert.equal(world.connects[0]?.isGivenUp, true);
    const unknown = serviceOf('unknown', { proxy: proxyOf(() => []) });
    const said: string[] = [];
    host
      .stack(
        { child: unknown },
        {
          started: () => said.push('started'),
          refused: ({ reason }) => said.push(`refused ${reason}`),
          said: () => said.push('said'),
          ended: () => said.push('ended'),
        },
      )
      .abort();
    assert.deepEqual(said, ['refused access.stack']);
    host.sayToParent();
    host.log('info', 'test.code', 'Said', { more: 1 });
    assert.deepEqual(world.log.lines[0]?.fields, { session: 'svc/zorp/web:0/zorp/test', more: 1 });
    host.closed('accepted', 'done');
    host.finished({ fromClient: 7, toClient: 0, fromServer: 0, toServer: 0 });
    assert.deepEqual(ends, ['closed accepted done', 'finished 7']);
  });

  const ignored = { closed: (): void => undefined, finished: (): void => undefined };
  const address = SocketAddress.parse('198.51.100.1:22');

  function greeted(): { world: SessionWorld; stream: FakeStream; host: SessionHost } {
    const world = new SessionWorld(revisionOf(serviceOf('web', { proxy: proxyOf(() => []) })));
    const stream = world.stream();
    const served = { server: { stream, address }, beside: NOTHING };
    const host = new SessionHost(world.runtime, world.session(), ignored, served);
    return { world, stream, host };
  }

  it('hands over a server that is connected already, once', async () => {
    const { world, stream, host } = greeted();
    const results: unknown[] = [];
    host.connect({}, (result) => results.push(result));
    assert.deepEqual(results, []);
    await world.settle();
    assert.deepEqual(results, [{ ok: true, stream, address }]);
    host.connect({}, () => undefined);
    assert.equal(world.connects.length, 1);
  });

  it('hands over what came of an earlier connect, whatever that is', async () => {
    const { world, stream, host } = greeted();
    const failure = { reason: 'a', message: 'b', verdict: 'denied-by-policy' } as const;
    host.keep({ ok: false, failure });
    assert.deepEqual(stream.calls, ['destroy']);
    const results: unknown[] = [];
    host.connect({}, (result) => results.push(result));
    await world.settle();
    assert.deepEqual(results, [{ ok: false, failure }]);
    host.connect({}, () => undefined);
    assert.equal(world.connects.length, 1);
  });

  it('lets a connected server go that is given up or never asked for', async () => {
    const givenUp = greeted();
    givenUp.host.connect({}, () => assert.fail('It was given up'))();
    await givenUp.world.settle();
    const unasked = greeted();
    unasked.host.closed('accepted', 'done');
    for (const { stream } of [givenUp, unasked]) assert.deepEqual(stream.calls, ['destroy']);
  });
});
