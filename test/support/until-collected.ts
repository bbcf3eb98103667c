// Waits for the garbage collector, for tests of what must not stay in memory.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectGarbage } from './collect-garbage.ts';

const ROUNDS = 20;
const ROUND_MS = 20;

/** Collects garbage until nothing is left of this; fails when something stays. */
export async function untilCollected(thing: WeakRef<object>): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    await sleep(ROUND_MS); // who has looked at it keeps it until the end of its turn
    collectGarbage();
    if (thing.deref() === undefined) return;
  }
  assert.fail('it stays in memory');
}
