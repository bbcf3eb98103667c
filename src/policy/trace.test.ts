import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TraceStep } from './trace.ts';
import { stepsOf, UNTRACED } from './trace.ts';

const step: TraceStep = { check: 'rule', outcome: 'refused', subject: undefined, because: 'none' };

describe('a trace', () => {
  it('is what went to a list', () => {
    const trace: TraceStep[] = [];
    trace.push(step);
    assert.equal(stepsOf(trace), trace);
  });

  it('has nothing of what went nowhere', () => {
    UNTRACED.push(step);
    assert.deepEqual(stepsOf(UNTRACED), []);
  });
});
