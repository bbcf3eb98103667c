import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeBoth, changeName, changeValue, insert, replace } from './header-action.ts';

describe('the header actions', () => {
  it('are frozen values', () => {
    const actions = [
      changeName('A'),
      changeValue('b'),
      changeBoth('A', 'b'),
      insert('b'),
      replace('b'),
    ];
    assert.deepEqual(actions, [
      { action: 'change-name', name: 'A' },
      { action: 'change-value', value: 'b' },
      { action: 'change-both', name: 'A', value: 'b' },
      { action: 'insert', value: 'b' },
      { action: 'replace', value: 'b' },
    ]);
    assert.ok(actions.every((action) => Object.isFrozen(action)));
  });
});
