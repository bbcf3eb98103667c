import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { afterCheck, AT_FIRST } from './rise-and-fall.ts';

/** Up (U) or down (d) after each of the checks: + succeeded, - failed. */
function states(checks: string, counts = { rise: 2, fall: 3 }): string {
  let state = AT_FIRST;
  return Array.from(checks)
    .map((check) => {
      state = afterCheck(state, check === '+', counts);
      return state.isUp ? 'U' : 'd';
    })
    .join('');
}

describe('a server', () => {
  it('is up at first, and down after so many failures in a row', () => {
    assert.equal(AT_FIRST.isUp, true);
    assert.equal(states('---'), 'UUd');
    assert.equal(states('--+--+---'), 'UUUUUUUUd');
  });

  it('is up again after so many successes in a row', () => {
    assert.equal(states('---+-+-++-'), 'UUdddddd' + 'UU');
    assert.equal(states('-+-+', { rise: 1, fall: 1 }), 'dUdU');
  });

  it('that stays as it is is the very same value', () => {
    assert.equal(afterCheck(AT_FIRST, true, { rise: 1, fall: 1 }), AT_FIRST);
  });
});
