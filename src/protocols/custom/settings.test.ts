import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { customSchema, definitionSchema } from './settings.ts';

function cureOf(options: object): string {
  const result = customSchema.safeParse(options);
  return result.success ? '' : result.error.issues.map(({ message }) => message).join();
}

describe('customSchema', () => {
  it('fills in the defaults', () => {
    assert.deepEqual(customSchema.parse({}), {
      clientMaxLineLength: 4096,
      serverMaxLineLength: 4096,
      maxBufferedBytes: 65_536,
      timeoutMs: 600_000,
      timeoutReadMs: 300_000,
      stacks: [],
      connect: 'by-script',
      encoding: 'utf-8',
      lineEnd: 'crlf-or-lf',
    });
  });

  it('says how to write what is wrong', () => {
    assert.equal(cureOf({ clientMaxLineLength: 0 }), 'give at least 1 byte');
    assert.equal(cureOf({ serverMaxLineLength: 65_537 }), 'give at most 65536 bytes');
    assert.equal(cureOf({ maxBufferedBytes: 2 ** 25 }), 'give at most 16777216 bytes');
    assert.equal(cureOf({ timeoutMs: 'long' }), 'give a whole number of milliseconds');
    assert.equal(cureOf({ timeoutReadMs: 0 }), 'give at least 1 millisecond');
    assert.match(
      cureOf({ stacks: ['/bin/cat'] }),
      /^give a service made by service\(\), or a program/,
    );
    assert.equal(cureOf({ connect: 'never' }), "give 'by-script' or 'first'");
    assert.equal(cureOf({ encoding: 'ascii' }), "give 'utf-8' or 'latin1'");
    assert.equal(cureOf({ lineEnd: 'cr' }), "give 'crlf-or-lf', 'crlf' or 'lf'");
    assert.match(cureOf({ tellRefusal: 'no' }), /^give a function that returns a text/);
  });
});

describe('definitionSchema', () => {
  it('says how to write what is wrong', () => {
    const result = definitionSchema.safeParse({ name: 'My Protocol', script: 'x' });
    assert.deepEqual(result.error?.issues.map(({ message }) => message).sort(), [
      'give a generator function: function* ({ client, server, connect }) { ... }',
      'use at most 32 small letters, digits and dashes, and begin with a letter',
    ]);
  });
});
