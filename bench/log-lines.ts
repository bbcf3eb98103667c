// Whether a proxy that is to write a line for each connection does so: a figure of one that loses some would be worth nothing.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

// Lines are written together, some time after the connections that they tell of.
const WRITTEN_WITHIN_MS = 2_000;
const CHECK_EVERY_MS = 20;
const NEW_LINE = 0x0a;

/** Does the work; rejects if fewer lines than `count` come to the log with it, or until so long after it (default: 2 seconds). */
export async function withLines(
  log: string,
  count: number,
  work: () => Promise<void>,
  withinMs = WRITTEN_WITHIN_MS,
): Promise<void> {
  const file = openSync(log, 'r');
  try {
    const { size } = fstatSync(file);
    await work();
    const deadline = performance.now() + withinMs;
    for (let lines = linesAfter(file, size); lines < count; lines = linesAfter(file, size)) {
      if (performance.now() > deadline)
        throw new Error(`${lines} lines in the log for ${count} connections`);
      await sleep(CHECK_EVERY_MS);
    }
  } finally {
    closeSync(file);
  }
}

function linesAfter(file: number, start: number): number {
  const bytes = Buffer.alloc(fstatSync(file).size - start);
  const read = readSync(file, bytes, 0, bytes.length, start);
  let lines = 0;
  for (const byte of bytes.subarray(0, read)) if (byte === NEW_LINE) lines += 1;
  return lines;
}
