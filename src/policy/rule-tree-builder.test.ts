import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NONE } from './best-rules.ts';
import type { Side } from './key-mask.ts';
import { ASKS_NOTHING, maskOf } from './key-mask.ts';
import type { RuleTree } from './rule-tree.ts';
import { buildRuleTree } from './rule-tree-builder.ts';

const SIDES: readonly Side[] = [undefined, 'source', 'destination'];
const ALL = -1;

function treeOf(...entries: readonly (readonly number[])[]): RuleTree {
  return buildRuleTree(
    entries.map((entry, place) => ({ entry, place })),
    SIDES,
  );
}

function root(tree: RuleTree): number {
  return tree.follow(tree.start, ALL, ALL);
}

function child(tree: RuleTree, node: number, key: number): number {
  return tree.follow(tree.edge(node, key), ALL, ALL);
}

describe('buildRuleTree()', () => {
  it('leads nowhere without entries', () => {
    assert.equal(root(treeOf()), NONE);
  });

  it('is one leaf for entries that ask for nothing, with the first two rules', () => {
    const entry = [0, 0, 0];
    const tree = buildRuleTree(
      [5, 3, 9, 3].map((place) => ({ entry, place })),
      SIDES,
    );
    assert.deepEqual([tree.firstRule(root(tree)), tree.secondRule(root(tree))], [3, 5]);
  });

  it('takes two entries of one rule for one rule', () => {
    const entry = [0, 0, 0];
    const tree = buildRuleTree(
      [4, 4].map((place) => ({ entry, place })),
      SIDES,
    );
    assert.deepEqual([tree.firstRule(root(tree)), tree.secondRule(root(tree))], [4, NONE]);
  });

  it('leaves out levels on which nothing is asked for', () => {
    const tree = treeOf([0, 7, 0], [0, 0, 0], [0, 7, 5]);
    const top = root(tree);
    assert.equal(tree.levelOf(top), 1);
    assert.equal(tree.edge(top, 5), NONE);
    assert.equal(tree.firstRule(tree.follow(tree.anyEdge(top), ALL, ALL)), 1);
    const seven = child(tree, top, 7);
    assert.equal(tree.levelOf(seven), 2);
    assert.equal(tree.firstRule(child(tree, seven, 5)), 2);
    assert.equal(tree.firstRule(tree.follow(tree.anyEdge(seven), ALL, ALL)), 0);
  });

  it('puts at each edge what the rules behind it ask for', () => {
    const tree = treeOf([1, 7, 0], [1, 7, 5], [1, 0, 6], [2, 0, 0]);
    const top = root(tree);
    const one = tree.edge(top, 1);
    assert.notEqual(tree.follow(one, maskOf(1, 7), ASKS_NOTHING), NONE);
    assert.notEqual(tree.follow(one, ASKS_NOTHING, maskOf(2, 6)), NONE);
    assert.notEqual(tree.follow(one, maskOf(1, 7), maskOf(2, 5)), NONE);
    const others = ~(maskOf(1, 7) | ASKS_NOTHING);
    assert.equal(tree.follow(one, others, ALL), NONE);
    assert.equal(tree.follow(one, ALL, ~(maskOf(2, 5) | maskOf(2, 6) | ASKS_NOTHING)), NONE);
    assert.equal(tree.follow(tree.edge(top, 2), others, ALL), NONE);
    assert.notEqual(tree.follow(tree.edge(top, 2), ASKS_NOTHING, ASKS_NOTHING), NONE);
  });
});
