import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlacedEntry } from './rule-tree.ts';
import { NONE, RuleTree } from './rule-tree.ts';

const DEPTH = 3;

function treeOf(...entries: readonly (readonly number[])[]): RuleTree {
  const placed = entries.map((entry, place): PlacedEntry => ({ entry, place }));
  return new RuleTree(placed, DEPTH);
}

/** The edges of a node as text. */
function edges(tree: RuleTree, node: number): readonly number[] {
  return Array.from({ length: tree.edgeCount(node) }, (_, edge) => tree.edgeKey(node, edge));
}

describe('RuleTree', () => {
  it('has no root without entries', () => {
    assert.equal(treeOf().root, NONE);
  });

  it('is one leaf for entries that ask for nothing, with the first two rules', () => {
    const tree = new RuleTree(
      [5, 3, 9, 3].map((place) => ({ entry: [0, 0, 0], place })),
      DEPTH,
    );
    assert.equal(tree.levelOf(tree.root), DEPTH);
    assert.deepEqual([tree.firstRule(tree.root), tree.secondRule(tree.root)], [3, 5]);
  });

  it('takes two entries of one rule for one rule', () => {
    const entry = [0, 0, 0];
    const tree = new RuleTree(
      [
        { entry, place: 4 },
        { entry, place: 4 },
      ],
      DEPTH,
    );
    assert.deepEqual([tree.firstRule(tree.root), tree.secondRule(tree.root)], [4, NONE]);
  });

  it('leaves out levels on which nothing is asked for', () => {
    const tree = treeOf([0, 7, 0], [0, 0, 0], [0, 7, 5]);
    assert.deepEqual([tree.levelOf(tree.root), edges(tree, tree.root)], [1, [7]]);
    const any = tree.anyBranch(tree.root);
    assert.deepEqual([tree.levelOf(any), tree.firstRule(any)], [DEPTH, 1]);
    const seven = tree.edgeChild(tree.root, 0);
    assert.deepEqual([tree.levelOf(seven), edges(tree, seven)], [2, [5]]);
    assert.equal(tree.firstRule(tree.edgeChild(seven, 0)), 2);
    assert.equal(tree.firstRule(tree.anyBranch(seven)), 0);
  });

  it('can be asked for the branch of a key where there are many', () => {
    const tree = treeOf(...Array.from({ length: 100 }, (_, index) => [index + 1, 0, 0]));
    assert.equal(tree.edgeCount(tree.root), 100);
    assert.equal(tree.hasFewEdges(tree.root, 99), false);
    assert.equal(tree.hasFewEdges(tree.root, 101), true);
    for (let key = 1; key <= 100; key++)
      assert.equal(tree.firstRule(tree.branch(tree.root, key)), key - 1);
    assert.equal(tree.branch(tree.root, 101), NONE);
    assert.equal(tree.anyBranch(tree.root), NONE);
  });
});
