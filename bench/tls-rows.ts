// The rows of TLS that is intercepted: every contender decrypts, verifies the server, and shows a certificate of its own
// authority. The counts are small: a connection takes two handshakes, of which the clients and servers have the other halves.

import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { PortName } from './contender.ts';
import type { Dialing } from './load/dial.ts';
import { fetchLarge } from './load/large.ts';
import { connectAndRequest, openIdle } from './load/small.ts';
import { cpuRow, FETCHING, IDLE, measureMemory, MEMORY_ROW } from './measure-cost.ts';
import type { Measured, Row, Subject } from './row.ts';
import { SERVER_NAME } from './tls-site.ts';

/** How many connections there are at the same time: a handshake takes a core, so more would only wait. */
const SHAKING = 8;

/** All of them. */
export const TLS_ROWS: readonly Row[] = [
  {
    id: 'tls-intercept',
    table: 'tls',
    title: 'HTTPS, a connection a request, one server name',
    ...cpuRow('connection', 'handshakes', (subject, count) => shake(subject, 'tls', count)),
    needs: 'tls',
  },
  {
    id: 'tls-new-name',
    table: 'tls',
    title: 'the same, each to a server name never seen before',
    ...cpuRow('connection', 'handshakes', (subject, count) => shake(subject, 'tlsNames', count)),
    needs: 'tlsNames',
  },
  {
    id: 'tls-bulk',
    table: 'tls',
    title: 'HTTPS, 100 MiB answers',
    ...cpuRow('GiB', 'tlsBodies', (subject, count) =>
      fetchLarge({ ...dialingOf(subject, 'tls'), count, connections: FETCHING, ...UNCHANGED }),
    ),
    needs: 'tls',
  },
  {
    id: 'tls-idle',
    table: 'tls',
    title: 'memory of an idle intercepted connection, both sides',
    ...MEMORY_ROW,
    costUnit: 'KiB/pair',
    needs: 'tlsPlug',
    measure: measureIdle,
  },
];

// Not all of them can add a field.
const UNCHANGED = { hasAddedField: false } as const;

function shake(subject: Subject, name: PortName, count: number): Promise<void> {
  const load = { ...dialingOf(subject, name), count, connections: SHAKING, ...UNCHANGED };
  return connectAndRequest(load, 'server');
}

function measureIdle(subject: Subject): Promise<Measured> {
  const dialing = dialingOf(subject, 'tlsPlug');
  return measureMemory(subject.pid, IDLE, (count) =>
    openIdle({ ...dialing, count, connections: SHAKING, ...UNCHANGED }),
  );
}

// So that no two rounds have a name in common.
let names = 0;

function dialingOf({ ports, tls, isExplicit, signal }: Subject, name: PortName): Dialing {
  const port = ports[name];
  if (port === undefined) throw new Error(`This proxy has no ${name}`);
  const hasAllNames = name === 'tlsNames';
  const serverPort = hasAllNames ? tls.namesPort : tls.serverPort;
  const context = createSecureContext({
    ca: readFileSync(tls.proxyAuthority.certificate),
    minVersion: 'TLSv1.3',
    ecdhCurve: '*X25519:*P-256', // a share for both, so that no contender has to ask again
  });
  return {
    port,
    signal,
    tls: {
      context,
      serverName: hasAllNames ? () => `n${(names += 1)}.bench.example` : () => SERVER_NAME,
      tunnelTo: isExplicit ? `127.0.0.1:${serverPort}` : undefined,
    },
  };
}
