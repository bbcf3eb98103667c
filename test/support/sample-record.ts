// A decision record in which every field has a value, for tests that change one of them.
import type { DecisionRecord } from '../../src/log/decision-record.ts';

/** A record of an accepted connection, with these fields changed. */
export function sampleRecord(changes: Partial<DecisionRecord> = {}): DecisionRecord {
  return {
    type: 'decision',
    sessionId: 'zorp/web/1:http',
    instance: 'zorp',
    revision: '0123456789ab',
    listener: '127.0.0.1:8080',
    protocol: 'tcp',
    rule: null,
    service: 'web',
    proxy: 'http',
    client: { address: '10.1.2.3', port: 40_000, zone: 'intranet' },
    clientLocal: { address: '127.0.0.1', port: 8080 },
    peer: null,
    server: { address: '192.0.2.1', port: 80, zone: 'internet' },
    serverLocal: { address: '192.0.2.254', port: 50_000 },
    clientTls: null,
    serverTls: null,
    user: null,
    groups: [],
    warnings: [],
    verdict: 'accepted',
    reason: 'http.end',
    message: 'The client closed the connection',
    connects: [
      {
        host: 'www.example.org',
        server: { address: '192.0.2.1', port: 80, zone: 'internet' },
        outcome: 'connected',
        durationMs: 1.5,
      },
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
    start: '2026-01-02T03:04:05.678Z',
    durationMs: 250,
    ...changes,
  };
}
