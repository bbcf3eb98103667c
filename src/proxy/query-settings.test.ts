import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { acceptAs, lengthIn, QUERY_OPTIONS, ruleFor } from './query-settings.ts';

const schema = z.strictObject({ ...QUERY_OPTIONS, rule: ruleFor<string>().optional() });

function curesOf(options: unknown): string[] {
  const result = schema.safeParse(options);
  return result.success ? [] : result.error.issues.map(({ message }) => message);
}

describe('QUERY_OPTIONS', () => {
  it('fill in the defaults', () => {
    assert.deepEqual(schema.parse({}), {
      timeoutMs: 30_000,
      maxLineLength: 132,
      responseHeader: '',
      responseFooter: '',
    });
  });

  it('say how to write what is wrong', () => {
    assert.deepEqual(curesOf({ timeoutMs: 0 }), ['give at least 1 millisecond']);
    assert.deepEqual(curesOf({ timeoutMs: 2 ** 31 }), ['give at most 2147483647 milliseconds']);
    assert.deepEqual(curesOf({ maxLineLength: 0 }), ['give at least 1 of bytes']);
    assert.deepEqual(curesOf({ maxLineLength: 1e6 }), ['give at most 65536 bytes']);
    assert.deepEqual(curesOf({ responseHeader: 1 }), ['give a text']);
    assert.match(curesOf({ rule: 'all' }).join(), /^give a function that returns accept\(\)/);
  });

  it('let a text have lines, and nothing that steers a terminal', () => {
    assert.deepEqual(curesOf({ responseHeader: 'one\ttwo\r\nthreé\n' }), []);
    for (const text of ['\u001b[2J', 'a\rb', '\0', '\u009b'])
      assert.deepEqual(curesOf({ responseFooter: text }), [
        'write a text without control characters but line ends and tabs',
      ]);
  });
});

describe('lengthIn()', () => {
  it('names the unit', () => {
    const result = lengthIn('characters').safeParse(1.5);
    assert.match(String(result.error?.message), /give a whole number of characters/);
  });
});

describe('acceptAs()', () => {
  it('is a frozen action', () => {
    const action = acceptAs('other');
    assert.deepEqual(action, { action: 'accept-as', request: 'other' });
    assert.ok(Object.isFrozen(action));
  });
});
