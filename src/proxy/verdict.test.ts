import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VERDICTS } from './verdict.ts';

describe('VERDICTS', () => {
  it('has the numbers of the original', () => {
    assert.equal(VERDICTS.indexOf('accepted'), 0);
    assert.equal(VERDICTS.indexOf('aborted-by-policy-action'), 5);
    assert.equal(VERDICTS.indexOf('invalid-policy-call'), 6);
    assert.equal(new Set(VERDICTS).size, 7);
  });
});
