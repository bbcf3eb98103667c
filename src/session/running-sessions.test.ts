import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RunningSessions } from './running-sessions.ts';
import type { RunningSession } from './running-sessions.ts';

function session(id: number): RunningSession {
  const policy = undefined as never; // nobody looks at it
  return { id: String(id), place: 0, loaded: policy, abort: () => undefined };
}

describe('RunningSessions', () => {
  it('has what a set would have after any adds and deletes', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(7)));
    fc.assert(
      fc.property(steps, (changes) => {
        const all = Array.from({ length: 8 }, (_, id) => session(id));
        const sessions = new RunningSessions();
        const set = new Set<RunningSession>();
        for (const [isAdd, index] of changes) {
          const one = all[index] ?? assert.fail();
          if (!isAdd) sessions.delete(one);
          else if (!set.has(one)) sessions.add(one);
          if (isAdd) set.add(one);
          else set.delete(one);
          assert.equal(sessions.size, set.size);
          assert.deepEqual(new Set(sessions), set);
        }
      }),
    );
  });

  it('can be gone through while sessions end and begin', () => {
    const sessions = new RunningSessions();
    for (const id of [1, 2, 3]) sessions.add(session(id));
    const met: string[] = [];
    for (const one of sessions) {
      met.push(one.id);
      sessions.delete(one);
      sessions.add(session(9));
    }
    assert.deepEqual(met, ['1', '2', '3']);
    assert.deepEqual(
      [...sessions].map(({ id }) => id),
      ['9', '9', '9'],
    );
  });
});
