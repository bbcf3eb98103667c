// What a function of the policy gets shows the session, follows it, and is no way behind it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { attribute } from '../proxy/proxy-session.ts';
import { PolicySession } from './policy-session.ts';
import type { StackedSession } from './session.ts';

const server = SocketAddress.parse('198.51.100.7:80');

function session(): StackedSession {
  return new SessionWorld(revisionOf(serviceOf('web', { proxy: proxyOf(() => []) }))).session();
}

describe('a session of the policy', () => {
  it('shows the facts of its session as they are now', () => {
    const given = session();
    const seen = given.forPolicy;
    given.setRoute({
      ...{ targets: [server], local: server, isInband: true },
      ...{ localLoose: false, localRandom: false },
    });
    given.setServerAddress(server);
    given.setServerLocal(server);
    given.setIdentity({ user: 'alice', groups: ['staff'] });
    given.connection.tls = {};
    const names = Object.getOwnPropertyNames(PolicySession.prototype).filter(
      (name) => typeof Reflect.get(given, name) !== 'function',
    );
    assert.equal(names.length, 15);
    for (const name of names) {
      assert.notEqual(Reflect.get(given, name), undefined, name);
      assert.equal(Reflect.get(seen, name), Reflect.get(given, name), name);
    }
    assert.equal(given.forPolicy, seen);
  });

  it('is shown by the console with its facts', () => {
    const shown = inspect(session().forPolicy);
    assert.match(shown, /clientAddress: SocketAddress [\d.]+:\d+,/);
    assert.match(shown, /user: undefined/);
  });

  it('notes what is to be noted, and finds zones', () => {
    const given = session();
    const seen = given.forPolicy;
    const colour = attribute<string>('colour');
    seen.set(colour, 'red');
    assert.equal(given.get(colour), 'red');
    assert.equal(seen.get(colour), 'red');
    assert.ok(seen.warn('odd-name'));
    assert.ok(!seen.warn('odd-name'));
    assert.equal(seen.zoneOf(server.address), given.zoneOf(server.address));
  });

  it('is no way to what the engine works with, and none of its facts can be set', () => {
    const seen = session().forPolicy;
    for (const name of ['connection', 'master', 'owner', 'identity', 'setRoute', 'setIdentity'])
      assert.equal(Reflect.get(seen, name), undefined, name);
    for (const name of ['serverAddress', 'clientAddress', 'user', 'sessionId', 'warn'])
      assert.ok(!Reflect.set(seen, name, server), name);
    assert.ok(!Reflect.set(Object.getPrototypeOf(seen) as object, 'user', 'root'));
  });
});
