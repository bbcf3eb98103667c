import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CheckSlots } from './check-slots.ts';

describe('the places for checks', () => {
  it('are bounded: who finds none waits, and goes on in order', () => {
    const slots = new CheckSlots(2);
    const begun: string[] = [];
    const [a, b, c] = ['a', 'b', 'c', 'd'].map((name) => slots.take(() => begun.push(name)));
    assert.deepEqual(begun, ['a', 'b']);
    b?.();
    assert.deepEqual(begun, ['a', 'b', 'c']);
    a?.();
    assert.deepEqual(begun, ['a', 'b', 'c', 'd']);
    c?.();
  });

  it('are not taken by who gives up while it waits', () => {
    const slots = new CheckSlots(1);
    const begun: string[] = [];
    const [a, b] = ['a', 'b', 'c'].map((name) => slots.take(() => begun.push(name)));
    b?.();
    a?.();
    assert.deepEqual(begun, ['a', 'c']);
  });
});
