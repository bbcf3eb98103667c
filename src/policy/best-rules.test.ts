import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BestRules, NONE } from './best-rules.ts';

/** The best after these rules: [place, score]. */
function best(...met: readonly (readonly [number, number])[]): readonly number[] {
  const rules = new BestRules();
  for (const [place, score] of met) rules.keep(place, score);
  return [rules.score, rules.first, rules.second];
}

describe('BestRules', () => {
  it('has nothing before a rule is met', () => {
    assert.deepEqual(best(), [NONE, NONE, NONE]);
    assert.deepEqual(best([NONE, 5]), [NONE, NONE, NONE]);
  });

  it('keeps the greatest score, whenever it comes', () => {
    assert.deepEqual(best([3, 1], [2, 7], [1, 6]), [7, 2, NONE]);
    assert.deepEqual(best([3, 0]), [0, 3, NONE]);
  });

  it('keeps the two lowest places with that score, in whatever order', () => {
    for (const order of [
      [1, 2, 3],
      [1, 3, 2],
      [2, 1, 3],
      [2, 3, 1],
      [3, 1, 2],
      [3, 2, 1],
    ])
      assert.deepEqual(best(...order.map((place): [number, number] => [place, 4])), [4, 1, 2]);
  });

  it('takes a rule that is met twice for one', () => {
    assert.deepEqual(best([2, 4], [2, 4]), [4, 2, NONE]);
    assert.deepEqual(best([2, 4], [3, 4], [3, 4], [2, 4]), [4, 2, 3]);
  });

  it('forgets', () => {
    const rules = new BestRules();
    rules.keep(1, 1);
    rules.clear();
    assert.deepEqual([rules.score, rules.first, rules.second], [NONE, NONE, NONE]);
  });
});
