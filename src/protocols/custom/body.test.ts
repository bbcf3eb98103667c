import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bodySchema } from './body.ts';

function curesOf(options: unknown): string[] {
  return bodySchema.safeParse(options).error?.issues.map(({ message }) => message) ?? [];
}

describe('bodySchema', () => {
  it('fills in the defaults', () => {
    assert.deepEqual(bodySchema.parse({}), {
      preamble: '',
      format: 'file',
      timeoutMs: 60_000,
      completeCopy: false,
    });
    const all = { preamble: Uint8Array.of(1), keepAlive: { everyMs: 1, data: '' }, length: 0 };
    assert.deepEqual(curesOf(all), []);
  });

  it('says how to write what is wrong', () => {
    const cases: [object, string][] = [
      [{ length: -1 }, 'give a number of bytes'],
      [{ length: Infinity }, 'give a number of bytes'],
      [{ preamble: 5 }, 'give a text, a Uint8Array or a function*'],
      [{ format: 'html' }, "give 'file' or 'email'"],
      [{ timeoutMs: 0 }, 'give at least 1 millisecond'],
      [{ keepAlive: 'NOOP' }, 'give { everyMs, data }'],
      [{ keepAlive: { everyMs: 1, data: 5 } }, 'give a text or a Uint8Array'],
      [{ completeCopy: 1 }, 'give true or false'],
    ];
    for (const [options, cure] of cases) assert.deepEqual(curesOf(options), [cure]);
    assert.equal(curesOf({ lenght: 5 }).length, 1);
  });
});
