import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at } from '../../test/support/policy-samples.ts';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { zone } from '../policy/zone.ts';
import { AttemptRecord } from './attempt-record.ts';

describe('the record of attempts', () => {
  it('has one entry each, with its own server and its own time', () => {
    const world = new SessionWorld(revisionOf(serviceOf('web', { proxy: proxyOf(() => []) })));
    const session = world.session();
    const record = new AttemptRecord(world.clock, session, 'www.example');
    world.clock.advance(3); // the name is resolved
    record.goesTo(at('198.51.100.1:80'), zone('internet', { subnets: [] }));
    world.clock.advance(4);
    record.write('connect.refused');
    record.write('connect.given-up');
    world.clock.advance(50);
    record.goesTo(at('203.0.113.1:80'), undefined);
    world.clock.advance(5);
    record.write('connected');
    assert.deepEqual(
      session.connection.connects.map(({ host, server, zone, outcome, durationMs }) => [
        host,
        String(server?.address),
        zone,
        outcome,
        durationMs,
      ]),
      [
        ['www.example', '198.51.100.1', 'internet', 'connect.refused', 7],
        ['www.example', '203.0.113.1', null, 'connected', 5],
      ],
    );
  });
});
