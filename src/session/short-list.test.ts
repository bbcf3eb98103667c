// Short lists: items come and go, the list before stays as it was, and the empty one is always the same.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EMPTY_LIST, withItem, withLatest, withoutItem } from './short-list.ts';

describe('a short list', () => {
  it('is what a set would have after any adds and removes, oldest first', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.constantFrom('a', 'b', 'c', 'd')));
    fc.assert(
      fc.property(steps, (changes) => {
        let list: readonly string[] = EMPTY_LIST;
        const set = new Set<string>();
        for (const [isAdd, item] of changes) {
          const before = [...list];
          const old = list;
          if (!isAdd) list = withoutItem(list, item);
          else if (!set.has(item)) list = withItem(list, item);
          if (isAdd) set.add(item);
          else set.delete(item);
          assert.deepEqual(old, before);
          assert.deepEqual(list, [...set]);
          assert.equal(Object.is(list, EMPTY_LIST), set.size === 0);
        }
      }),
    );
  });

  it('is itself without what it has not', () => {
    const list = withItem(EMPTY_LIST as readonly string[], 'a');
    assert.equal(withoutItem(list, 'b'), list);
  });

  it('keeps the latest items, and no more than there may be', () => {
    let list: readonly string[] = EMPTY_LIST;
    for (const item of ['a', 'b', 'c', 'd', 'e']) list = withLatest(list, item, 3);
    assert.deepEqual(list, ['c', 'd', 'e']);
    assert.deepEqual(withLatest(EMPTY_LIST as readonly string[], 'a', 1), ['a']);
  });
});
