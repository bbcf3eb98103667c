import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  bytesOf,
  copyOf,
  equalBytes,
  equalsText,
  isFieldValue,
  isToken,
  latin1,
  listMembers,
  withoutBlanks,
  withTextBefore,
} from './byte-text.ts';

describe('latin1() and bytesOf()', () => {
  it('keep one character a byte, of Buffers and of other arrays', () => {
    const text = 'a\0\x80\xff';
    assert.equal(latin1(bytesOf(text), 0, 4), text);
    assert.equal(latin1(Uint8Array.from(bytesOf(text)).subarray(1), 1, 3), '\x80\xff');
  });
});

describe('withTextBefore()', () => {
  it('makes new bytes, unless there is no text', () => {
    const bytes = bytesOf('b\xff');
    assert.equal(latin1(withTextBefore('a\xe9', bytes), 0, 4), 'a\xe9b\xff');
    assert.equal(withTextBefore('', bytes), bytes);
  });
});

describe('copyOf()', () => {
  it('does not change with the original', () => {
    const bytes = bytesOf('abc');
    const copies = [copyOf(bytes), copyOf(bytes, 1), copyOf(bytes, 1, 2)];
    bytes.fill(0);
    assert.deepEqual(
      copies.map((copy) => latin1(copy, 0, copy.length)),
      ['abc', 'bc', 'b'],
    );
  });
});

describe('equalBytes()', () => {
  it('compares a part', () => {
    assert.equal(equalBytes(bytesOf('abc'), 1, 3, bytesOf('bc')), true);
    assert.equal(equalBytes(bytesOf('abc'), 1, 3, bytesOf('bd')), false);
    assert.equal(equalBytes(bytesOf('abc'), 1, 3, bytesOf('b')), false);
  });
});

describe('equalsText()', () => {
  it('compares a part with a text', () => {
    const bytes = bytesOf('ab\xe9');
    assert.equal(equalsText(bytes, 1, 3, 'b\xe9'), true);
    for (const text of ['b', 'b\xe8', 'b\u01e9', 'b\xe9c', ''])
      assert.equal(equalsText(bytes, 1, 3, text), false, text);
  });
});

describe('isToken() and isFieldValue()', () => {
  it('take nothing but texts, whatever would become of it as a text', () => {
    for (const value of [5, null, undefined, ['a'], { toString: () => 'a' }, Symbol('a')]) {
      assert.equal(isToken(value), false);
      assert.equal(isFieldValue(value), false);
    }
  });

  it('know what may be a name', () => {
    assert.equal(isToken('X-A_b.1'), true);
    for (const text of ['', 'a b', 'a:', 'ä', 'a\n']) assert.equal(isToken(text), false, text);
  });

  it('know what may be a value', () => {
    for (const text of ['', 'a', 'a b\tc', '\xe9']) assert.equal(isFieldValue(text), true, text);
    for (const text of [' a', 'a ', 'a\r\nb', 'a\nb', 'a\0', '\u20ac', 'a\x7f'])
      assert.equal(isFieldValue(text), false, text);
  });
});

describe('withoutBlanks() and listMembers()', () => {
  it('take spaces and tabs away, and nothing else that some readers take for a blank', () => {
    for (const [text, rest] of [
      ['', ''],
      [' \t ', ''],
      ['\t a b ', 'a b'],
      ['a', 'a'],
      ['\xa0a\x85', '\xa0a\x85'],
    ] as const)
      assert.equal(withoutBlanks(text), rest, JSON.stringify(text));
  });

  it('tell the members of a list', () => {
    assert.deepEqual(listMembers(' a ,, b c\t,\xa0d,'), ['a', 'b c', '\xa0d']);
    assert.deepEqual(listMembers(' , '), []);
  });

  it('take no longer for a value of blanks than for another one', () => {
    const blanks = ' '.repeat(1_000_000);
    assert.equal(withoutBlanks(`a${blanks}b`).length, 1_000_002);
  });
});
