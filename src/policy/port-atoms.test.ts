import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Numbering } from './numbering.ts';
import { PortAtoms } from './port-atoms.ts';
import { blockOf } from './port-blocks.ts';

const exact = new Numbering<number>();
exact.numbersOf([80, 65_535]);
const blocks = new Numbering<number>();
blocks.numbersOf([blockOf(80, 4), blockOf(80, 16), blockOf(80, 2), blockOf(80, 0)]);
const atoms = new PortAtoms(exact, blocks, 10);

type Found = readonly (readonly [atom: number, points: number])[];

function of(port: number): Found {
  const list: [number, number][] = [];
  atoms.findPort(port, { found: (atom, points) => list.push([atom, points]) });
  return list;
}

describe('PortAtoms', () => {
  it('finds an exact port, then blocks from the smallest to the largest', () => {
    assert.deepEqual(of(80), [
      [0, 20],
      [7, 10],
      [5, 10],
      [1, 10],
      [3, 10],
    ]);
    assert.deepEqual(
      of(83).map(([atom]) => atom),
      [5, 1, 3],
    );
    assert.deepEqual(
      of(95).map(([atom]) => atom),
      [1, 3],
    );
    assert.deepEqual(of(79), [[3, 10]]);
    assert.deepEqual(of(0), [[3, 10]]);
    assert.deepEqual(of(65_535), [
      [2, 20],
      [3, 10],
    ]);
  });

  it('finds the blocks around an atom', () => {
    const list: number[] = [];
    atoms.findWider(5, { found: (atom) => list.push(atom) });
    assert.deepEqual(list, [5, 1, 3]);
  });

  it('finds nothing where nothing is asked for', () => {
    const none = new PortAtoms(new Numbering(), new Numbering(), 1);
    none.findPort(80, { found: () => assert.fail() });
  });
});
