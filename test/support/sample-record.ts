// A record in which every field has a value, for tests that change one of them.
import { SocketAddress } from '../../src/address/socket-address.ts';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import type { SessionRecord } from '../../src/log/session-record.ts';
import { decisionRecordOf } from '../../src/log/session-record.ts';

/** What the session of an accepted connection hands to the log, with these fields changed. */
export function sampleSession(changes: Partial<SessionRecord> = {}): SessionRecord {
  const server = SocketAddress.parse('192.0.2.1:80');
  return {
    instanceId: 1,
    instance: 'zorp',
    revision: '0123456789ab',
    listener: '127.0.0.1:8080',
    protocol: 'tcp',
    rule: null,
    service: 'web',
    proxy: 'http',
    client: SocketAddress.parse('10.1.2.3:40000'),
    clientZone: 'intranet',
    clientLocal: SocketAddress.parse('127.0.0.1:8080'),
    peer: null,
    peerZone: null,
    server,
    serverZone: 'internet',
    serverLocal: SocketAddress.parse('192.0.2.254:50000'),
    clientTls: null,
    serverTls: null,
    user: null,
    groups: [],
    warnings: [],
    verdict: 'accepted',
    reason: 'http.end',
    message: 'The client closed the connection',
    connects: [
      { host: 'www.example.org', server, zone: 'internet', outcome: 'connected', durationMs: 1.5 },
    ],
    stacked: [],
    related: [
      {
        port: 'client#1',
        kind: 'related',
        peer: { address: '10.1.2.3', port: 40_001, zone: 'intranet' },
        local: { address: '127.0.0.1', port: 45_678 },
      },
    ],
    bytes: { fromClient: 120, toClient: 3400, fromServer: 3400, toServer: 120 },
    startedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    durationMs: 250,
    ...changes,
  };
}

/** The record of this session, with these fields changed. */
export function sampleRecord(changes: Partial<DecisionRecord> = {}): DecisionRecord {
  return { ...decisionRecordOf(sampleSession()), ...changes };
}
