// Alarms: each goes off once, at its time, whatever becomes of the others.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { AlarmQueue, AWAKE } from './alarm-queue.ts';
import type { Sleeper } from './alarm-queue.ts';

class Guest implements Sleeper {
  place = AWAKE;
  wakeAt = 0;
  readonly woken: number[] = [];
  readonly #clock: ManualClock;
  readonly #does: () => void;

  constructor(clock: ManualClock, does: () => void = () => undefined) {
    this.#clock = clock;
    this.#does = does;
  }

  wake(): void {
    this.woken.push(this.#clock.monotonic());
    this.#does();
  }
}

describe('the queue of alarms', () => {
  it('wakes each at its time, on one timer', () => {
    const clock = new ManualClock();
    const alarms = new AlarmQueue(clock);
    const guests = [30, 10, 20].map((at) => {
      const guest = new Guest(clock);
      alarms.set(guest, at);
      return guest;
    });
    assert.equal(clock.armed, 1);
    clock.advance(100);
    assert.deepEqual(
      guests.map(({ woken }) => woken),
      [[30], [10], [20]],
    );
    assert.equal(clock.armed, 0);
  });

  it('keeps no timer for nobody', () => {
    const clock = new ManualClock();
    const alarms = new AlarmQueue(clock);
    const guest = new Guest(clock);
    alarms.set(guest, 50);
    alarms.remove(guest);
    alarms.remove(guest);
    assert.equal(clock.armed, 0);
    clock.advance(100);
    assert.deepEqual(guest.woken, []);
  });

  it('lets whoever is woken ask for now again without holding up the rest', () => {
    const clock = new ManualClock();
    const alarms = new AlarmQueue(clock);
    const eager: Guest = new Guest(clock, () => {
      if (eager.woken.length < 3) alarms.set(eager, 0);
    });
    alarms.set(eager, 10);
    clock.advance(100);
    assert.deepEqual(eager.woken, [10, 11, 12]);
  });

  it('wakes the others, whatever one of them throws', () => {
    const clock = new ManualClock();
    const alarms = new AlarmQueue(clock);
    const bad = new Guest(clock, () => {
      throw new Error('a bug');
    });
    const good = new Guest(clock);
    alarms.set(bad, 10);
    alarms.set(good, 10);
    assert.throws(() => clock.advance(10), /a bug/);
    clock.advance(10);
    assert.equal(good.woken.length, 1);
  });

  it('wakes as a list of alarms would, whatever is set, moved and removed', () => {
    const step = fc.tuple(
      fc.constantFrom('set', 'remove', 'pass'),
      fc.nat({ max: 9 }),
      fc.integer({ min: 1, max: 50 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new ManualClock();
        const alarms = new AlarmQueue(clock);
        const guests = Array.from({ length: 10 }, () => new Guest(clock));
        const due = new Map<Guest, number>();
        const expected = new Map(guests.map((guest): [Guest, number[]] => [guest, []]));
        const pass = (ms: number): void => {
          const until = clock.monotonic() + ms;
          for (const [guest, at] of due) {
            if (at > until) continue;
            expected.get(guest)?.push(at);
            due.delete(guest);
          }
          clock.advance(ms);
        };
        for (const [what, index, ms] of steps) {
          const guest = guests[index];
          if (what === 'pass' || guest === undefined) {
            pass(ms);
          } else if (what === 'set') {
            alarms.set(guest, clock.monotonic() + ms);
            due.set(guest, clock.monotonic() + ms);
          } else {
            alarms.remove(guest);
            due.delete(guest);
          }
        }
        pass(100);
        for (const guest of guests) assert.deepEqual(guest.woken, expected.get(guest));
        assert.equal(clock.armed, 0);
      }),
    );
  });
});
