import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from '../proxy/policy-fault.ts';
import { playedSession } from '../proxy/played-session.ts';
import type { Authorization } from './authorization.ts';
import { permitTime } from './authorization-time.ts';

const [SUNDAY, MONDAY, TUESDAY, SATURDAY] = [0, 1, 2, 6];

function permits(time: Authorization, weekday: number, clock: string): boolean {
  const minute = Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
  const identity = { user: 'alice', groups: [] };
  return time.permits({ identity, moment: { weekday, minute }, session: playedSession() });
}

describe('permitTime()', () => {
  it('permits from the first minute until before the last', () => {
    const office = permitTime([{ from: '08:00', until: '17:30' }]);
    assert.equal(permits(office, SUNDAY, '07:59'), false);
    assert.equal(permits(office, SUNDAY, '08:00'), true);
    assert.equal(permits(office, SUNDAY, '17:29'), true);
    assert.equal(permits(office, SUNDAY, '17:30'), false);
  });

  it('permits on certain days', () => {
    const monday = permitTime([{ days: ['mon'], from: '00:00', until: '24:00' }]);
    assert.equal(permits(monday, MONDAY, '00:00'), true);
    assert.equal(permits(monday, MONDAY, '23:59'), true);
    assert.equal(permits(monday, TUESDAY, '12:00'), false);
  });

  it('goes over midnight, on the day on which it began', () => {
    const night = permitTime([{ days: ['mon', 'sat'], from: '22:00', until: '06:00' }]);
    assert.equal(permits(night, MONDAY, '21:59'), false);
    assert.equal(permits(night, MONDAY, '22:00'), true);
    assert.equal(permits(night, TUESDAY, '05:59'), true);
    assert.equal(permits(night, TUESDAY, '06:00'), false);
    assert.equal(permits(night, MONDAY, '05:00'), false);
    assert.equal(permits(night, SUNDAY, '05:00'), true);
    assert.equal(permits(night, SATURDAY, '05:00'), false);
  });

  it('permits in any of several intervals', () => {
    const parts = permitTime([
      { from: '08:00', until: '12:00' },
      { from: '13:00', until: '17:00' },
    ]);
    assert.equal(permits(parts, MONDAY, '09:00'), true);
    assert.equal(permits(parts, MONDAY, '12:30'), false);
    assert.equal(permits(parts, MONDAY, '16:59'), true);
    assert.equal(parts.explain(), 'at 08:00 to 12:00, 13:00 to 17:00');
    assert.equal(
      permitTime([{ days: ['mon', 'fri'], from: '08:00', until: '24:00' }]).explain(),
      'at mon fri 08:00 to 24:00',
    );
  });

  it('tells what is wrong', () => {
    for (const bad of [
      [],
      [{ from: '8:00', until: '17:00' }],
      [{ from: '08:00', until: '25:00' }],
      [{ from: '24:00', until: '08:00' }],
      [{ from: '08:00', until: '08:00' }],
      [{ from: '08:00', until: '17:00', days: [] }],
      [{ from: '08:00', until: '17:00', days: ['monday'] }],
      [{ from: '08:00', until: '17:00', zone: 'UTC' }],
      '08:00',
    ])
      assert.ok(faultsOf(permitTime(bad as never)).length > 0, JSON.stringify(bad));
  });
});
