// What all sessions of a connection share.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import type { Connection } from './connection.ts';

function made(): Connection {
  const service = serviceOf('testservice', { proxy: proxyOf(() => []) });
  return new SessionWorld(revisionOf(service)).session().connection;
}

describe('a connection', () => {
  it('keeps the first denial', () => {
    const connection = made();
    connection.end('accepted', 'http.end');
    connection.end('denied-by-policy', 'access.inbound', 'No');
    connection.end('denied-by-limit', 'limit.max-instances');
    connection.end('accepted', 'finished');
    const { verdict, reason, message } = connection;
    assert.deepEqual([verdict, reason, message], ['denied-by-policy', 'access.inbound', 'No']);
  });

  it('keeps the last 16 connects, and each stacked service once', () => {
    const connection = made();
    for (let count = 0; count < 20; count++) {
      connection.recordConnect({
        host: `host-${count}`,
        server: null,
        zone: null,
        outcome: 'x',
        durationMs: 0,
      });
      connection.recordStacked(count % 2 === 0 ? 'even' : 'odd');
    }
    assert.equal(connection.connects.length, 16);
    assert.equal(connection.connects[0]?.host, 'host-4');
    assert.deepEqual(connection.stackedServices, ['even', 'odd']);
  });

  it('keeps the last 16 connections that came to it', () => {
    const connection = made();
    const address = { address: '192.0.2.1', port: 1 };
    for (let count = 1; count <= 20; count++)
      connection.recordRelated({
        port: `client#${count}`,
        kind: 'secondary',
        peer: address,
        local: address,
      });
    assert.equal(connection.related.length, 16);
    assert.equal(connection.related[0]?.port, 'client#5');
  });
});
