// The clock keeps time, calls once, and can be told not to.
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { describe, it, mock } from 'node:test';
import { SystemClock } from './clock.ts';

const DAY_MS = 86_400_000;
const LONGEST_MS = 2_147_483_647; // of a timer of Node

describe('the system clock', () => {
  it('tells the time since 1970', () => {
    const before = Date.now();
    const now = new SystemClock().now();
    assert.ok(before <= now && now <= Date.now());
  });

  it('goes on by itself, and follows within a second when the clock of the system is set', () => {
    let at = 5_000.25;
    mock.method(performance, 'now', () => at);
    mock.timers.enable({ apis: ['Date'], now: DAY_MS });
    try {
      const clock = new SystemClock();
      assert.equal(clock.now(), DAY_MS);
      at += 999.5;
      assert.equal(clock.now(), DAY_MS + 999);
      mock.timers.setTime(3 * DAY_MS);
      at += 1;
      assert.equal(clock.now(), 3 * DAY_MS);
      mock.timers.setTime(2 * DAY_MS);
      at += 1000;
      assert.equal(clock.now(), 2 * DAY_MS);
    } finally {
      mock.timers.reset();
      mock.restoreAll();
    }
  });

  it('has a time that never runs backwards', () => {
    const clock = new SystemClock();
    const before = clock.monotonic();
    assert.ok(clock.monotonic() >= before);
  });

  it('calls once after the time', async () => {
    const clock = new SystemClock();
    const before = clock.monotonic();
    await new Promise<void>((done) => clock.after(5, done));
    assert.ok(clock.monotonic() - before >= 4);
  });

  it('does not call after it was cancelled, and takes a past moment for now', async () => {
    const clock = new SystemClock();
    const cancel = clock.after(0, () => assert.fail('cancelled'));
    cancel();
    await new Promise<void>((done) => clock.after(-5, done));
  });

  it('waits for as long as it is told, also longer than a timer of Node can', () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const calls: string[] = [];
      new SystemClock().after(30 * DAY_MS, () => calls.push('month'));
      const cancel = new SystemClock().after(60 * DAY_MS, () => calls.push('cancelled'));
      new SystemClock().after(Infinity, () => calls.push('never'));
      mock.timers.tick(LONGEST_MS);
      mock.timers.tick(30 * DAY_MS - LONGEST_MS - 1);
      assert.deepEqual(calls, []);
      cancel();
      mock.timers.tick(1);
      assert.deepEqual(calls, ['month']);
      mock.timers.tick(60 * DAY_MS);
      assert.deepEqual(calls, ['month']);
    } finally {
      mock.timers.reset();
    }
  });
});
