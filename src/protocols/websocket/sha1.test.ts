import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sha1 } from './sha1.ts';

describe('sha1()', () => {
  // RFC 3174, 7.3.
  it('makes the digests of the standard', () => {
    const digest = (text: string): string => sha1(Buffer.from(text)).toString('hex');
    assert.equal(digest('abc'), 'a9993e364706816aba3e25717850c26c9cd0d89d');
    assert.equal(
      digest('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'),
      '84983e441c3bd26ebaae4aa1f95129e5e54670f1',
    );
    assert.equal(digest('a'.repeat(1_000_000)), '34aa973cd4c4daa4f61eeb2bdbad27316534016f');
  });

  it('makes the digests of the platform', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.deepEqual(sha1(bytes), createHash('sha1').update(bytes).digest());
      }),
    );
  });
});
