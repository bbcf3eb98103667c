import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PortRange } from '../address/port-range.ts';
import type { EntryStep, RangesOf } from './entry-branches.ts';
import { stepsOf } from './entry-branches.ts';
import type { ScoredEntry } from './scored-entry.ts';

const rangesOf: RangesOf = (demand) =>
  demand.kind === 'ports'
    ? demand.values.map(({ low, high }) => ({ first: BigInt(low), last: BigInt(high) }))
    : [];

function entry(id: number, low?: number, high = low): ScoredEntry {
  const tcp = { kind: 'protocols', values: [6] } as const;
  if (low === undefined) return { id, score: 0, demands: [tcp] };
  return { id, score: 0, demands: [tcp, { kind: 'ports', values: [new PortRange(low, high)] }] };
}

/** Entries as their ids, branches as a list by their first ports. */
function shown(steps: readonly EntryStep[]): readonly unknown[] {
  return steps.map((step) =>
    step.kind === 'entry'
      ? step.entry.id
      : step.branches.map(({ ranges, steps: inner }) => [Number(ranges[0]?.first), shown(inner)]),
  );
}

describe('stepsOf()', () => {
  it('makes a map of entries in a row, and keeps the order in every branch', () => {
    const entries = [entry(1, 80), entry(2, 1, 99), entry(3, 80), entry(4), entry(5, 80)];
    const by80 = [80, [1, 2, 3]];
    assert.deepEqual(shown(stepsOf([...entries.slice(0, 3), entry(9, 7)], rangesOf, 2)), [
      [[1, [2]], [7, [2, 9]], by80],
    ]);
    assert.deepEqual(shown(stepsOf(entries, rangesOf, 4)), [1, 2, 3, 4, 5]);
  });

  it('does not ask again for what the map has asked for, but for all the rest', () => {
    const [step] = stepsOf([entry(1, 80), entry(2, 81)], rangesOf, 2);
    assert.ok(step?.kind === 'branches');
    const [first] = step.branches[0]?.steps ?? [];
    assert.deepEqual(first, { kind: 'entry', entry: entry(1) });
  });

  it('makes no map that tells nothing apart, and none with too many copies', () => {
    assert.deepEqual(shown(stepsOf([entry(1, 80), entry(2, 80)], rangesOf, 2)), [1, 2]);
    const nested = Array.from({ length: 40 }, (_, index) => entry(index, 1 + index, 999 - index));
    const steps = stepsOf(nested, rangesOf, 20);
    assert.ok(steps.every(({ kind }) => kind === 'entry'));
  });
});
