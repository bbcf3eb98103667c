import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { areSound } from './authentication.ts';

describe('areSound()', () => {
  it('takes names and passwords in every script', () => {
    assert.equal(areSound({ user: 'alice', password: 'a b:c' }), true);
    assert.equal(areSound({ user: 'Žofie', password: 'пароль' }), true);
  });

  it('refuses what proves nothing', () => {
    assert.equal(areSound({ user: '', password: 'x' }), false);
    assert.equal(areSound({ user: 'alice', password: '' }), false);
  });

  it('refuses control characters', () => {
    for (const bad of ['a\0b', 'a\rb', 'a\nb', 'a\x7fb']) {
      assert.equal(areSound({ user: bad, password: 'x' }), false);
      assert.equal(areSound({ user: 'alice', password: bad }), false);
    }
  });

  it('refuses what is too long', () => {
    assert.equal(areSound({ user: 'a'.repeat(256), password: 'b'.repeat(1_024) }), true);
    assert.equal(areSound({ user: 'a'.repeat(257), password: 'b' }), false);
    assert.equal(areSound({ user: 'a', password: 'b'.repeat(1_025) }), false);
  });
});
