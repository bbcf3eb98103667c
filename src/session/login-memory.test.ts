import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { LoginMemory } from './login-memory.ts';

const ALICE = { user: 'alice', groups: ['staff'] };

function memoryOf(renew: boolean): { clock: ManualClock; memory: LoginMemory } {
  const clock = new ManualClock();
  return { clock, memory: new LoginMemory(clock, { lifetimeMs: 1_000, renew, maxEntries: 3 }) };
}

describe('LoginMemory', () => {
  it('remembers for its lifetime', () => {
    const { clock, memory } = memoryOf(false);
    memory.remember('a', 0, ALICE);
    clock.advance(999);
    assert.equal(memory.find('a', 0), ALICE);
    assert.equal(memory.find('b', 0), undefined);
    clock.advance(1);
    assert.equal(memory.find('a', 0), undefined);
    assert.equal(memory.size, 0);
  });

  it('counts from the last use where it renews', () => {
    const { clock, memory } = memoryOf(true);
    memory.remember('a', 0, ALICE);
    for (let turn = 0; turn < 5; turn++) {
      clock.advance(999);
      assert.equal(memory.find('a', 0), ALICE);
    }
    clock.advance(1_000);
    assert.equal(memory.find('a', 0), undefined);
  });

  it('gives nothing that is older than asked for, however often it was used', () => {
    const { clock, memory } = memoryOf(true);
    memory.remember('a', 0, ALICE);
    clock.advance(900);
    assert.equal(memory.find('a', 0, 1_500), ALICE);
    clock.advance(600);
    assert.equal(memory.find('a', 0, 1_500), undefined);
  });

  it('forgets what was said by a file that has changed', () => {
    const { memory } = memoryOf(false);
    memory.remember('a', 1, ALICE);
    assert.equal(memory.find('a', 2), undefined);
    assert.equal(memory.find('a', 1), undefined);
  });

  it('knows what it has had, though its time is over', () => {
    const { clock, memory } = memoryOf(false);
    memory.remember('a', 0, ALICE);
    clock.advance(1_000);
    assert.equal(memory.has('a'), true);
    assert.equal(memory.has('b'), false);
  });

  it('is bounded', () => {
    const { memory } = memoryOf(false);
    for (const key of ['a', 'b', 'c', 'd']) memory.remember(key, 0, ALICE);
    assert.equal(memory.size, 3);
    assert.equal(memory.find('a', 0), undefined);
    assert.equal(memory.find('d', 0), ALICE);
  });
});
