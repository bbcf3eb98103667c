import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NONE } from './best-rules.ts';
import { roomFor, slotOf } from './rule-tree.ts';
import { buildRuleTree } from './rule-tree-builder.ts';

const ALL = -1;

describe('RuleTree', () => {
  for (const count of [1, 2, 4, 5, 6, 21, 100, 5000])
    it(`finds each of ${count} edges of a node, and no other`, () => {
      const entries = Array.from({ length: count }, (_, place) => ({
        entry: [3 * place + 1, place % 2],
        place,
      }));
      const tree = buildRuleTree(entries, [undefined, 'source']);
      const root = tree.follow(tree.start, ALL, ALL);
      for (let place = 0; place < count; place++) {
        const child = tree.follow(tree.edge(root, 3 * place + 1), ALL, ALL);
        const leaf = place % 2 === 0 ? child : tree.follow(tree.edge(child, 1), ALL, ALL);
        assert.deepEqual([tree.firstRule(leaf), tree.secondRule(leaf)], [place, NONE]);
        assert.equal(tree.edge(root, 3 * place + 2), NONE);
      }
      assert.equal(tree.follow(tree.anyEdge(root), ALL, ALL), NONE);
    });

  it('has room for all edges of a node, and a free slot where it is a table', () => {
    assert.deepEqual([0, 1, 4, 5, 6, 10, 11].map(roomFor), [0, 1, 4, 8, 16, 16, 32]);
    for (let key = 1; key < 1000; key++) assert.ok(slotOf(key, 8) >= 0 && slotOf(key, 8) < 8);
  });
});
