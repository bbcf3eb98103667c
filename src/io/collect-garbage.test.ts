import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { constants, PerformanceObserver } from 'node:perf_hooks';
import type { NodeGCPerformanceDetail } from 'node:perf_hooks';
import { until } from '../../test/support/system-wait.ts';
import { collectGarbage } from './collect-garbage.ts';

describe('collectGarbage()', () => {
  it('has old objects collected, and says nothing', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): number => warnings.push(warning);
    process.on('warning', note);
    const kinds = new Set<number>();
    const observer = new PerformanceObserver((list) => {
      // Entries of this kind have one, of which the types know nothing.
      for (const entry of list.getEntries() as readonly { detail?: NodeGCPerformanceDetail }[])
        kinds.add(entry.detail?.kind ?? 0);
    });
    observer.observe({ entryTypes: ['gc'] });
    collectGarbage();
    process.emitWarning('others are heard', 'TestWarning');
    const isCollected = (): boolean => kinds.has(constants.NODE_PERFORMANCE_GC_MAJOR);
    await until('old objects to be collected', isCollected, { seen: () => [...kinds].join() });
    observer.disconnect();
    process.off('warning', note);
    assert.deepEqual(
      warnings.map(({ name }) => name),
      ['TestWarning'],
    );
  });
});
