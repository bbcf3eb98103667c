import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { MemoryLog } from '../../test/support/memory-log.ts';
import { UnansweredRecords } from './unanswered-records.ts';

function takenOf(records: UnansweredRecords, count: number): number {
  return Array.from({ length: count }, () => records.takes()).filter((taken) => taken).length;
}

describe('UnansweredRecords', () => {
  it('takes 50 in a second, and tells the number of the others once when ten seconds are over', () => {
    const log = new MemoryLog();
    const clock = new ManualClock();
    const records = new UnansweredRecords(log, clock);
    assert.equal(takenOf(records, 1_000), 50);
    clock.advance(999);
    assert.equal(takenOf(records, 1_000), 0);
    clock.advance(1);
    assert.equal(takenOf(records, 1_000), 50);
    assert.deepEqual(log.codes, []);
    clock.advance(60_000);
    const [line, ...others] = log.lines;
    assert.deepEqual(others, []);
    assert.equal(line?.code, 'datagrams.unrecorded');
    assert.deepEqual(line.fields, { sessions: 2_900 });
  });

  it('says nothing where all were taken', () => {
    const log = new MemoryLog();
    const clock = new ManualClock();
    const records = new UnansweredRecords(log, clock);
    for (let second = 0; second < 20; second++) {
      assert.equal(takenOf(records, 50), 50);
      clock.advance(1_000);
    }
    records.stop();
    assert.deepEqual(log.codes, []);
  });

  it('tells at once what is untold when it stops, and then waits for nothing', () => {
    const log = new MemoryLog();
    const clock = new ManualClock();
    const records = new UnansweredRecords(log, clock);
    takenOf(records, 60);
    records.stop();
    clock.advance(60_000);
    assert.deepEqual(
      log.lines.map(({ fields }) => fields),
      [{ sessions: 10 }],
    );
  });
});
