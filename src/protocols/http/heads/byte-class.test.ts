import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FIELD_TEXT, HEX, TARGET, TOKEN } from './byte-class.ts';

/** The bytes whose entry is not 0. */
function members(table: Uint8Array): number[] {
  return [...table.keys()].filter((byte) => table[byte] !== 0);
}

describe('the byte classes', () => {
  it('hold the 77 characters of tokens, in lower case', () => {
    assert.equal(members(TOKEN).length, 77);
    assert.equal(TOKEN['A'.charCodeAt(0)], 'a'.charCodeAt(0));
    for (const character of '()<>@,;:\\"/[]?={} \t\0\x7f\x80')
      assert.equal(TOKEN[character.charCodeAt(0)], 0, character);
  });

  it('hold the text of field values: all but controls', () => {
    for (let byte = 0; byte < 256; byte++)
      assert.equal(FIELD_TEXT[byte], byte === 9 || (byte > 31 && byte !== 127) ? 1 : 0);
  });

  it('hold the bytes of request targets: 0x21 to 0x7e', () => {
    assert.deepEqual(
      members(TARGET),
      Array.from({ length: 94 }, (_, index) => 0x21 + index),
    );
  });

  it('hold hexadecimal digits plus 1', () => {
    assert.equal(members(HEX).length, 22);
    assert.equal(HEX['f'.charCodeAt(0)], 16);
    assert.equal(HEX['0'.charCodeAt(0)], 1);
  });
});
