// Named timers on one alarm.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { ProxyEvent } from '../proxy/engine.ts';
import { AlarmQueue } from './alarm-queue.ts';
import { PumpTimers, withoutElapsed } from './pump-timers.ts';

function make(react: (name: string, timers: PumpTimers) => void = () => undefined): {
  clock: ManualClock;
  timers: PumpTimers;
  elapsed: string[];
} {
  const clock = new ManualClock();
  const elapsed: string[] = [];
  const timers: PumpTimers = new PumpTimers(new AlarmQueue(clock), {
    timerElapsed: (name) => {
      elapsed.push(`${name}@${String(clock.monotonic())}`);
      react(name, timers);
    },
  });
  return { clock, timers, elapsed };
}

describe('pump timers', () => {
  it('elapse once, at their time', () => {
    const { clock, timers, elapsed } = make();
    timers.set('late', 30, 'total');
    timers.set('early', 10, 'total');
    clock.advance(100);
    assert.deepEqual(elapsed, ['early@10', 'late@30']);
    assert.equal(clock.armed, 0);
  });

  it('wait no longer than the limit for traffic, and as long as they say for anything else', () => {
    const { clock, timers, elapsed } = make();
    timers.limitIdle(60);
    timers.set('long', 100, 'idle');
    timers.set('short', 50, 'idle');
    timers.set('total', 100, 'total');
    clock.advance(40);
    timers.traffic();
    clock.advance(100);
    assert.deepEqual(elapsed, ['short@90', 'long@100', 'total@100']);
  });

  it('are re-armed and disarmed', () => {
    const { clock, timers, elapsed } = make();
    timers.set('again', 10, 'total');
    timers.set('never', 10, 'idle');
    clock.advance(5);
    timers.set('again', 10, 'total');
    timers.set('never', undefined, 'idle');
    clock.advance(100);
    assert.deepEqual(elapsed, ['again@15']);
    assert.equal(clock.armed, 0);
  });

  it('for idleness start anew with traffic; total ones do not', () => {
    const { clock, timers, elapsed } = make();
    timers.set('idle', 10, 'idle');
    timers.set('total', 25, 'total');
    for (let count = 0; count < 6; count++) {
      clock.advance(5);
      timers.traffic();
    }
    clock.advance(100);
    assert.deepEqual(elapsed, ['total@25', 'idle@40']);
  });

  it('do not count traffic before they were armed', () => {
    const { clock, timers, elapsed } = make();
    timers.traffic();
    clock.advance(50);
    timers.set('idle', 10, 'idle');
    clock.advance(10);
    assert.deepEqual(elapsed, ['idle@60']);
  });

  it('that elapse together leave alone what the first one changes', () => {
    const { clock, timers, elapsed } = make((name, all) => {
      if (name !== 'first') return;
      all.set('disarmed', undefined, 'total');
      all.set('later', 10, 'total');
    });
    for (const name of ['first', 'disarmed', 'later', 'same']) timers.set(name, 10, 'total');
    clock.advance(100);
    assert.deepEqual(elapsed, ['first@10', 'same@10', 'later@20']);
  });

  it('leave nothing when they are cleared', () => {
    const { clock, timers, elapsed } = make();
    timers.set('one', 10, 'idle');
    timers.clear();
    assert.equal(clock.armed, 0);
    timers.set('two', 10, 'total');
    clock.advance(10);
    assert.deepEqual(elapsed, ['two@10']);
  });

  describe('before a rest', () => {
    function quietAt(act: (timers: PumpTimers, clock: ManualClock) => void): readonly number[] {
      const clock = new ManualClock();
      const told: number[] = [];
      const owner = { timerElapsed: () => undefined, quiet: () => told.push(clock.monotonic()) };
      act(new PumpTimers(new AlarmQueue(clock), owner, 50), clock);
      clock.advance(1_000);
      assert.equal(clock.armed, 0);
      return told;
    }

    it('tell of quiet once, so long after the last one was armed, and whenever one has elapsed', () => {
      const often = quietAt((timers, clock) => {
        timers.set('long', 500, 'total');
        clock.advance(40);
        timers.set('long', 500, 'total');
      });
      assert.deepEqual(often, [90, 540]);
      assert.deepEqual(
        quietAt((timers) => timers.set('short', 10, 'total')),
        [10, 50],
      );
    });

    it('tell of nothing once they are cleared', () => {
      const none = quietAt((timers) => {
        timers.set('long', 500, 'total');
        timers.clear();
      });
      assert.deepEqual(none, []);
    });

    it('leave one timer at most, and none that traffic moves', () => {
      const { timers, clock } = make();
      assert.deepEqual(timers.resting, { name: undefined, dueAt: Infinity });
      clock.advance(7);
      timers.set('one', 10, 'total');
      assert.equal(timers.resting.name, 'one');
      assert.equal(timers.resting.dueAt, 17);
      timers.set('two', 10, 'total');
      assert.equal(timers.resting, undefined);
      timers.clear();
      timers.set('idle', 10, 'idle');
      assert.equal(timers.resting, undefined);
      timers.clear();
    });

    it('go on with the one that was left', () => {
      const { timers, clock, elapsed } = make();
      timers.goOn({ name: 'left', dueAt: 20 });
      clock.advance(100);
      assert.deepEqual(elapsed, ['left@20']);
    });
  });
});

it('what was told of a timer is taken back, and of another one not', () => {
  const traffic = { fromClient: 0, toClient: 0, fromServer: 0, toServer: 0 };
  const told = (timer: string): ProxyEvent => ({
    type: 'elapsed',
    timer,
    traffic: { ...traffic, clientWaits: false, clientIsFull: false },
  });
  const events: readonly ProxyEvent[] = [told('a'), { type: 'started' }, told('b')];
  assert.deepEqual(withoutElapsed(events, 'a'), events.slice(1));
});
