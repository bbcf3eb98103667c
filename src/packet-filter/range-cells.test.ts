import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { NumberRange } from './range-cells.ts';
import { rangeCells } from './range-cells.ts';

const NO_LIMITS = { maxRanges: Infinity, maxMembers: Infinity };

function range(first: number, last: number): NumberRange {
  return { first: BigInt(first), last: BigInt(last) };
}

describe('rangeCells()', () => {
  it('joins what meets, and tells numbers with the same members once', () => {
    assert.deepEqual(
      rangeCells([[range(1, 4)], [range(3, 4)], [range(5, 5), range(1, 2)]], NO_LIMITS),
      [
        { ranges: [range(1, 2)], members: [0, 2] },
        { ranges: [range(3, 4)], members: [0, 1] },
        { ranges: [range(5, 5)], members: [2] },
      ],
    );
    assert.deepEqual(rangeCells([[range(1, 2), range(3, 4)]], NO_LIMITS), [
      { ranges: [range(1, 4)], members: [0] },
    ]);
  });

  it('gives up beyond a limit', () => {
    const members = [[range(1, 9)], [range(3, 4)]];
    assert.equal(rangeCells(members, NO_LIMITS)?.length, 2);
    assert.equal(rangeCells(members, { maxRanges: 2, maxMembers: 3 }), undefined);
    assert.equal(rangeCells(members, { maxRanges: 3, maxMembers: 2 }), undefined);
    assert.equal(rangeCells(members, { maxRanges: 3, maxMembers: 3 })?.length, 2);
  });

  it('has every number with all its members, in one range of one cell', () => {
    const ranges = fc
      .tuple(fc.nat(12), fc.nat(5))
      .map(([first, more]) => range(first, first + more));
    fc.assert(
      fc.property(fc.array(fc.array(ranges, { maxLength: 3 }), { maxLength: 5 }), (members) => {
        const cells = rangeCells(members, NO_LIMITS) ?? [];
        for (let number = 0n; number < 20n; number++) {
          const isIn = ({ first, last }: NumberRange): boolean => first <= number && number <= last;
          const expected = members.flatMap((own, index) => (own.some(isIn) ? [index] : []));
          const found = cells.flatMap((cell) => cell.ranges.filter(isIn).map(() => cell.members));
          assert.deepEqual(found, expected.length === 0 ? [] : [expected]);
        }
      }),
    );
  });
});
