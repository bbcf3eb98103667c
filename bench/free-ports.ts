// Ports for the servers of a run.

import { createServer } from 'node:net';

// Below the range from which the kernel takes the ports of outgoing connections (32768 on Linux): one of those could
// take a port away between two rounds.
const LOWEST = 20_000;
const HIGHEST = 32_000;
const MAX_ATTEMPTS = 200;

/** So many ports of this machine on which nothing listens. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  for (let attempts = 0; ports.size < count && attempts < MAX_ATTEMPTS; attempts += 1) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) ports.add(port);
  }
  if (ports.size < count) throw new Error(`No ${count} free ports from ${LOWEST} to ${HIGHEST}`);
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
