import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { problemOfAnswer } from './answer-problem.ts';

const text = { reason: 'a.b', message: 'No' };

describe('problemOfAnswer()', () => {
  it('is a 403 for who may not', () => {
    const problem = problemOfAnswer({ type: 'denied', ...text });
    assert.deepEqual(
      [problem.status, problem.code, problem.verdict],
      [403, 'a.b', 'denied-by-policy'],
    );
  });

  it('is a 429 with the seconds until the next try', () => {
    const problem = problemOfAnswer({ type: 'delayed', ...text, retryAfterMs: 1_001 });
    assert.deepEqual([problem.status, problem.verdict], [429, 'denied-by-limit']);
    assert.deepEqual(problem.fields, [['Retry-After', '2']]);
  });

  it('is a 503 where nobody can say', () => {
    const problem = problemOfAnswer({ type: 'failed', ...text });
    assert.deepEqual([problem.status, problem.verdict], [503, 'denied-by-connection-fail']);
  });
});
