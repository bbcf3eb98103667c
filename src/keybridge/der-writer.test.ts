import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Der } from './der-writer.ts';
import {
  contextTag,
  encode,
  encodeBits,
  encodeIdentifier,
  encodeInteger,
  encodeTime,
  TAG,
} from './der-writer.ts';

function hex(encoded: Der): string {
  return Buffer.from(encoded).toString('hex');
}

describe('DER', () => {
  it('has the shortest length', () => {
    for (const [size, head] of [
      [0, '0400'],
      [127, '047f'],
      [128, '048180'],
      [255, '0481ff'],
      [256, '04820100'],
      [65_536, '0483010000'],
    ] as const) {
      const encoded = encode(TAG.octetString, Buffer.alloc(size));
      assert.equal(hex(encoded).slice(0, head.length), head);
      assert.equal(encoded.length, head.length / 2 + size);
    }
  });

  it('has positive integers of as few bytes as can be', () => {
    const integer = (text: string): string => hex(encodeInteger(Buffer.from(text, 'hex')));
    assert.deepEqual(['00', '0000', '7f', '80', '00000102'].map(integer), [
      ...['020100', '020100', '02017f', '02020080', '02020102'],
    ]);
  });

  it('has identifiers, bits and tags by number', () => {
    assert.equal(hex(encodeIdentifier('2.5.29.17')), '0603551d11');
    assert.equal(hex(encodeIdentifier('1.2.840.113549.1.1.11')), '06092a864886f70d01010b');
    assert.equal(hex(encodeBits(Buffer.of(0x80), 7)), '03020780');
    assert.equal(hex(encode(contextTag(3))), 'a300');
  });

  it('has two digits for the year from 1950 to 2049, and four otherwise', () => {
    const time = (text: string): string => Buffer.from(encodeTime(Date.parse(text))).toString();
    assert.equal(time('2049-12-31T23:59:59Z'), '\x17\r491231235959Z');
    assert.equal(time('2050-01-01T00:00:00Z'), '\x18\x0f20500101000000Z');
    assert.equal(time('1950-01-01T00:00:00.999Z'), '\x17\r500101000000Z');
    assert.equal(time('1949-12-31T23:59:59Z'), '\x18\x0f19491231235959Z');
  });
});
