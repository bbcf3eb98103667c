import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleSession } from '../../test/support/sample-record.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { decisionRecordSchema } from './record-schema.ts';
import { decisionRecordOf, recordedAddress, sessionIdOf } from './session-record.ts';

describe('recordedAddress()', () => {
  it('has a zone where zones count, null if it is in none', () => {
    const address = SocketAddress.parse('[2001:db8::1]:80');
    const bare = { address: '2001:db8::1', port: 80 };
    assert.deepEqual(recordedAddress(address), bare);
    assert.deepEqual(recordedAddress(address, null), { ...bare, zone: null });
    assert.deepEqual(recordedAddress(address, 'dmz'), { ...bare, zone: 'dmz' });
  });
});

describe('sessionIdOf()', () => {
  it('names instance, service and number', () => {
    assert.equal(sessionIdOf('edge', 'web', 7), 'svc/edge/web:7');
    assert.equal(sessionIdOf('edge', null, 0), 'svc/edge/:0');
  });
});

describe('decisionRecordOf()', () => {
  it('is as the schema says, whatever is not known', () => {
    const peer = SocketAddress.parse('10.9.9.9:50001');
    const unknown = { service: null, proxy: null, server: null, serverZone: null };
    for (const changes of [{}, { peer, peerZone: 'balancers' }, unknown]) {
      const record = decisionRecordOf(sampleSession(changes));
      assert.deepEqual(decisionRecordSchema.parse(record), record);
    }
  });

  it('writes out times, addresses with their zones, and the id', () => {
    const record = decisionRecordOf(sampleSession({ peer: null, serverLocal: null }));
    assert.equal(record.start, '2026-01-02T03:04:05.678Z');
    assert.equal(record.sessionId, 'svc/zorp/web:1');
    assert.deepEqual(record.client, { address: '10.1.2.3', port: 40_000, zone: 'intranet' });
    assert.deepEqual(record.clientLocal, { address: '127.0.0.1', port: 8080 });
    assert.deepEqual([record.peer, record.serverLocal], [null, null]);
    assert.deepEqual(record.connects[0]?.server, record.server);
  });
});
