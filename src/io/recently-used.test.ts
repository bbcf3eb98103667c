import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RecentlyUsed } from './recently-used.ts';

function keptOf(memory: RecentlyUsed<number>, names: string): string {
  return names.replace(/./g, (name) => (memory.get(name) === undefined ? '' : name));
}

describe('what was used lately', () => {
  it('is kept, as many as may be: what was not used for the longest time goes', () => {
    const memory = new RecentlyUsed<number>({ maxCount: 2, maxBytes: 100 });
    memory.set('a', 1, 1);
    memory.set('b', 2, 1);
    assert.equal(memory.get('a'), 1);
    memory.set('c', 3, 1);
    assert.equal(keptOf(memory, 'abc'), 'ac');
  });

  it('is kept, as many bytes as may be, each value counted once', () => {
    const memory = new RecentlyUsed<number>({ maxCount: 100, maxBytes: 10 });
    for (const bytes of [9, 8, 4]) memory.set('a', bytes, bytes);
    memory.set('b', 2, 6);
    assert.equal(keptOf(memory, 'ab'), 'ab');
    memory.set('c', 3, 1);
    assert.equal(keptOf(memory, 'abc'), 'bc');
    memory.set('d', 4, 11);
    assert.equal(keptOf(memory, 'abcd'), 'bc');
    memory.set('e', 5, 10);
    assert.equal(keptOf(memory, 'bcde'), 'e');
    memory.set('e', 6, 11);
    assert.equal(keptOf(memory, 'e'), '');
  });
});
