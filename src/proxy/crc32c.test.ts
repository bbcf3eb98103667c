// The vectors of RFC 3720, appendix B.4, and the check value of the catalogue of CRCs.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { crc32c } from './crc32c.ts';

it('gives the checksums that its standard lists', () => {
  const rising = Uint8Array.from({ length: 32 }, (_, index) => index);
  const vectors: readonly (readonly [Uint8Array, number])[] = [
    [new Uint8Array(32), 0x8a91_36aa],
    [new Uint8Array(32).fill(0xff), 0x62a8_ab43],
    [rising, 0x46dd_794e],
    [rising.toReversed(), 0x113f_db5c],
    [Buffer.from('123456789'), 0xe306_9283],
    [new Uint8Array(0), 0],
  ];
  for (const [bytes, checksum] of vectors) assert.equal(crc32c(bytes), checksum);
});
