import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GCProfiler } from 'node:v8';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectGarbage } from './collect-garbage.ts';

describe('collectGarbage()', () => {
  it('has old objects collected, and says nothing', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): number => warnings.push(warning);
    process.on('warning', note);
    const profiler = new GCProfiler();
    profiler.start();
    collectGarbage();
    process.emitWarning('others are heard', 'TestWarning');
    await sleep(1_000);
    const types = profiler.stop().statistics.map(({ gcType }) => gcType);
    process.off('warning', note);
    assert.ok(types.includes('MarkSweepCompact'), `only ${types.join()}`);
    assert.deepEqual(
      warnings.map(({ name }) => name),
      ['TestWarning'],
    );
  });
});
