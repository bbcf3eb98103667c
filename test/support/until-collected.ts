// Waits for the garbage collector, for tests of what must not stay in memory.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const ROUNDS = 20;
const ROUND_MS = 20;

/** Collects garbage until nothing is left of this; fails when something stays. */
export async function untilCollected(thing: WeakRef<object>): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void; // V8 shows it to contexts that are made from now on
  for (let round = 0; round < ROUNDS; round++) {
    await sleep(ROUND_MS); // who has looked at it keeps it until the end of its turn
    collect();
    if (thing.deref() === undefined) return;
  }
  assert.fail('it stays in memory');
}
