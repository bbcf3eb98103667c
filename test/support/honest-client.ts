// An honest client: a small request now and then, each on a connection of its own, and how long it took.

import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 10;
const GIVE_UP_MS = 10_000;

/** What an honest client met. */
export interface Probed {
  /** Milliseconds of each request that was answered. */
  readonly times: readonly number[];
  readonly failed: number;
}

/** Asks again and again until it is told to stop. */
export async function probe(port: number, until: AbortSignal): Promise<Probed> {
  const times: number[] = [];
  let failed = 0;
  while (!until.aborted) {
    const start = performance.now();
    if (await ask(port)) times.push(performance.now() - start);
    else failed++;
    await sleep(PAUSE_MS);
  }
  return { times, failed };
}

function ask(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setTimeout(GIVE_UP_MS, () => socket.destroy());
    socket.on('data', (bytes) => (text += bytes.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text.startsWith('HTTP/1.1 200') && text.length > 1024));
    socket.write('GET /small HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n');
  });
}
