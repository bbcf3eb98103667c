// The rows of the table: what is done, how much of it in a round, and the figure that comes out.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Ports } from './contender.ts';
import { LARGE_BYTES } from './content.ts';
import { fetchLarge } from './load/large.ts';
import { connectAndRequest, openIdle, requestOnKeptConnections } from './load/small.ts';
import { memoryBytes, settledCpuSeconds } from './process-tree.ts';

/** A proxy that runs, to be measured. */
export interface Subject {
  readonly pid: number;
  readonly ports: Ports;
  readonly signal: AbortSignal;
}

/** What one round gave: the figure of the row, and units of work a second. */
export interface Measured {
  readonly cost: number;
  readonly rate?: number;
}

/** A quick run does less of everything. */
export type Mode = 'full' | 'quick';

/** A row of the table. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly costUnit: string;
  readonly rateUnit: string;
  /** Whether every round gets a new process, and no round to warm up. */
  readonly isFresh: boolean;
  readonly needs: keyof Ports;
  readonly measure: (subject: Subject, mode: Mode) => Promise<Measured>;
}

const CONNECTIONS = 64;
const CONNECTING = 32;
const FETCHING = 4;
const GIBIBYTE = 1024 ** 3;
// The kernel counts CPU time in steps of 10 ms: even the cheapest contender must need many of them.
const COUNTS = {
  full: { requests: 40_000, connections: 8_000, bodies: 12 },
  quick: { requests: 10_000, connections: 2_000, bodies: 3 },
} as const;
const IDLE = 2_000;
// Garbage of the opening is collected, and the peers have put their buffers back.
const SETTLE_MS = 1_000;

/** All rows. */
export const ROWS: readonly Row[] = [
  {
    id: 'http-keep-alive',
    title: 'HTTP, 1 KiB answers, 64 kept connections',
    ...cpuRow('request', (subject, { requests }) =>
      requestOnKeptConnections({
        ...httpLoad(subject, 'http'),
        count: requests,
        connections: CONNECTIONS,
      }).then(() => requests),
    ),
    needs: 'http',
  },
  {
    id: 'http-connect',
    title: 'HTTP, a connection a request',
    ...cpuRow('connection', (subject, { connections }) =>
      connectAndRequest(
        { ...httpLoad(subject, 'httpOnce'), count: connections, connections: CONNECTING },
        'server',
      ).then(() => connections),
    ),
    needs: 'httpOnce',
  },
  {
    id: 'http-large',
    title: 'HTTP, 100 MiB answers',
    ...cpuRow('GiB', (subject, { bodies }) =>
      fetchLarge({ ...httpLoad(subject, 'http'), count: bodies, connections: FETCHING }).then(() =>
        gibibytes(bodies),
      ),
    ),
    needs: 'http',
  },
  {
    id: 'plug-bulk',
    title: 'plug, 100 MiB to the client',
    ...cpuRow('GiB', (subject, { bodies }) =>
      fetchLarge({ ...plugLoad(subject), count: bodies, connections: FETCHING }).then(() =>
        gibibytes(bodies),
      ),
    ),
    needs: 'plug',
  },
  {
    id: 'plug-connect',
    title: 'plug, a connection for 1 KiB',
    ...cpuRow('connection', (subject, { connections }) =>
      connectAndRequest(
        { ...plugLoad(subject), count: connections, connections: CONNECTING },
        'client',
      ).then(() => connections),
    ),
    needs: 'plug',
  },
  {
    id: 'idle-memory',
    title: 'memory of an idle kept HTTP connection',
    costUnit: 'KiB/connection',
    rateUnit: '',
    isFresh: true,
    needs: 'http',
    measure: (subject) => measureMemory(subject, httpLoad(subject, 'http')),
  },
  {
    id: 'plug-idle',
    title: 'memory of an idle plug, both its connections',
    costUnit: 'KiB/pair',
    rateUnit: '',
    isFresh: true,
    needs: 'plug',
    measure: (subject) => measureMemory(subject, plugLoad(subject)),
  },
];

type Counts = (typeof COUNTS)[Mode];
type CpuPart = Pick<Row, 'costUnit' | 'rateUnit' | 'isFresh' | 'measure'>;

/** A row whose figure is CPU time of the proxy per unit of work; the load says how many units it was. */
function cpuRow(
  unit: 'request' | 'connection' | 'GiB',
  load: (subject: Subject, counts: Counts) => Promise<number>,
): CpuPart {
  const isBulk = unit === 'GiB';
  return {
    costUnit: isBulk ? 'CPU s/GiB' : `CPU µs/${unit}`,
    rateUnit: isBulk ? 'MiB/s' : `${unit}s/s`,
    isFresh: false,
    measure: async (subject, mode) => {
      const before = await settledCpuSeconds(subject.pid);
      const start = performance.now();
      const units = await load(subject, COUNTS[mode]);
      const seconds = (performance.now() - start) / 1000;
      const used = (await settledCpuSeconds(subject.pid)) - before;
      return {
        cost: (used / units) * (isBulk ? 1 : 1e6),
        rate: (units / seconds) * (isBulk ? 1024 : 1),
      };
    },
  };
}

/**
 * What the second thousands of connections take, while the first are there. Those pay for what a process needs once,
 * such as compiled code, and nothing of them is free again, so that no room is counted as if it cost nothing.
 */
async function measureMemory(subject: Subject, target: Target): Promise<Measured> {
  const load = { ...target, connections: CONNECTING, count: IDLE };
  const first = await openIdle(load);
  await sleep(SETTLE_MS);
  const before = memoryBytes(subject.pid);
  const second = await openIdle(load);
  await sleep(SETTLE_MS);
  const after = memoryBytes(subject.pid);
  const sockets = [...first, ...second];
  const lost = sockets.filter((socket) => socket.closed || socket.readableEnded).length;
  for (const socket of sockets) socket.destroy();
  if (lost > 0) throw new Error(`${lost} of ${sockets.length} idle connections were closed`);
  return { cost: (after - before) / IDLE / 1024 };
}

interface Target {
  readonly port: number;
  readonly hasAddedField: boolean;
  readonly signal: AbortSignal;
}

function httpLoad({ ports, signal }: Subject, port: 'http' | 'httpOnce'): Target {
  return { port: ports[port], hasAddedField: true, signal };
}

function plugLoad({ ports, signal }: Subject): Target {
  if (ports.plug === undefined) throw new Error('This proxy has no plug');
  return { port: ports.plug, hasAddedField: false, signal };
}

function gibibytes(bodies: number): number {
  return (bodies * LARGE_BYTES) / GIBIBYTE;
}
