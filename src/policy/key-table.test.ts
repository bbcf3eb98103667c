import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packetOf } from '../../test/support/rule-samples.ts';
import { KeyTable } from './key-table.ts';
import type { Condition } from './rule-conditions.ts';

/** A condition whose packets have the atoms up to their protocol number, the highest first. */
const UP_TO: Condition = {
  atomsOf: () => [],
  find: ({ protocol }, finder) => {
    for (let atom = protocol; atom >= 0; atom--) finder.found(atom, atom + 1);
  },
};

describe('KeyTable', () => {
  it('has one key for equal sets of atoms', () => {
    const table = new KeyTable(UP_TO);
    assert.deepEqual(
      [[3], [1, 2], [2, 1], [3], [10, 9], [1]].map((set) => table.keyOf(set)),
      [...[1, 2, 2, 1, 3, 4]],
    );
  });

  it('finds the keys of a packet, each once and with the points of its best atom', () => {
    const table = new KeyTable(UP_TO);
    for (const set of [[0], [0, 2], [1, 2], [1], [7]]) table.keyOf(set);
    table.find(packetOf({ protocol: 2 }));
    assert.deepEqual(table.keys, [2, 3, 4, 1]);
    assert.deepEqual(table.points, [3, 3, 2, 1]);
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((key) => table.pointsOf(key)),
      [1, 3, 3, 2, 0],
    );
  });

  it('forgets a packet', () => {
    const table = new KeyTable(UP_TO);
    for (const set of [[0], [2]]) table.keyOf(set);
    table.find(packetOf({ protocol: 2 }));
    table.forget();
    table.find(packetOf({ protocol: 1 }));
    assert.deepEqual([table.keys, table.pointsOf(1), table.pointsOf(2)], [[1], 1, 0]);
  });
});
