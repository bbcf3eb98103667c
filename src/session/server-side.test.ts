// The server side: resolve, decide, connect, and what is written down of it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SocketAddress } from '../address/socket-address.ts';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { route } from '../policy/router.ts';
import type { ServiceOptions } from '../policy/service.ts';
import { inbandAuthentication } from '../policy/authentication.ts';
import { functionProvider } from '../policy/authentication-provider.ts';
import { connectChainer } from '../policy/chainer.ts';
import { directedRouter, inbandRouter, transparentRouter } from '../policy/router.ts';
import type { Target } from '../proxy/engine.ts';
import type { ServerResult } from './pump-host.ts';
import { connectServer } from './server-side.ts';
import type { StackedSession } from './session.ts';

const proxy = proxyOf(() => []);
const www: Target = { host: 'www.example.org', port: 443 };

interface Asked {
  readonly world: SessionWorld;
  readonly session: StackedSession;
  readonly results: ServerResult[];
  /** Gives up. */
  readonly giveUp: () => void;
}

function ask(
  options: Partial<ServiceOptions>,
  target?: Target,
  changes: Parameters<typeof revisionOf>[2] = {},
): Asked {
  const service = serviceOf('web', { proxy, ...options });
  const world = new SessionWorld(revisionOf(service, [], changes));
  const session = world.session();
  session.setRoute(route(service.router, session.clientAddress, session.clientLocal));
  const results: ServerResult[] = [];
  const giveUp = connectServer(world.runtime, session, { ...(target && { target }) }, (result) =>
    results.push(result),
  );
  assert.deepEqual(results, [], 'nobody is called back before it has returned');
  return { world, session, results, giveUp };
}

function failureOf({ results, world }: Asked): unknown[] {
  assert.equal(results.length, 1);
  const [result] = results;
  assert.equal(world.streams.length, 0);
  return result?.ok === false ? [result.failure.reason, result.failure.verdict] : ['connected'];
}

describe('a server connect', () => {
  it('goes where the router says, from where the router says', () => {
    const asked = ask({
      router: directedRouter({
        destination: ['198.51.100.1:80', '198.51.100.2:80'],
        forgeAddress: true,
        forgePort: 'random',
      }),
      chainer: connectChainer({ timeoutConnectMs: 1234 }),
      serverMark: 7,
      serverTos: 16,
    });
    const { world, session, results } = asked;
    const { request } = world.connects[0] ?? assert.fail('no connect');
    assert.deepEqual(
      [String(request.remote), String(request.local), request.localLoose, request.localRandom],
      ['198.51.100.1:80', '10.1.2.3:40000', true, true],
    );
    assert.deepEqual([request.timeoutMs, request.mark, request.tos], [1234, 7, 16]);
    world.clock.advance(7);
    const stream = world.connected();
    assert.deepEqual(results, [
      { ok: true, stream, address: SocketAddress.parse('198.51.100.1:80') },
    ]);
    for (const one of [session, session.master]) {
      assert.equal(String(one.serverAddress), '198.51.100.1:80');
      assert.equal(String(one.serverLocal), '192.0.2.253:50000');
      assert.equal(one.serverZone?.name, 'internet');
    }
    assert.deepEqual(session.connection.connects, [
      {
        host: null,
        server: SocketAddress.parse('198.51.100.1:80'),
        zone: 'internet',
        outcome: 'connected',
        durationMs: 7,
      },
    ]);
  });

  it('takes the server that the protocol names only where the router leaves it open', async () => {
    for (const router of [
      transparentRouter(),
      directedRouter({ destination: '198.51.100.1:80' }),
    ]) {
      const { world } = ask({ router }, www);
      await world.settle();
      assert.deepEqual(world.lookups, []);
    }
    for (const router of [
      inbandRouter(),
      directedRouter({ destination: '198.51.100.1:80', overrideable: true }),
    ]) {
      const { world, session } = ask({ router }, www);
      assert.equal(world.lookups[0]?.host, 'www.example.org');
      assert.equal(world.connects.length, 0);
      world.resolves('198.51.100.9', '198.51.100.10');
      assert.equal(String(world.connects[0]?.request.remote), '198.51.100.9:443');
      world.connected();
      assert.equal(session.connection.connects[0]?.host, 'www.example.org');
    }
  });

  it('sees that it leads to the server, where the client chose it', () => {
    const asked = ask({ router: inbandRouter() }, www);
    asked.world.resolves('198.51.100.9');
    assert.equal(asked.world.connects[0]?.request.checksPeer, true);
    assert.equal(ask({}).world.connects[0]?.request.checksPeer, false);
  });

  it('that is overrideable goes where the router says if the protocol names nothing', () => {
    const router = directedRouter({ destination: '198.51.100.1:80', overrideable: true });
    assert.equal(String(ask({ router }).world.connects[0]?.request.remote), '198.51.100.1:80');
  });

  it('switches keepalive on for the server side', () => {
    for (const keepalive of ['none', 'client', 'server', 'both'] as const) {
      const { world } = ask({ keepalive });
      const stream = world.connected();
      const isOn = keepalive === 'server' || keepalive === 'both';
      assert.deepEqual(stream.calls, isOn ? ['keep-alive'] : [], keepalive);
    }
  });
});

describe('a server connect of a service that asks for users', () => {
  const provider = functionProvider(() => ({}));
  const asking = {
    proxy: proxyOf(() => [], { authentication: 'possible' }),
    authentication: inbandAuthentication({ provider }),
  };

  it('fails until somebody proved a name, whatever the proxy thinks', async () => {
    const asked = ask(asking);
    await Promise.resolve();
    assert.deepEqual(failureOf(asked), ['authentication.missing', 'denied-by-policy']);
    asked.session.setIdentity({ user: 'alice', groups: [] });
    connectServer(asked.world.runtime, asked.session, {}, () => undefined);
    assert.equal(asked.world.connects.length, 1);
  });
});

describe('a server connect fails', () => {
  it('for every reason that decide has', async () => {
    const cases: readonly [Asked, string][] = [
      [ask({ router: inbandRouter() }), 'route.no-target'],
      [ask({ router: directedRouter({ destination: '8.8.8.8:53' }) }), 'zone.server-unknown'],
      [ask({ router: directedRouter({ destination: '203.0.113.1:80' }) }), 'access.inbound'],
      [ask({}, undefined, { inbound: [] }), 'access.inbound'],
      [ask({ router: directedRouter({ destination: '192.0.2.254:8080' }) }), 'route.loop'],
    ];
    for (const [asked, reason] of cases) {
      await asked.world.settle();
      assert.deepEqual(failureOf(asked), [reason, 'denied-by-policy']);
      assert.equal(asked.session.connection.connects[0]?.outcome, reason);
      assert.equal(asked.world.connects.length, 0);
    }
  });

  it('when the name is not resolved, or to an address that is not permitted', async () => {
    for (const [error, reason] of [
      ['ENOTFOUND', 'resolve.unknown'],
      ['ETIMEOUT', 'resolve.timeout'],
      ['EBUSY', 'resolve.busy'],
      ['ESERVFAIL', 'resolve.failed'],
    ] as const) {
      const asked = ask({ router: inbandRouter() }, www);
      asked.world.lookups[0]?.done({ ok: false, error });
      await asked.world.settle();
      assert.deepEqual(failureOf(asked), [reason, 'denied-by-connection-fail']);
      assert.deepEqual(asked.session.connection.connects[0]?.server, null);
    }
    const empty = ask({ router: inbandRouter() }, www);
    empty.world.resolves();
    await empty.world.settle();
    assert.deepEqual(failureOf(empty), ['resolve.unknown', 'denied-by-connection-fail']);
    const inside = ask({ router: inbandRouter() }, www);
    inside.world.resolves('203.0.113.1');
    await inside.world.settle();
    assert.deepEqual(failureOf(inside), ['access.inbound', 'denied-by-policy']);
  });

  it('when one address of the name is special, also one that would never be tried', async () => {
    for (const [addresses, reason] of [
      [['198.51.100.9', '127.0.0.1'], 'route.mixed-answer'],
      [['198.51.100.9', 'fd00::1'], 'route.mixed-answer'],
      [['127.0.0.1', '198.51.100.9'], 'route.this-machine'],
      [
        [...Array.from({ length: 20 }, (_, at) => `198.51.100.${at}`), '10.0.0.1'],
        'route.mixed-answer',
      ],
    ] as const) {
      const asked = ask({ router: inbandRouter() }, www, { wide: true });
      asked.world.resolves(...addresses);
      await asked.world.settle();
      assert.deepEqual(failureOf(asked), [reason, 'denied-by-policy']);
      assert.equal(asked.world.connects.length, 0);
      assert.equal(asked.session.connection.connects[0]?.outcome, reason);
    }
  });

  it('when nobody answers there', async () => {
    for (const [error, reason] of [
      ['ECONNREFUSED', 'connect.refused'],
      ['ETIMEDOUT', 'connect.timeout'],
      ['EWHATEVER', 'connect.failed'],
    ] as const) {
      const asked = ask({});
      asked.world.connectFails(error);
      await asked.world.settle();
      assert.deepEqual(failureOf(asked), [reason, 'denied-by-connection-fail']);
      const [attempt] = asked.session.connection.connects;
      assert.equal(String(attempt?.server?.address), '198.51.100.1');
    }
  });

  it('on a bug of ours, and nobody else suffers', async () => {
    const asked = ask({ router: inbandRouter() }, { host: 'www.example.org', port: 70_000 });
    asked.world.resolves('198.51.100.9');
    await asked.world.settle();
    assert.deepEqual(failureOf(asked), ['session.internal-error', 'denied-by-unknown-fail']);
    assert.deepEqual(asked.world.log.codes, ['session.internal-error']);
  });

  it('without naming the server of an earlier connect', async () => {
    const { world, session } = ask({ router: inbandRouter() }, www);
    world.resolves('198.51.100.9');
    world.connected();
    connectServer(world.runtime, session, { target: { host: 'gone', port: 80 } }, () => undefined);
    world.lookups[1]?.done({ ok: false, error: 'ENOTFOUND' });
    await world.settle();
    assert.deepEqual(
      session.connection.connects.map(({ server }) => server && String(server.address)),
      ['198.51.100.9', null],
    );
  });
});

describe('a server connect that is given up', () => {
  it('while its name is resolved goes no further', () => {
    const { world, session, results, giveUp } = ask({ router: inbandRouter() }, www);
    giveUp();
    world.resolves('198.51.100.9');
    assert.deepEqual([results, world.connects], [[], []]);
    assert.deepEqual(
      session.connection.connects.map(({ outcome }) => outcome),
      ['connect.given-up'],
    );
  });

  it('while it connects gives that up, and destroys what comes too late', () => {
    const { world, results, giveUp, session } = ask({});
    giveUp();
    giveUp();
    assert.equal(world.connects[0]?.isGivenUp, true);
    assert.deepEqual(world.connected().calls, ['destroy']);
    world.connectFails();
    assert.deepEqual(results, []);
    assert.equal(session.connection.connects.length, 1);
  });

  it('between its failure and the news of it says nothing', async () => {
    const { world, results, giveUp, session } = ask({});
    world.connectFails();
    giveUp();
    await world.settle();
    assert.deepEqual(results, []);
    assert.deepEqual(
      session.connection.connects.map(({ outcome }) => outcome),
      ['connect.refused'],
    );
  });

  it('after it has succeeded is nothing', () => {
    const { world, giveUp, session } = ask({});
    const stream = world.connected();
    giveUp();
    assert.deepEqual(stream.calls, []);
    assert.equal(session.connection.connects.length, 1);
  });
});
