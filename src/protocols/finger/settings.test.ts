import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fingerSchema } from './settings.ts';

describe('fingerSchema', () => {
  // As in the original.
  it('fills in the defaults of the original', () => {
    assert.deepEqual(fingerSchema.parse({}), {
      timeoutMs: 30_000,
      maxHopCount: 0,
      maxHostnameLength: 30,
      maxLineLength: 132,
      maxUsernameLength: 8,
      strictUsernameCheck: true,
      responseHeader: '',
      responseFooter: '',
    });
    assert.equal(fingerSchema.parse({ maxHopCount: 'unlimited' }).maxHopCount, 'unlimited');
  });

  it('says how to write what is wrong', () => {
    const options = { maxHopCount: -1, maxUsernameLength: 1.5, strictUsernameCheck: 'no' };
    const { error } = fingerSchema.safeParse(options);
    assert.deepEqual(
      error?.issues.map(({ path, message }) => `${path.join()}: ${message}`),
      [
        'maxHopCount: give a whole number of hosts, 0 or more, or "unlimited"',
        'maxUsernameLength: give a whole number of characters',
        'strictUsernameCheck: give true or false',
      ],
    );
  });
});
