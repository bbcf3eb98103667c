import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { describe, it } from 'node:test';
import { lowerPoolPriority } from './pool-priority.ts';

/** The priorities of the threads of this process, by their names. */
function priorities(isWanted: (name: string) => boolean): number[] {
  return readdirSync('/proc/self/task')
    .filter((thread) => isWanted(readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim()))
    .map((thread) => getPriority(Number(thread)));
}

describe('the priority of the pool', () => {
  it('is lower than that of all other threads', async () => {
    const others = priorities((name) => name !== 'libuv-worker');
    const count = await lowerPoolPriority();
    const pool = priorities((name) => name === 'libuv-worker');
    assert.ok(count > 0);
    assert.equal(pool.length, count);
    for (const priority of pool) assert.ok(priority > Math.max(...others), String(priority));
    assert.deepEqual(
      priorities((name) => name !== 'libuv-worker'),
      others,
    );
  });

  it('stays as it is where the system has no such folder', async () => {
    assert.equal(await lowerPoolPriority('/no/such/folder'), 0);
  });
});
