import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Referee } from './referee.ts';
import { bytesOf, lineOf } from './sent-data.ts';
import type { CustomOptions } from './settings.ts';
import { customSchema } from './settings.ts';

function parts(options: CustomOptions = {}) {
  return { referee: new Referee('guess'), settings: customSchema.parse(options) };
}

describe('bytesOf()', () => {
  it('copies bytes, and writes texts as the protocol does', () => {
    const own = Uint8Array.of(1, 2);
    const bytes = bytesOf(own, parts());
    own.fill(0);
    assert.deepEqual([...bytes], [1, 2]);
    assert.deepEqual([...bytesOf('é', parts())], [0xc3, 0xa9]);
    assert.deepEqual([...bytesOf('é', parts({ encoding: 'latin1' }))], [0xe9]);
  });

  it('refuses what is neither, and what cannot be written', () => {
    assert.throws(() => bytesOf(5, parts()), /sent 5: send a text or a Uint8Array/);
    assert.throws(() => bytesOf('€', parts({ encoding: 'latin1' })), /that latin1 has not/);
  });
});

describe('lineOf()', () => {
  it('adds the end of a line, and refuses two lines', () => {
    assert.deepEqual([...lineOf('a', parts())], [97, 13, 10]);
    assert.deepEqual([...lineOf('a', parts({ lineEnd: 'lf' }))], [97, 10]);
    for (const line of ['a\nb', 'a\r', '\0', 5])
      assert.throws(() => lineOf(line, parts()), /give a text without CR, LF and NUL/);
  });
});
