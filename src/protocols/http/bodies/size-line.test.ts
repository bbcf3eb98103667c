import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { sizeLine } from './size-line.ts';

it('is the number in hexadecimal, without zeros in front', () => {
  for (const size of [0, 1, 9, 10, 15, 16, 255, 256, 65_535, 65_536, Number.MAX_SAFE_INTEGER])
    assert.equal(text(size), `${size.toString(16)}\r\n`);
  fc.assert(fc.property(fc.maxSafeNat(), (size) => text(size) === `${size.toString(16)}\r\n`));
});

function text(size: number): string {
  return Buffer.from(sizeLine(size)).toString('latin1');
}
