// The record of a session that ended before it began.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { decisionRecordSchema } from '../log/record-schema.ts';
import { writeRecord } from './connection-record.ts';
import { MasterSession } from './session.ts';

describe('writeRecord()', () => {
  it('has null where nothing is known, and is as the schema says', () => {
    const world = new SessionWorld(revisionOf(serviceOf('web', { proxy: proxyOf(() => []) })));
    const { facts } = world.session().connection;
    world.clock.advance(1234.6);
    const master = new MasterSession({ ...facts, service: undefined, clientZone: undefined });
    writeRecord(world.runtime, master, undefined);
    const record = world.log.records[0] ?? assert.fail('no record');
    assert.deepEqual(
      [record.service, record.proxy, record.server, record.serverLocal, record.client.zone],
      [null, null, null, null, null],
    );
    assert.equal(record.durationMs, 1235);
    assert.equal(record.start, '2026-01-02T03:04:05.000Z');
    assert.deepEqual(decisionRecordSchema.parse(record), record);
  });

  it('writes some of a flood of datagrams that nobody answers, and all that is answered or no datagrams', () => {
    const world = new SessionWorld(revisionOf(serviceOf('web', { proxy: proxyOf(() => []) })));
    const { facts } = world.session().connection;
    const write = (protocol: 'tcp' | 'udp', toClient: number): number => {
      const before = world.log.records.length;
      const bytes = { fromClient: 1, toClient, fromServer: toClient, toServer: 0 };
      for (let session = 0; session < 1_000; session++)
        writeRecord(world.runtime, new MasterSession({ ...facts, protocol }), bytes);
      return world.log.records.length - before;
    };
    assert.equal(write('udp', 0), 50);
    assert.equal(write('udp', 1), 1_000);
    assert.equal(write('tcp', 0), 1_000);
  });
});
