import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { phraseOf } from './status-phrase.ts';

describe('phraseOf()', () => {
  it('has the words of RFC 9110, or those of the class', () => {
    assert.deepEqual([200, 302, 404, 502, 299, 399, 499, 599].map(phraseOf), [
      'OK',
      'Found',
      'Not Found',
      'Bad Gateway',
      'OK',
      'OK',
      'Error',
      'Error',
    ]);
  });
});
