import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plugSchema } from './settings.ts';

function curesOf(options: unknown): string[] {
  const result = plugSchema.safeParse(options);
  return result.success ? [] : result.error.issues.map(({ message }) => message);
}

describe('plugSchema', () => {
  it('fills in the defaults', () => {
    assert.deepEqual(plugSchema.parse({}), {
      copyToServer: true,
      copyToClient: true,
      timeoutMs: 600_000,
      shutdownSoft: true,
      secondarySessions: 0,
      stacks: [],
    });
  });

  it('says how to write what is wrong', () => {
    assert.deepEqual(curesOf({ copyToServer: 1 }), ['give true or false']);
    assert.deepEqual(curesOf({ timeoutMs: '5' }), ['give a whole number of milliseconds']);
    assert.deepEqual(curesOf({ timeoutMs: 1.5 }), ['give a whole number of milliseconds']);
    assert.deepEqual(curesOf({ timeoutMs: 0 }), ['give at least 1 millisecond']);
    assert.deepEqual(curesOf({ timeoutMs: 2 ** 31 }), ['give at most 2147483647 milliseconds']);
    assert.deepEqual(curesOf({ statistics: { everyMs: 10, check: true } }), [
      'give a function that returns accept() or abort()',
    ]);
    for (const secondarySessions of [-1, 65, 1.5])
      assert.deepEqual(curesOf({ secondarySessions }), ['give a whole number, 0 to 64']);
    const both = { secondarySessions: 1, stack: () => undefined };
    assert.match(curesOf(both).join(), /remove it, or the stack/);
    assert.match(curesOf({ statistics: 10 }).join(), /give an object: \{ everyMs/);
  });
});
