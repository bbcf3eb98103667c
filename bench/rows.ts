// The rows of the table: what is done, how much of it in a round, and the figure that comes out.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Name, PortName, Ports } from './contender.ts';
import { LARGE_BYTES } from './content.ts';
import { fetchLarge } from './load/large.ts';
import { checkRefusals } from './load/refusals.ts';
import { PERMITTED, requestText } from './load/request-text.ts';
import { connectAndRequest, openIdle, requestOnKeptConnections } from './load/small.ts';
import { memoryBytes, settledCpuSeconds } from './process-tree.ts';

/** A proxy that runs, to be measured. */
export interface Subject {
  readonly pid: number;
  readonly ports: Ports;
  /** Where the server behind it listens. */
  readonly serverPort: number;
  readonly signal: AbortSignal;
  /** How much of the work it gets, at most 1. */
  readonly share: number;
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
  readonly needs: PortName;
  /** Who does not take part, although it could. */
  readonly without?: readonly Name[];
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

const MEMORY_ROW = { rateUnit: '', isFresh: true } as const;
// They keep as much for a connection as all others together, and opening thousands takes them long.
const WITHOUT_SLOW: readonly Name[] = ['squid', 'http-proxy'];

/** All rows. */
export const ROWS: readonly Row[] = [
  {
    id: 'http-keep-alive',
    title: 'HTTP, 1 KiB answers, 64 kept connections',
    ...cpuRow('request', 'requests', (subject, count) =>
      requestOnKeptConnections({ ...loadOf(subject, 'http', count), connections: CONNECTIONS }),
    ),
    needs: 'http',
  },
  {
    id: 'http-policy',
    title: 'the same, method, 10,000 domains and 4 fields checked',
    ...cpuRow('request', 'requests', async (subject, count) => {
      const load = { ...loadOf(subject, 'policy', count), connections: CONNECTIONS };
      await checkRefusals(load.port, subject.signal);
      await requestOnKeptConnections({ ...load, request: PERMITTED });
    }),
    needs: 'policy',
  },
  {
    id: 'http-forward',
    title: 'the same, explicit proxy',
    ...cpuRow('request', 'requests', (subject, count) => {
      const load = { ...loadOf(subject, 'forward', count), connections: CONNECTIONS };
      const host = `127.0.0.1:${subject.serverPort}`;
      const target = `http://${host}/small`;
      const request = requestText({ connection: 'keep-alive', host, target });
      return requestOnKeptConnections({ ...load, request });
    }),
    needs: 'forward',
  },
  {
    id: 'http-connect',
    title: 'HTTP, a connection a request',
    ...cpuRow('connection', 'connections', (subject, count) =>
      connectAndRequest(
        { ...loadOf(subject, 'httpOnce', count), connections: CONNECTING },
        'server',
      ),
    ),
    needs: 'httpOnce',
  },
  {
    id: 'http-large',
    title: 'HTTP, 100 MiB answers',
    ...cpuRow('GiB', 'bodies', (subject, count) =>
      fetchLarge({ ...loadOf(subject, 'http', count), connections: FETCHING }),
    ),
    needs: 'http',
  },
  {
    id: 'plug-bulk',
    title: 'plug, 100 MiB to the client',
    ...cpuRow('GiB', 'bodies', (subject, count) =>
      fetchLarge({ ...loadOf(subject, 'plug', count), connections: FETCHING }),
    ),
    needs: 'plug',
  },
  {
    id: 'plug-connect',
    title: 'plug, a connection for 1 KiB',
    ...cpuRow('connection', 'connections', (subject, count) =>
      connectAndRequest({ ...loadOf(subject, 'plug', count), connections: CONNECTING }, 'client'),
    ),
    needs: 'plug',
  },
  {
    id: 'idle-memory',
    title: 'memory of an idle kept HTTP connection',
    ...MEMORY_ROW,
    costUnit: 'KiB/connection',
    needs: 'http',
    without: WITHOUT_SLOW,
    measure: (subject) => measureMemory(loadOf(subject, 'http', IDLE), subject.pid),
  },
  {
    id: 'plug-idle',
    title: 'memory of an idle plug, both its connections',
    ...MEMORY_ROW,
    costUnit: 'KiB/pair',
    needs: 'plug',
    measure: (subject) => measureMemory(loadOf(subject, 'plug', IDLE), subject.pid),
  },
];

type Work = keyof (typeof COUNTS)[Mode];
type CpuPart = Pick<Row, 'costUnit' | 'rateUnit' | 'isFresh' | 'measure'>;

/** A row whose figure is CPU time of the proxy per unit of work. */
function cpuRow(
  unit: 'request' | 'connection' | 'GiB',
  work: Work,
  load: (subject: Subject, count: number) => Promise<void>,
): CpuPart {
  const isBulk = unit === 'GiB';
  return {
    costUnit: isBulk ? 'CPU s/GiB' : `CPU µs/${unit}`,
    rateUnit: isBulk ? 'MiB/s' : `${unit}s/s`,
    isFresh: false,
    measure: async (subject, mode) => {
      const count = Math.ceil(COUNTS[mode][work] * subject.share);
      const units = isBulk ? gibibytes(count) : count;
      const before = await settledCpuSeconds(subject.pid);
      const start = performance.now();
      await load(subject, count);
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
async function measureMemory(target: Target, pid: number): Promise<Measured> {
  const load = { ...target, connections: CONNECTING };
  const first = await openIdle(load);
  await sleep(SETTLE_MS);
  const before = memoryBytes(pid);
  const second = await openIdle(load);
  await sleep(SETTLE_MS);
  const after = memoryBytes(pid);
  const sockets = [...first, ...second];
  const lost = sockets.filter((socket) => socket.closed || socket.readableEnded).length;
  for (const socket of sockets) socket.destroy();
  if (lost > 0) throw new Error(`${lost} of ${sockets.length} idle connections were closed`);
  return { cost: (after - before) / load.count / 1024 };
}

interface Target {
  readonly port: number;
  readonly count: number;
  readonly hasAddedField: boolean;
  readonly signal: AbortSignal;
}

function loadOf({ ports, signal }: Subject, name: PortName, count: number): Target {
  const port = ports[name];
  if (port === undefined) throw new Error(`This proxy has no ${name}`);
  return { port, count, hasAddedField: name !== 'plug', signal };
}

function gibibytes(bodies: number): number {
  return (bodies * LARGE_BYTES) / GIBIBYTE;
}
