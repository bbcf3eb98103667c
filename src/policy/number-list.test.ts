import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NumberList } from './number-list.ts';

describe('NumberList', () => {
  it('keeps its numbers while it grows', () => {
    const list = new NumberList();
    for (let number = 0; number < 1000; number++)
      assert.equal(list.push(number, ~number), number * 2);
    assert.equal(list.length, 2000);
    for (let number = 0; number < 1000; number++) {
      assert.equal(list.at(number * 2), number);
      assert.equal(list.at(number * 2 + 1), ~number);
    }
  });

  it('makes room, and gives a copy of its numbers', () => {
    const list = new NumberList();
    list.push(5);
    assert.equal(list.extend(20), 1);
    assert.equal(list.length, 21);
    list.setAll(3, [7, 8]);
    const copy = list.toArray();
    list.set(0, 6);
    assert.deepEqual([...copy], [5, 0, 0, 7, 8, ...new Array<number>(16).fill(0)]);
  });

  it('lets a number be written anew', () => {
    const list = new NumberList();
    list.push(1, 2, 3);
    list.set(1, 9);
    assert.deepEqual([list.at(0), list.at(1), list.at(2)], [1, 9, 3]);
  });
});
