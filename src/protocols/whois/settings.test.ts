import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { whoisSchema } from './settings.ts';

describe('whoisSchema', () => {
  // As in the original.
  it('fills in the defaults of the original', () => {
    assert.deepEqual(whoisSchema.parse({}), {
      timeoutMs: 30_000,
      maxLineLength: 132,
      responseHeader: '',
      responseFooter: '',
      maxRequestLength: 128,
    });
  });

  it('says how to write what is wrong', () => {
    const { error } = whoisSchema.safeParse({ maxRequestLength: 0, whoisRequest: 'all' });
    assert.deepEqual(
      error?.issues.map(({ path, message }) => `${path.join()}: ${message}`),
      [
        'maxRequestLength: give at least 1 of bytes',
        'whoisRequest: give a function that returns accept(), acceptAs(), reject(), abort() or drop()',
      ],
    );
  });
});
