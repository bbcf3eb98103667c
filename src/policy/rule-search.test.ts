import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BestRules, NONE } from './best-rules.ts';
import type { Side } from './key-mask.ts';
import { QuestionAtoms } from './question-atoms.ts';
import { RuleSearch } from './rule-search.ts';
import { buildRuleTree } from './rule-tree-builder.ts';

type Atoms = readonly (readonly [atom: number, points: number])[];

const SIDES: readonly Side[] = ['source', 'destination'];

/** A search of entries over two levels. */
function searchOf(
  ...entries: readonly (readonly [number, number])[]
): (...found: Atoms[]) => readonly number[] {
  const placed = entries.map((entry, place) => ({ entry, place }));
  const atoms = new QuestionAtoms(SIDES, [0, 1]);
  const best = new BestRules();
  const search = new RuleSearch(buildRuleTree(placed, SIDES), atoms, best);
  return (...found) => {
    best.clear();
    atoms.take({
      find: (level, finder) => {
        for (const [atom, points] of found[level] ?? []) finder.found(atom, points);
      },
    });
    search.run();
    return [best.score, best.first, best.second];
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
