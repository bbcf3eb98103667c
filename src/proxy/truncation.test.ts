import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lossOf, TRUNCATED } from './truncation.ts';

describe('a loss', () => {
  it('is told by its error from an end that TLS did not announce', () => {
    assert.deepEqual([lossOf(TRUNCATED), lossOf('ECONNRESET')], ['truncated', 'reset']);
  });
});
