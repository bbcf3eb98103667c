import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setNewest } from './bounded-map.ts';

describe('setNewest()', () => {
  it('forgets the oldest key beyond the bound', () => {
    const map = new Map<string, number>();
    for (const [key, value] of Object.entries({ a: 1, b: 2, c: 3 })) setNewest(map, key, value, 2);
    assert.deepEqual(
      [...map],
      [
        ['b', 2],
        ['c', 3],
      ],
    );
  });

  it('makes a key that is set anew the newest, and forgets none for it', () => {
    const map = new Map([
      ['a', 1],
      ['b', 2],
    ]);
    setNewest(map, 'a', 3, 2);
    assert.deepEqual(
      [...map],
      [
        ['b', 2],
        ['a', 3],
      ],
    );
  });
});
