// Datagrams through a pump, and through dispatch: none is joined with another, lost or cut, whatever they wait for.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { act, connectedWorld, PumpWorld } from '../../test/support/pump-world.ts';
import type { SessionHandler } from '../../test/support/session-world.ts';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';

const DATAGRAMS = { framing: 'datagrams' } as const;
const RELAYS = [act.relay('client', 'server'), act.relay('server', 'client')];

describe('datagrams in a pump', () => {
  it('keep their boundaries through a relay, empty ones too', () => {
    const { world, server } = connectedWorld({ connected: RELAYS }, DATAGRAMS);
    world.client.says('one').says('').says('two');
    server.says('').says('answer');
    world.settle();
    assert.deepEqual(server.datagrams, ['one', '', 'two']);
    assert.deepEqual(world.client.datagrams, ['', 'answer']);
  });

  it('are each sent by themselves', () => {
    const sends = ['one', '', 'two'].map((text) => act.send('client', text));
    const { world } = connectedWorld({ connected: sends }, DATAGRAMS);
    world.settle();
    assert.deepEqual(world.client.datagrams, ['one', '', 'two']);
  });

  it('keep their boundaries while they wait: for a hold, a promise, a connect', () => {
    const datagrams = fc.array(fc.string({ maxLength: 3, unit: fc.constantFrom('a', 'b') }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(datagrams, datagrams, (early, late) => {
        const world = new PumpWorld(
          {
            started: [act.hold('client'), act.connect()],
            connected: [act.release('client'), ...RELAYS],
          },
          DATAGRAMS,
        ).start();
        for (const text of early) world.client.says(text);
        world.settle();
        const server = world.connected();
        for (const text of late) world.client.says(text);
        world.settle();
        assert.deepEqual(server.datagrams, [...early, ...late]);
      }),
    );
  });

  it('end no later than a minute after the last one, however long the proxy would wait', () => {
    const elapses: string[] = [];
    const timed = (options: object) => {
      const world = new PumpWorld((event) => {
        if (event.type === 'started') return [act.timer('idle', 600_000, 'idle')];
        if (event.type === 'elapsed') elapses.push(`${event.timer} ${world.clock.monotonic()}`);
        return [];
      }, options).start();
      world.clock.advance(30_000);
      world.client.says('more');
      world.settle();
      world.clock.advance(600_000);
    };
    timed(DATAGRAMS);
    timed({});
    assert.deepEqual(elapses, ['idle 90000', 'idle 630000']);
  });
});

describe('dispatch() of datagrams', () => {
  it('decides as UDP, connects by UDP, tells the proxy so and records it', async () => {
    const protocols: string[] = [];
    const handle: SessionHandler = (event, { session }) => {
      protocols.push(session.protocol);
      if (event.type === 'started') return [act.connect()];
      return event.type === 'connected' ? [act.close('done')] : [];
    };
    const world = new SessionWorld(
      revisionOf(serviceOf('names', { proxy: proxyOf(handle, { takesDatagrams: true }) })),
    );
    world.accept(undefined, DATAGRAMS);
    world.accept(undefined, {});
    const asked = world.connects.map(({ request }) => request.protocol);
    assert.deepEqual(asked, ['udp', 'tcp']);
    assert.deepEqual(protocols, ['udp', 'tcp']);
    for (const { done } of world.connects) done({ ok: false, error: 'ECONNREFUSED' });
    world.abortAll();
    await world.settle();
    assert.deepEqual(world.log.records.map(({ protocol }) => protocol).sort(), ['tcp', 'udp']);
  });
});
