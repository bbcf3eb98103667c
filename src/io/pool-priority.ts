// The threads of Node's pool stand back a little: what they decode is worth less haste than the connections that the main
// thread serves, and on a machine with nothing else to do they lose nothing by it.

import { readdir, readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';

// As libuv names them.
const POOL_THREAD = 'libuv-worker';

// A third of the main thread's share of a processor that both want. Files and names, which the pool has to do with too,
// need little.
const POOL_NICENESS = 5;

/**
 * Lowers the priority of the pool's threads; gives how many they are: none where the system does not tell threads apart.
 * `threads`: the folder of this process's threads.
 */
export async function lowerPoolPriority(threads = '/proc/self/task'): Promise<number> {
  let lowered = 0;
  // Whoever reads a folder has the pool started.
  for (const thread of await readdir(threads).catch(() => [])) {
    const name = await readFile(`${threads}/${thread}/comm`, 'utf8').catch(() => '');
    if (name.trim() === POOL_THREAD && isLowered(Number(thread))) lowered++;
  }
  return lowered;
}

function isLowered(thread: number): boolean {
  try {
    setPriority(thread, POOL_NICENESS);
    return true;
  } catch {
    return false; // it has lower priority already, which is not ours to raise, or the system forbids it
  }
}
