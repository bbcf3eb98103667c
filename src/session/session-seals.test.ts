import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { systemDigests } from '../io/digests.ts';
import { SessionSeals } from './session-seals.ts';

function sealsOf(clock: ManualClock, scope = 'web 10.1.2.3', key = 'secret'): SessionSeals {
  return new SessionSeals({ clock, digests: systemDigests, key: () => key, scope });
}

describe('SessionSeals', () => {
  it('opens what it has sealed', () => {
    const seals = sealsOf(new ManualClock());
    for (const text of ['', 'alice', 'žluťoučký\n"; a=b', 'x'.repeat(3_000)]) {
      const sealed = seals.seal('cookie', text, 1_000);
      assert.match(sealed, /^[A-Za-z0-9_.-]+$/);
      assert.equal(seals.open('cookie', sealed), text);
    }
  });

  it('opens it for its time only', () => {
    const clock = new ManualClock();
    const seals = sealsOf(clock);
    const sealed = seals.seal('cookie', 'alice', 1_000);
    clock.advance(999);
    assert.equal(seals.open('cookie', sealed), 'alice');
    clock.advance(1);
    assert.equal(seals.open('cookie', sealed), undefined);
  });

  it('opens it for its purpose, its scope and its key only', () => {
    const clock = new ManualClock();
    const sealed = sealsOf(clock).seal('cookie', 'alice', 1_000);
    assert.equal(sealsOf(clock).open('form', sealed), undefined);
    assert.equal(sealsOf(clock, 'web 10.1.2.4').open('cookie', sealed), undefined);
    assert.equal(sealsOf(clock, 'web 10.1.2.3', 'other').open('cookie', sealed), undefined);
    assert.equal(sealsOf(clock).open('cookie', sealed), 'alice');
  });

  it('opens nothing that was changed in any place', () => {
    const seals = sealsOf(new ManualClock());
    const sealed = seals.seal('cookie', 'alice', 1_000);
    for (let at = 0; at < sealed.length; at++) {
      const other = sealed[at] === 'A' ? 'B' : 'A';
      const changed = sealed.slice(0, at) + other + sealed.slice(at + 1);
      // The last character of a digest has two bits that say nothing.
      if (at < sealed.length - 1) assert.equal(seals.open('cookie', changed), undefined, changed);
    }
    for (const bad of ['', '..', sealed.slice(1), `${sealed}A`, sealed.repeat(200)])
      assert.equal(seals.open('cookie', bad), undefined);
  });
});
