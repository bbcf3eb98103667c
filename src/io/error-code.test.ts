// Every error has a code in the end.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorCode } from './error-code.ts';

describe('the code of an error', () => {
  it('is its code', () => {
    assert.equal(errorCode(Object.assign(new Error('gone'), { code: 'ECONNRESET' })), 'ECONNRESET');
  });

  it('is EUNKNOWN where there is none', () => {
    for (const error of [new Error('no code'), { code: 7 }, { code: '' }, null, undefined, 'text'])
      assert.equal(errorCode(error), 'EUNKNOWN');
  });
});
