import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NONE } from './best-rules.ts';
import { NestedAtoms } from './nested-atoms.ts';

function tell(innermost: number): readonly (readonly [number, number])[] {
  const nested = new NestedAtoms([NONE, 0, 0, 2], [5, 10, 15, 2 ** 50]);
  const list: [number, number][] = [];
  nested.tell(innermost, { found: (atom, points) => list.push([atom, points]) });
  return list;
}

describe('NestedAtoms', () => {
  it('tells of an atom and those around it, from the inside out', () => {
    assert.deepEqual(tell(3), [
      [3, 2 ** 50],
      [2, 15],
      [0, 5],
    ]);
    assert.deepEqual(tell(0), [[0, 5]]);
  });

  it('tells of nothing where there is none', () => {
    assert.deepEqual(tell(NONE), []);
  });
});
