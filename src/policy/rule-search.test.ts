import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeyTable } from './key-table.ts';
import { RuleSearch } from './rule-search.ts';
import { NONE, RuleTree } from './rule-tree.ts';

type Atoms = readonly (readonly [atom: number, points: number])[];

/** A search of entries over two levels, whose keys are atoms counted from 1. */
function searchOf(
  ...entries: readonly (readonly [number, number])[]
): (...found: Atoms[]) => readonly number[] {
  const tables = [new KeyTable(), new KeyTable()];
  for (const table of tables) for (let atom = 0; atom < 50; atom++) table.keyOf([atom]);
  const placed = entries.map((entry, place) => ({ entry, place }));
  const search = new RuleSearch(new RuleTree(placed, 2), tables);
  return (...found) => {
    search.run({
      find: (level, table) => {
        for (const [atom, points] of found[level] ?? []) table.found(atom, points);
      },
    });
    return [search.score, search.first, search.second];
  };
}

describe('RuleSearch', () => {
  it('prefers a branch with points to the one that asks for nothing', () => {
    const search = searchOf([0, 0], [0, 1], [1, 0]);
    assert.deepEqual(search([[0, 10]], [[0, 1]]), [10, 2, NONE]);
    assert.deepEqual(search([], [[0, 1]]), [1, 1, NONE]);
    assert.deepEqual(search([], []), [0, 0, NONE]);
  });

  it('goes back where a branch leads nowhere', () => {
    const search = searchOf([1, 5], [2, 1]);
    const first: Atoms = [
      [0, 20],
      [1, 10],
    ];
    assert.deepEqual(search(first, [[0, 1]]), [11, 1, NONE]);
    assert.deepEqual(search(first, [[4, 1]]), [21, 0, NONE]);
    assert.deepEqual(search(first, []), [NONE, NONE, NONE]);
  });

  it('follows all branches with equal points, and keeps the two lowest rules of the best score', () => {
    const search = searchOf([1, 0], [3, 1], [2, 1], [1, 1], [2, 1]);
    const equal: Atoms = [
      [2, 10],
      [1, 10],
      [0, 10],
    ];
    assert.deepEqual(search(equal, [[0, 1]]), [11, 1, 2]);
    assert.deepEqual(search(equal.slice(1), [[0, 1]]), [11, 2, 3]);
    assert.deepEqual(search(equal, []), [10, 0, NONE]);
  });

  it('does the same at nodes with many branches', () => {
    const many = Array.from({ length: 40 }, (_, index): [number, number] => [index + 1, 0]);
    const search = searchOf(...many, [0, 0]);
    const found: Atoms = [
      [45, 30],
      [7, 20],
      [3, 20],
      [30, 10],
    ];
    assert.deepEqual(search(found), [20, 3, 7]);
    assert.deepEqual(search(found.slice(3)), [10, 30, NONE]);
    assert.deepEqual(search(found.slice(0, 1)), [0, 40, NONE]);
  });

  it('finds nothing without rules', () => {
    assert.deepEqual(searchOf()([[0, 1]]), [NONE, NONE, NONE]);
  });
});
