// The session of a service: at rest, awake again, and its end.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FakeStream } from '../../test/support/fake-stream.ts';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { httpProxy } from '../protocols/http/index.ts';
import { plugProxy } from '../protocols/plug/index.ts';
import { inbandAuthentication } from '../policy/authentication.ts';
import { functionProvider } from '../policy/authentication-provider.ts';
import type { ServiceOptions } from '../policy/service.ts';
import type { ProxyContext, ProxyEngine, ProxyFactory } from '../proxy/engine.ts';
import { accept } from '../proxy/policy-action.ts';
import { REST_AFTER_MS } from './pump-timers.ts';

const GET = 'GET /a HTTP/1.1\r\nHost: web.example\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 2\r\n\r\nhi';

interface Scene {
  readonly world: SessionWorld;
  readonly client: FakeStream;
}

/** A session whose client has its answer. */
async function answered(options: Partial<ServiceOptions> = {}): Promise<Scene> {
  const web = serviceOf('web', { proxy: httpProxy(), ...options });
  const world = new SessionWorld(revisionOf(web));
  const client = world.accept();
  client.says(GET);
  await world.settle();
  world.connected().says(OK);
  await world.settle();
  return { world, client };
}

describe('a running proxy', () => {
  it('rests once nothing has happened for a while, and not before', async () => {
    const { world, client } = await answered();
    world.clock.advance(REST_AFTER_MS - 1);
    assert.equal(client.isAtRest, false);
    world.clock.advance(2);
    assert.deepEqual(
      world.streams.map(({ isAtRest }) => isAtRest),
      [true, true],
    );
    assert.equal(world.runtime.sessions.size, 1);
  });

  it('does not rest while requests follow one another', async () => {
    const { world, client } = await answered();
    for (let round = 0; round < 5; round++) {
      world.clock.advance(REST_AFTER_MS - 1);
      assert.equal(client.isAtRest, false);
      client.says(GET);
      await world.settle();
      world.streams[1]?.says(OK);
      await world.settle();
    }
  });

  it('is ended at rest as it would be awake', async () => {
    const { world, client } = await answered();
    world.clock.advance(REST_AFTER_MS + 1);
    world.abortAll();
    await world.settle();
    assert.deepEqual(client.calls, ['reset']);
    const [record] = world.log.records;
    assert.equal(record?.verdict, 'aborted-by-policy-action');
    assert.equal(record.bytes.fromClient, GET.length);
    assert.equal(record.bytes.toClient, OK.length);
    world.clock.advance(20_000);
    assert.deepEqual(world.leftovers(), []);
  });

  it('does not rest when only one of its streams can', async () => {
    const web = serviceOf('web', { proxy: httpProxy() });
    for (const rests of [
      [true, false],
      [false, true],
    ]) {
      const world = new SessionWorld(revisionOf(web));
      const client = world.accept(undefined, { rests: rests[0] ?? false });
      client.says(GET);
      await world.settle();
      world.connected({ rests: rests[1] ?? false }).says(OK);
      await world.settle();
      world.clock.advance(5 * REST_AFTER_MS);
      assert.equal(
        world.streams.some(({ isAtRest }) => isAtRest),
        false,
      );
      client.says(GET);
      await world.settle();
      world.streams[1]?.says(OK);
      await world.settle();
      assert.equal(client.output, OK + OK);
    }
  });

  it('tells its proxy what time it is, also after a rest', async () => {
    const undated = 'HTTP/1.1 204 No Content\r\n\r\n';
    const { world, client } = await answered();
    world.clock.advance(REST_AFTER_MS + 1);
    assert.equal(client.isAtRest, true);
    client.says(GET);
    await world.settle();
    world.streams[1]?.says(undated);
    await world.settle();
    const date = new Date(world.clock.now()).toUTCString();
    assert.equal(client.output, `${OK}HTTP/1.1 204 No Content\r\nDate: ${date}\r\n\r\n`);
  });

  it('rests not while a policy function is asked', async () => {
    const never = new Promise<never>(() => undefined);
    const proxy = httpProxy({ request: { '*': () => never } });
    const world = new SessionWorld(revisionOf(serviceOf('web', { proxy })));
    const client = world.accept();
    client.says(GET);
    await world.settle();
    world.clock.advance(5 * REST_AFTER_MS);
    assert.equal(client.isAtRest, false);
  });

  it('counts the guesses of its client on', async () => {
    const provider = functionProvider(() => undefined);
    const authentication = inbandAuthentication({ provider, limits: { maxAttempts: 2 } });
    const web = serviceOf('web', { proxy: httpProxy({ authentication: {} }), authentication });
    const world = new SessionWorld(revisionOf(web));
    const client = world.accept();
    const guess = GET.replace('\r\n\r\n', `\r\nAuthorization: Basic ${btoa('a:b')}\r\n\r\n`);
    for (let guesses = 0; guesses < 3; guesses++) {
      client.says(guess);
      await world.settle();
      world.clock.advance(REST_AFTER_MS + 1);
      assert.equal(client.isAtRest, guesses < 2);
    }
    const count = (code: string): number => world.log.codes.filter((one) => one === code).length;
    assert.equal(count('authentication.rejected'), 2);
    assert.ok(count('authentication.too-many-attempts') > 0);
  });

  it('makes no engine where there is nothing but copying, and one where there is more', async () => {
    const made: string[] = [];
    const plug = plugProxy({ shutdownSoft: false });
    const proxy = {
      ...plug,
      create: (context: ProxyContext): ProxyEngine => {
        made.push(context.session.protocol);
        return plug.create(context);
      },
    };
    const world = new SessionWorld(revisionOf(serviceOf('plug', { proxy })));
    const client = world.accept();
    client.says('question');
    await world.settle();
    const server = world.connected().says('answer').ends();
    await world.settle();
    client.ends();
    await world.settle();
    assert.deepEqual([made, server.output, client.output], [[], 'question', 'answer']);
    assert.equal(world.log.records[0]?.reason, 'plug.server-ended');
    assert.deepEqual(world.leftovers(), []);
    const watched = plugProxy({ statistics: { everyMs: 1000, check: accept } });
    const stacking = plugProxy({ stack: serviceOf('child', { proxy }) });
    assert.deepEqual([watched.copying, stacking.copying], [undefined, undefined]);
  });

  it('ends by an error of an engine that cannot be woken, and nothing else does', async () => {
    const resting = { wake: (): ProxyEngine => assert.fail('a bug') };
    const proxy: ProxyFactory = {
      ...proxyOf(() => []),
      create: () => ({
        handle: ({ type }) =>
          type === 'started' ? [{ type: 'timer', timer: 'a', afterMs: 9_000, mode: 'total' }] : [],
        rest: () => resting,
      }),
    };
    const world = new SessionWorld(revisionOf(serviceOf('web', { proxy })));
    const client = world.accept();
    world.clock.advance(REST_AFTER_MS + 1);
    assert.equal(client.isAtRest, true);
    client.says('x');
    await world.settle();
    assert.deepEqual(world.log.codes, ['proxy.internal-error']);
    client.ends();
    await world.settle();
    assert.equal(world.log.records[0]?.verdict, 'denied-by-unknown-fail');
    world.clock.advance(20_000);
    assert.deepEqual(world.leftovers(), []);
  });
});
