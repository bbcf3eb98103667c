import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isPort } from './port.ts';

describe('isPort()', () => {
  it('takes 1 to 65535', () => {
    for (const port of [1, 80, 65_535]) assert.equal(isPort(port), true);
  });

  it('refuses whatever else there is', () => {
    for (const port of [0, -1, 65_536, 80.5, NaN, Infinity, '80', null, undefined, 80n])
      assert.equal(isPort(port), false);
  });
});
