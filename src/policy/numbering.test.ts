import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Numbering } from './numbering.ts';

describe('Numbering', () => {
  it('gives each thing one number, and finds either by the other', () => {
    const numbering = new Numbering<string>();
    assert.deepEqual(numbering.numbersOf(['a', 'b', 'a']), [0, 1]);
    assert.deepEqual(numbering.numbersOf(['c', 'b']), [2, 1]);
    assert.equal(numbering.size, 3);
    assert.deepEqual(numbering.keys, ['a', 'b', 'c']);
    assert.deepEqual(
      ['a', 'c', 'd'].map((key) => numbering.numberOf(key)),
      [0, 2, undefined],
    );
    assert.deepEqual(
      [0, 2, 3].map((number) => numbering.keyOf(number)),
      ['a', 'c', undefined],
    );
  });
});
