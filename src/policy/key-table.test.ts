import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeyTable } from './key-table.ts';

describe('KeyTable', () => {
  it('has one key for equal sets of atoms', () => {
    const table = new KeyTable();
    const sets = [[3], [1, 2], [2, 1], [3], [10, 9], [1]];
    assert.deepEqual(
      sets.map((set) => table.keyOf(set)),
      [1, 2, 2, 1, 3, 4],
    );
  });

  it('collects the keys of atoms, each once and with the points of the first', () => {
    const table = new KeyTable();
    for (const set of [[0], [0, 2], [1, 2], [1], [7]]) table.keyOf(set);
    for (const atom of [2, 1, 0, 99]) table.found(atom, atom + 1);
    assert.deepEqual(table.keys, [2, 3, 4, 1]);
    assert.deepEqual(table.points, [3, 3, 2, 1]);
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((key) => table.pointsOf(key)),
      [1, 3, 3, 2, 0],
    );
  });

  it('forgets what was found', () => {
    const table = new KeyTable();
    for (const set of [[0], [2]]) table.keyOf(set);
    table.found(2, 3);
    table.clear();
    table.found(0, 1);
    assert.deepEqual([table.keys, table.points], [[1], [1]]);
    assert.deepEqual([table.pointsOf(1), table.pointsOf(2)], [1, 0]);
  });
});
