// The loop of Node watches descriptors, in the main thread and in others.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { needsDriver, testLibc } from '../../test/support/driver-needs.ts';
import { EFD_NONBLOCK } from './linux-constants.ts';

const HERE = JSON.stringify(new URL('libc.ts', import.meta.url).href);
/** Watches an eventfd that is readable, `then` does the rest; `calls` counts. */
function watching(then: string): string {
  return `
  const { loadLibc } = await import(${HERE});
  const { libc } = loadLibc();
  let calls = 0;
  const watch = libc.watch(libc.eventfd(1, 0), () => { calls++; ${then} });
`;
}

describe('a watch of the loop', needsDriver(), () => {
  it('calls in each turn while there is something to read, until it is closed', async () => {
    const libc = testLibc();
    const descriptor = libc.eventfd(0, EFD_NONBLOCK);
    const calls: number[] = [];
    const watch = libc.watch(descriptor, () => calls.push(0));
    await nextTurn();
    assert.deepEqual([...calls], []);
    watch.close();
    libc.close(descriptor);
    const readable = libc.eventfd(1, EFD_NONBLOCK);
    const other = libc.watch(readable, () => calls.push(1));
    while (calls.length < 3) await nextTurn();
    other.close();
    const before = calls.length;
    for (let turns = 0; turns < 5; turns++) await nextTurn();
    assert.equal(calls.length, before);
    libc.close(readable);
  });

  it('keeps the process alive only while it is asked to', () => {
    const alive = run(`${watching('watch.unref(); console.log("called")')} watch.ref();`);
    assert.deepEqual(alive, { status: 0, lines: ['called'] });
    const released = run(`${watching('console.log("called")')} watch.unref();`);
    assert.deepEqual([released.status, released.lines.length <= 1], [0, true]);
  });

  it('watches also in a worker, whose loop is another one', async () => {
    const code = `(async () => { ${watching('watch.close(); process.exitCode = 7')} })()`;
    const worker = new Worker(code, { eval: true });
    const { promise, resolve } = Promise.withResolvers<number>();
    worker.once('exit', resolve);
    assert.equal(await promise, 7);
  });
});

function run(code: string): { readonly status: number | null; readonly lines: readonly string[] } {
  const args = ['--input-type=module', '--eval', code];
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, lines: stdout.split('\n').filter((line) => line !== '') };
}
