import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aborted, broken, Unavailable, rejected, TooManySteps } from './ending.ts';

describe('the endings of a custom proxy', () => {
  it('say what the script said, or that it said nothing', () => {
    assert.equal(rejected('No such name').message, 'No such name');
    assert.equal(rejected(undefined).message, 'The script rejected the session');
    assert.deepEqual(aborted(undefined), {
      verdict: 'aborted-by-policy-action',
      reason: 'custom.aborted',
      message: 'The script aborted the session',
      how: 'reset',
    });
    assert.equal(broken('server').reason, 'custom.server-reset');
  });

  it('can be thrown', () => {
    const failure = { reason: 'r', verdict: 'denied-by-policy', message: 'm' } as const;
    assert.equal(new Unavailable(failure).failure, failure);
    assert.equal(new TooManySteps('round').ending.message, 'round');
  });
});
