import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endsInTime } from './ends-in-time.ts';

describe('endsInTime()', () => {
  it('interrupts what never ends', () => {
    const forEver = (): void => {
      for (;;);
    };
    assert.throws(() => endsInTime(forEver, 10), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
  });

  it('throws what was thrown', () => {
    const error = new TypeError('A bug');
    const fail = (): never => {
      throw error;
    };
    assert.throws(() => endsInTime(fail), error);
  });
});
