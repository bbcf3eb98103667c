// Dispatch, from an accepted connection to its one record: services, refusals, limits, and nothing left behind.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
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
import { SocketAddress } from '../address/socket-address.ts';
import { denyService } from '../policy/service.ts';
import { dispatch } from './dispatch.ts';

const STRANGER = SocketAddress.parse('172.16.0.1:40000');

/** Passes on what it receives; closes when a side has ended. */
const copy: SessionHandler = (event) => {
  switch (event.type) {
    case 'started':
      return [act.hold('client'), act.connect()];
    case 'connected':
      return [act.relay('client', 'server'), act.relay('server', 'client')];
    case 'connect-failed': {
      const { verdict, reason } = event.failure;
      return [{ type: 'close', verdict, reason }];
    }
    case 'ended':
      return [act.close(`${event.from}-ended`)];
    default:
      return [];
  }
};

/** Tells a refusal; lets nobody in otherwise. */
const tell: SessionHandler = (event, { refusal }) =>
  event.type === 'started'
    ? [act.send('client', refusal?.reason ?? 'hello'), act.close('told')]
    : [];

function worldOf(
  handle: SessionHandler,
  options: { readonly maxInstances?: number; readonly tellsRefusals?: boolean } = {},
): SessionWorld {
  const { maxInstances = 0, tellsRefusals = false } = options;
  const proxy = proxyOf(handle, { tellsRefusals });
  return new SessionWorld(revisionOf(serviceOf('web', { proxy, limits: { maxInstances } })));
}

describe('dispatch() of a connection whose listener has been closed since', () => {
  it('resets it and says so', () => {
    const world = worldOf(copy);
    const stream = world.stream();
    const accepted = { stream, clientAddress: STRANGER, clientLocal: STRANGER };
    dispatch(world.runtime, world.revision, undefined, accepted);
    assert.deepEqual(stream.calls, ['reset']);
    assert.deepEqual(world.log.codes, ['dispatch.unclaimed']);
    assert.deepEqual(world.leftovers(), []);
  });
});

describe('dispatch() of a connection that is permitted', () => {
  it('runs its service and writes one record with all facts', async () => {
    const world = worldOf(copy);
    const client = world.accept();
    assert.equal(world.runtime.sessions.size, 1);
    assert.deepEqual(
      [...world.runtime.sessions].map(({ id }) => id),
      ['svc/zorp/web:0/zorp/test'],
    );
    world.clock.advance(100);
    const server = world.connected();
    client.says('question');
    server.says('an answer');
    await world.settle();
    client.ends();
    server.ends();
    await world.settle();
    assert.deepEqual(world.leftovers(), []);
    assert.deepEqual(world.log.records, [
      {
        type: 'decision',
        sessionId: 'svc/zorp/web:0',
        instance: 'zorp',
        revision: 'f00d',
        listener: 'door',
        protocol: 'tcp',
        rule: null,
        service: 'web',
        proxy: 'test',
        client: { address: '10.1.2.3', port: 40000, zone: 'intranet' },
        clientLocal: { address: '192.0.2.254', port: 8080 },
        peer: null,
        server: { address: '198.51.100.1', port: 80, zone: 'internet' },
        serverLocal: { address: '192.0.2.253', port: 50000 },
        clientTls: null,
        serverTls: null,
        user: null,
        groups: [],
        warnings: [],
        verdict: 'accepted',
        reason: 'client-ended',
        message: '',
        connects: [
          {
            host: null,
            server: { address: '198.51.100.1', port: 80, zone: 'internet' },
            outcome: 'connected',
            durationMs: 100,
          },
        ],
        stacked: [],
        related: [],
        bytes: { fromClient: 8, toServer: 8, fromServer: 9, toClient: 9 },
        start: '2026-01-02T03:04:05.000Z',
        durationMs: 100,
      },
    ]);
  });

  it('numbers the sessions of a service', () => {
    const world = worldOf(copy);
    world.accept();
    world.accept();
    assert.deepEqual(
      [...world.runtime.sessions].map(({ id }) => id),
      ['svc/zorp/web:0/zorp/test', 'svc/zorp/web:1/zorp/test'],
    );
    assert.deepEqual(world.runtime.counters.of('web'), { running: 2, started: 2 });
  });

  it('switches keepalive on for the client side', () => {
    for (const keepalive of ['none', 'client', 'server', 'both'] as const) {
      const world = new SessionWorld(
        revisionOf(serviceOf('web', { proxy: proxyOf(copy), keepalive })),
      );
      const isOn = keepalive === 'client' || keepalive === 'both';
      assert.deepEqual(world.accept().calls, isOn ? ['keep-alive'] : [], keepalive);
    }
  });

  it('records why the server could not be reached', async () => {
    const world = worldOf(copy);
    world.accept().ends();
    world.connectFails();
    await world.settle();
    const [record] = world.log.records;
    assert.equal(record?.verdict, 'denied-by-connection-fail');
    assert.equal(record.reason, 'connect.refused');
    assert.equal(record.connects[0]?.outcome, 'connect.refused');
    assert.deepEqual(world.leftovers(), []);
  });

  it('gives a pending connect up when the client goes, and records that', async () => {
    const world = worldOf((event) =>
      event.type === 'started' ? [act.connect()] : event.type === 'ended' ? [act.close()] : [],
    );
    world.accept().breaks();
    await world.settle();
    assert.equal(world.connects[0]?.isGivenUp, true);
    assert.equal(world.log.records[0]?.connects[0]?.outcome, 'connect.given-up');
    assert.deepEqual(world.leftovers(), []);
  });

  it('survives a proxy that cannot be made', async () => {
    const proxy = {
      ...proxyOf(copy),
      create: () => {
        throw new Error('no proxy');
      },
    };
    const world = new SessionWorld(revisionOf(serviceOf('web', { proxy })));
    world.accept().ends();
    await world.settle();
    assert.deepEqual(world.leftovers(), []);
    assert.equal(world.log.records[0]?.verdict, 'denied-by-unknown-fail');
    assert.equal(world.log.records[0].reason, 'proxy.internal-error');
    assert.deepEqual(world.log.codes, ['proxy.internal-error']);
  });

  it('can be aborted through the list of sessions', async () => {
    const world = worldOf(copy);
    const client = world.accept();
    for (const session of world.runtime.sessions) session.abort('instance.stopped');
    assert.deepEqual(client.calls, ['reset']);
    await world.settle();
    assert.equal(world.log.records[0]?.verdict, 'aborted-by-policy-action');
    assert.equal(world.log.records[0].reason, 'instance.stopped');
    assert.deepEqual(world.leftovers(), []);
  });

  it('names its session in the lines of its proxy', () => {
    const world = worldOf((event) => (event.type === 'started' ? [act.log('hello')] : []));
    world.accept();
    assert.deepEqual(world.log.lines[0]?.fields, { session: 'svc/zorp/web:0/zorp/test' });
  });
});

describe('dispatch() of a connection beyond the limit', () => {
  it('resets it and records that; the count is given back once', async () => {
    const world = worldOf(copy, { maxInstances: 2 });
    const clients = [world.accept(), world.accept(), world.accept()];
    assert.deepEqual(clients[2]?.calls, ['reset']);
    assert.equal(world.log.records[0]?.verdict, 'denied-by-limit');
    assert.equal(world.log.records[0].reason, 'limit.max-instances');
    assert.deepEqual(world.log.records[0].bytes, {
      fromClient: 0,
      toClient: 0,
      fromServer: 0,
      toServer: 0,
    });
    assert.equal(world.runtime.counters.of('web').running, 2);
    clients[0]?.breaks();
    await world.settle();
    assert.equal(world.runtime.counters.of('web').running, 1);
    assert.deepEqual(world.accept().calls, []);
  });
});

describe('dispatch() of a connection that is refused', () => {
  it('closes it where the proxy cannot tell, and records why', () => {
    const world = worldOf(copy);
    assert.deepEqual(world.accept(STRANGER).calls, ['destroy']);
    const [record] = world.log.records;
    assert.equal(record?.verdict, 'denied-by-policy');
    assert.equal(record.reason, 'zone.client-unknown');
    assert.match(record.message, /zone/);
    assert.equal(record.client.zone, null);
    assert.equal(record.server, null);
    assert.deepEqual(world.leftovers(), []);
  });

  it('lets a proxy tell that can, without a server and without counting it', async () => {
    const events: string[] = [];
    const world = worldOf(noting(events, tell), { tellsRefusals: true, maxInstances: 1 });
    const client = world.accept(STRANGER);
    assert.equal(client.output, 'zone.client-unknown');
    assert.equal(world.runtime.toldRefusals, 1);
    assert.equal(world.runtime.counters.of('web').running, 0);
    client.ends();
    await world.settle();
    assert.deepEqual(world.leftovers(), []);
    assert.deepEqual(events, ['started']);
    assert.equal(world.log.records.length, 1);
    assert.equal(world.log.records[0]?.verdict, 'denied-by-policy');
    assert.equal(world.log.records[0].reason, 'zone.client-unknown', 'not that of the proxy');
    assert.equal(world.log.records[0].bytes.toClient, 19);
  });

  it('refuses the server too, to a proxy that asks all the same', async () => {
    const world = worldOf(copy, { tellsRefusals: true });
    world.accept(STRANGER).ends();
    await world.settle();
    assert.equal(world.connects.length, 0);
    assert.equal(world.log.records[0]?.connects[0]?.outcome, 'zone.client-unknown');
    assert.deepEqual(world.leftovers(), []);
  });

  it('tells only so many at the same time', () => {
    const world = worldOf(
      (event, context) => (event.type === 'ended' ? [act.close()] : tell(event, context)),
      {
        tellsRefusals: true,
      },
    );
    const clients = Array.from({ length: 257 }, () => world.accept(STRANGER));
    assert.equal(world.runtime.toldRefusals, 256);
    assert.deepEqual(clients.at(-1)?.calls, ['destroy']);
    assert.equal(world.log.records.length, 1);
  });

  it('drops or resets for a deny service, and is silent if that is asked for', () => {
    for (const [reply, call] of [
      ['drop', 'destroy'],
      ['tcp-reset', 'reset'],
    ] as const)
      for (const logging of [true, false]) {
        const world = new SessionWorld(revisionOf(denyService('no', { reply, logging })));
        assert.deepEqual(world.accept().calls, [call]);
        assert.equal(world.log.records.length, logging ? 1 : 0);
        if (logging) assert.equal(world.log.records[0]?.reason, 'service.denied');
        if (logging) assert.equal(world.log.records[0]?.proxy, null);
      }
  });
});

/** One thing that may happen to a session: to its client, or to its connect if it has one. */
const HAPPENINGS: readonly ((
  world: SessionWorld,
  client: FakeStream,
  isOurs: boolean,
) => unknown)[] = [
  (_world, client) => client.says('hello'),
  (_world, client) => client.ends(),
  (_world, client) => client.breaks(),
  (world, _client, isOurs) => isOurs && world.connected().says('welcome').ends(),
  (world, _client, isOurs) => {
    if (isOurs) world.connectFails();
  },
  (world) => {
    world.clock.advance(7000);
  },
  (world) => world.settle(),
  (_world, client) => client.step(),
];

describe('dispatch() with a bug of ours', () => {
  it('resets the connection, says so, and lets the next ones in', () => {
    const world = worldOf(copy);
    const { clock } = world;
    const now = clock.now.bind(clock);
    clock.now = () => {
      throw new TypeError('a bug');
    };
    const broken = world.accept();
    clock.now = now;
    assert.deepEqual(broken.calls, ['reset']);
    const [line] = world.log.lines;
    assert.equal(line?.code, 'session.internal-error');
    assert.match(String(line.fields?.['stack']), /a bug/);
    world.accept();
    assert.equal(world.runtime.sessions.size, 1);
  });
});

describe('a thousand sessions', () => {
  it('leave nothing, and one record each', async () => {
    const one = fc.record({
      isStranger: fc.boolean(),
      steps: fc.array(fc.constantFrom(...HAPPENINGS), { maxLength: 12 }),
    });
    const all = fc.array(one, { minLength: 10, maxLength: 50 });
    const property = fc.asyncProperty(all, async (sessions) => {
      const world = worldOf(copy, { maxInstances: 12, tellsRefusals: true });
      for (const { isStranger, steps } of sessions) {
        const before = world.connects.length;
        const client = isStranger ? world.accept(STRANGER) : world.accept();
        for (const step of steps) {
          await step(world, client, world.connects.length > before);
          client.step();
        }
      }
      world.abortAll();
      await world.settle();
      world.clock.advance(30_000);
      await world.settle();
      assert.deepEqual(world.leftovers(), []);
      assert.equal(world.log.records.length, sessions.length);
    });
    await fc.assert(property, { numRuns: 40 });
  });
});
