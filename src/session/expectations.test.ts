// How many connections may be expected at once.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { Expectations, MAX_EXPECTED_BY_INSTANCE, MAX_EXPECTED_BY_SESSION } from './expectations.ts';
import type { Connection } from './connection.ts';

const world = new SessionWorld(revisionOf(serviceOf('ftp', { proxy: proxyOf(() => []) })));

function connection(): Connection {
  return world.session().connection;
}

function times(count: number, call: () => unknown): void {
  for (let index = 0; index < count; index++) assert.equal(call(), undefined);
}

describe('expectations', () => {
  it('are bounded for one session', () => {
    const expectations = new Expectations(() => false);
    const one = connection();
    times(MAX_EXPECTED_BY_SESSION, () => expectations.admit(one));
    assert.equal(expectations.admit(one)?.reason, 'limit.session-expectations');
    assert.equal(expectations.admit(connection()), undefined);
    expectations.release(one);
    assert.equal(expectations.admit(one), undefined);
    assert.equal(expectations.count, MAX_EXPECTED_BY_SESSION + 1);
  });

  it('are bounded for one instance', () => {
    const expectations = new Expectations(() => false);
    for (let count = 0; count < MAX_EXPECTED_BY_INSTANCE; count += MAX_EXPECTED_BY_SESSION) {
      const one = connection();
      times(MAX_EXPECTED_BY_SESSION, () => expectations.admit(one));
    }
    assert.equal(expectations.admit(connection())?.reason, 'limit.expectations');
  });

  it('are not taken on by an instance that ends', () => {
    const expectations = new Expectations(() => false);
    expectations.end();
    assert.equal(expectations.admit(connection())?.reason, 'expect.instance-ending');
    assert.equal(expectations.count, 0);
  });

  it('are not of a session that was refused', () => {
    const refused = connection();
    refused.end('denied-by-policy', 'access.outbound');
    assert.equal(new Expectations(() => false).admit(refused)?.reason, 'expect.refused');
    assert.equal(refused.expectedCount, 0);
  });

  it('know where listeners are', () => {
    const expectations = new Expectations(({ port }) => port === 21);
    assert.equal(expectations.listensAt(SocketAddress.parse('192.0.2.1:21')), true);
    assert.equal(expectations.listensAt(SocketAddress.parse('192.0.2.1:22')), false);
  });
});
