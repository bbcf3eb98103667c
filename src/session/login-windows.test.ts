import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { LoginWindows } from './login-windows.ts';

describe('LoginWindows', () => {
  it('lets credentials pass for their time, refuses them, and begins anew', () => {
    const clock = new ManualClock();
    const windows = new LoginWindows(clock, 60_000);
    assert.equal(windows.isOver('a'), false);
    clock.advance(59_999);
    assert.equal(windows.isOver('a'), false);
    clock.advance(1);
    assert.equal(windows.isOver('a'), true);
    assert.equal(windows.isOver('b'), false);
    clock.advance(1_999); // other connections of the same browser
    assert.equal(windows.isOver('a'), true);
    clock.advance(1); // typed anew
    assert.equal(windows.isOver('a'), false);
    clock.advance(59_999);
    assert.equal(windows.isOver('a'), false);
    clock.advance(1);
    assert.equal(windows.isOver('a'), true);
  });

  it('is bounded', () => {
    const clock = new ManualClock();
    const windows = new LoginWindows(clock, 1_000);
    windows.isOver('first');
    for (let at = 0; at < 10_000; at++) windows.isOver(String(at));
    clock.advance(1_000);
    assert.equal(windows.isOver('first'), false); // as if it was never seen
    assert.equal(windows.isOver('9999'), true);
  });
});
