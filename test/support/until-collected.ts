// Waits for the garbage collector, for tests of what must not stay in memory.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectGarbage } from '../../src/io/collect-garbage.ts';

const ROUNDS = 100;
const ROUND_MS = 50;

/** Collects garbage until nothing is left of this; fails when something stays. */
export async function untilCollected(thing: WeakRef<object>): Promise<void> {
  for (let i = 0; i < ROUNDS && thing.deref() !== undefined; i++) {
    collectGarbage();
    await sleep(ROUND_MS);
  }
  assert.equal(thing.deref(), undefined, 'it stays in memory');
}
