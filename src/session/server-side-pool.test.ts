// Connects that may share a connection: what was decided, and what is recorded, is the same as for a new one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { sampleTlsFacts } from '../../test/support/sample-peer.ts';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { serverOnlyEncryption } from '../policy/encryption.ts';
import { route } from '../policy/router.ts';
import type { Service, ServiceOptions } from '../policy/service.ts';
import type { ServerRequest } from '../proxy/engine.ts';
import type { ServerResult } from './pump-host.ts';
import { connectServer } from './server-side.ts';
import type { StackedSession } from './session.ts';

class Scene {
  readonly service: Service;
  readonly world: SessionWorld;

  constructor(options: Partial<ServiceOptions> = {}) {
    this.service = serviceOf('web', { proxy: proxyOf(() => []), ...options });
    this.world = new SessionWorld(revisionOf(this.service));
  }

  /** Connects for a new session. */
  ask(
    pool?: ServerRequest['pool'],
    host?: string,
  ): { session: StackedSession; results: ServerResult[] } {
    const session = this.world.session();
    session.setRoute(route(this.service.router, session.clientAddress, session.clientLocal));
    const results: ServerResult[] = [];
    const target = host === undefined ? undefined : { host, port: 80 };
    const request = { ...(pool && { pool }), ...(target && { target }) };
    connectServer(this.world.runtime, session, request, (result) => results.push(result));
    return { session, results };
  }
}

function usedOf([result]: readonly ServerResult[]): string | undefined {
  return result?.ok === true ? result.pool : result?.failure.reason;
}

describe('a server connect that may share', () => {
  it('is new where nobody has given one back, and then goes from session to session', async () => {
    const scene = new Scene();
    const outside = scene.world;
    const first = scene.ask('any');
    const stream = outside.connected();
    assert.equal(usedOf(first.results), 'new');
    outside.runtime.servers.giveBack(stream);
    const second = scene.ask('any');
    assert.deepEqual(second.results, [], 'nobody is called back before it has returned');
    await outside.settle();
    assert.equal(usedOf(second.results), 'reused');
    assert.equal(outside.connects.length, 1);
    const { session } = second;
    assert.equal(session.connection.connects[0]?.outcome, 'reused');
    assert.equal(String(session.serverAddress), '198.51.100.1:80');
    assert.equal(String(session.master.serverLocal), '192.0.2.253:50000');
    assert.equal(session.serverZone?.name, 'internet');
  });

  it('makes a new one where only that will do, or none may be shared', async () => {
    const scene = new Scene();
    scene.ask('any');
    scene.world.runtime.servers.giveBack(scene.world.connected());
    for (const [pool, used] of [
      ['new', 'new'],
      [undefined, undefined],
    ] as const) {
      const { results } = scene.ask(pool);
      scene.world.connected();
      await scene.world.settle();
      assert.equal(usedOf(results), used);
    }
    assert.equal(scene.world.runtime.servers.size, 1);
  });

  it('shares nothing that begins with a PROXY header', () => {
    const scene = new Scene({ sendProxyProtocol: 2 });
    const { results } = scene.ask('any');
    const stream = scene.world.connected();
    assert.equal(usedOf(results), undefined);
    scene.world.runtime.servers.giveBack(stream);
    assert.equal(scene.world.runtime.servers.size, 0);
  });

  it('shares the inside of TLS among those who ask for the same name, with what the handshake came to', async () => {
    const scene = new Scene({ encryption: serverOnlyEncryption() });
    const inside: FakeStream[] = [];
    scene.world.tls = {
      ...scene.world.tls,
      connect: (_stream, _encryption, { name }, done) => {
        const stream = new FakeStream();
        inside.push(stream);
        done({ ok: true, stream, facts: sampleTlsFacts({ serverName: name }) });
        return () => undefined;
      },
    };
    const first = scene.ask('any', 'one.example');
    const carrier = scene.world.connected();
    assert.equal(usedOf(first.results), 'new');
    const [stream] = inside;
    assert.ok(stream !== undefined);
    scene.world.runtime.servers.giveBack(carrier); // the bytes outside of TLS are nobody's
    assert.equal(scene.world.runtime.servers.size, 0);
    scene.world.runtime.servers.giveBack(stream);
    const other = scene.ask('any', 'two.example');
    scene.world.connected();
    assert.equal(usedOf(other.results), 'new');
    const same = scene.ask('any', 'one.example');
    await scene.world.settle();
    assert.equal(usedOf(same.results), 'reused');
    assert.equal(same.results[0]?.ok === true && same.results[0].stream, stream);
    assert.equal(same.session.connection.tls?.server?.serverName, 'one.example');
    assert.equal(inside.length, 2);
  });

  it('gives a connection to nobody who is refused', async () => {
    const scene = new Scene();
    scene.ask('any');
    scene.world.runtime.servers.giveBack(scene.world.connected());
    const closed = new SessionWorld(revisionOf(scene.service, [], { inbound: [] }));
    const session = closed.session();
    session.setRoute(route(scene.service.router, session.clientAddress, session.clientLocal));
    const results: ServerResult[] = [];
    const runtime = { ...closed.runtime, servers: scene.world.runtime.servers };
    connectServer(runtime, session, { pool: 'any' }, (result) => results.push(result));
    await closed.settle();
    assert.equal(usedOf(results), 'access.inbound');
    assert.equal(runtime.servers.size, 1);
  });

  it('lets a connection go that was taken for a session that gave up', async () => {
    const scene = new Scene();
    scene.ask('any');
    const stream = scene.world.connected();
    scene.world.runtime.servers.giveBack(stream);
    const session = scene.world.session();
    session.setRoute(route(scene.service.router, session.clientAddress, session.clientLocal));
    connectServer(scene.world.runtime, session, { pool: 'any' }, () => assert.fail())();
    await scene.world.settle();
    assert.deepEqual(stream.calls, ['destroy']);
  });
});
