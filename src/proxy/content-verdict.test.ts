// Which words of a child keep contents from going on.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isContentRefused } from './content-verdict.ts';

it('isContentRefused() is true of reject, drop and error only', () => {
  const words = ['accept', 'reject', 'drop', 'error', 'unspecified'] as const;
  const refused = words.filter((word) => isContentRefused({ word, description: '' }));
  assert.deepEqual(refused, ['reject', 'drop', 'error']);
});
