import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

/** How many calls it takes until V8 has optimised a function, in a process of its own; at most 100,000. */
function callsUntilOptimised(isEarly: boolean): number {
  const script = `
    import { setTimeout as sleep } from 'node:timers/promises';
    import { compileEarly } from ${JSON.stringify(import.meta.resolve('./compile-early.ts'))};
    if (${String(isEarly)}) compileEarly();
    const status = new Function('f', 'return %GetOptimizationStatus(f)');
    const hot = (a, b) => a + b;
    let calls = 0;
    for (; calls < 100_000 && (status(hot) & 32) === 0; await sleep(1))
      for (let i = 0; i < 100; i++, calls++) hot(i, calls);
    console.log(calls);
  `;
  const args = ['--allow-natives-syntax', '--input-type=module', '--eval', script];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(stderr, '');
  return Number(stdout);
}

describe('compileEarly()', () => {
  it('has V8 optimise a function after fewer calls', () => {
    const [early, usual] = [callsUntilOptimised(true), callsUntilOptimised(false)];
    assert.ok(early < usual / 2, `after ${early} calls, and after ${usual}`);
  });
});
