import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BINARY, frameBytes, headBytes, isControl, mask, PING, TEXT } from './frame.ts';

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

describe('frameBytes()', () => {
  // RFC 6455, 5.7.
  it('writes the examples of the standard', () => {
    const hello = Buffer.from('Hello');
    assert.equal(hex(frameBytes(TEXT, hello, undefined)), '810548656c6c6f');
    assert.equal(hex(frameBytes(TEXT, hello, 0x37fa213d)), '818537fa213d7f9f4d5158');
    assert.equal(hex(frameBytes(TEXT, Buffer.from('Hel'), undefined, false)), '010348656c');
    assert.equal(hex(frameBytes(PING, hello, undefined)), '890548656c6c6f');
    assert.equal(hex(hello), '48656c6c6f', 'the payload that was given stays');
  });
});

describe('headBytes()', () => {
  it('writes each length in as few bytes as it needs', () => {
    const head = (length: number): string =>
      hex(headBytes({ isFinal: true, opcode: BINARY, length, key: undefined }));
    assert.equal(head(125), '827d');
    assert.equal(head(126), '827e007e');
    assert.equal(head(256), '827e0100');
    assert.equal(head(65_535), '827effff');
    assert.equal(head(65_536), '827f0000000000010000');
  });
});

describe('mask()', () => {
  it('is its own inverse, in whatever pieces', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.integer({ min: 0, max: 0xffffffff }),
        fc.nat(40),
        (payload, key, cut) => {
          const masked = Uint8Array.from(payload);
          mask(masked, key, 0);
          mask(masked.subarray(0, cut), key, 0);
          mask(masked.subarray(cut), key, Math.min(cut, masked.length));
          assert.deepEqual(masked, payload);
        },
      ),
    );
  });
});

describe('isControl()', () => {
  it('tells control frames by their opcode', () => {
    assert.deepEqual([0, 1, 2, 7, 8, 9, 10, 15].filter(isControl), [8, 9, 10, 15]);
  });
});
