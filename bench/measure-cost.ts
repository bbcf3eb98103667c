// How a figure comes about: CPU time over work that is counted, and memory over connections that stay.

import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LARGE_BYTES } from './content.ts';
import { memoryBytes, settledCpuSeconds } from './process-tree.ts';
import type { Measured, Mode, Row, Subject } from './row.ts';

/** How many connections of rows of connections there are at the same time. */
export const CONNECTING = 32;
/** The same for large answers. */
export const FETCHING = 4;
/** How many further connections a row of memory has. */
export const IDLE = 2_000;
const GIBIBYTE = 1024 ** 3;
// The kernel gives CPU time in steps of 10 ms: in a full run that is less than a hundredth of what the cheapest contender needs.
const COUNTS = {
  full: { requests: 60_000, connections: 16_000, bodies: 32, handshakes: 1_000, tlsBodies: 8 },
  quick: { requests: 10_000, connections: 2_000, bodies: 3, handshakes: 300, tlsBodies: 2 },
} as const;
// Garbage of the opening is collected, and the peers have put their buffers back.
const SETTLE_MS = 1_000;

/** What rows of memory have in common. */
export const MEMORY_ROW = { rateUnit: '', isFresh: true } as const;

type Work = keyof (typeof COUNTS)[Mode];
type CpuPart = Pick<Row, 'costUnit' | 'rateUnit' | 'isFresh' | 'measure'>;

/** A row whose figure is CPU time of the proxy per unit of work. */
export function cpuRow(
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
export async function measureMemory(
  pid: number,
  count: number,
  open: (count: number) => Promise<readonly Socket[]>,
): Promise<Measured> {
  const first = await open(count);
  await sleep(SETTLE_MS);
  const before = memoryBytes(pid);
  const second = await open(count);
  await sleep(SETTLE_MS);
  const after = memoryBytes(pid);
  const sockets = [...first, ...second];
  const lost = sockets.filter((socket) => socket.closed || socket.readableEnded).length;
  for (const socket of sockets) socket.destroy();
  if (lost > 0) throw new Error(`${lost} of ${sockets.length} idle connections were closed`);
  return { cost: (after - before) / count / 1024 };
}

function gibibytes(bodies: number): number {
  return (bodies * LARGE_BYTES) / GIBIBYTE;
}
