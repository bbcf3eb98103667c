// Whoever comes with much is measured, and what it may read follows from how long that takes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FIRST_TURN_BYTES, MAX_TURN_MS, MIN_BULK_BYTES, ReadTurn } from './read-turn.ts';

const MAX_BYTES = 131_072;

/** What a stream may read after turns that each use all that they may, and take so long. */
function after(...turnsMs: readonly number[]): number {
  let nowMs = 1000;
  const turn = new ReadTurn(MAX_BYTES, () => nowMs);
  let bulkBytes = 0;
  for (const tookMs of turnsMs) {
    const allowed = turn.begin(bulkBytes);
    nowMs += tookMs;
    bulkBytes = turn.end(allowed);
  }
  return bulkBytes;
}

describe('ReadTurn', () => {
  it('lets a stream that comes with little read at once what a few requests are', () => {
    const turn = new ReadTurn(MAX_BYTES);
    assert.equal(turn.begin(0), FIRST_TURN_BYTES);
    assert.equal(turn.end(MIN_BULK_BYTES - 1), 0);
    assert.equal(turn.begin(0), FIRST_TURN_BYTES);
    assert.equal(turn.end(MIN_BULK_BYTES), FIRST_TURN_BYTES);
  });

  it('does not look at the clock for it', () => {
    const turn = new ReadTurn(MAX_BYTES, () => assert.fail('the clock was asked'));
    turn.begin(0);
    assert.ok(turn.end(FIRST_TURN_BYTES) > 0);
  });

  it('lets a stream in bulk read more and more, up to the most, while it is quick', () => {
    assert.equal(after(0), 2 * FIRST_TURN_BYTES);
    assert.equal(after(0, 0), MAX_BYTES);
    assert.equal(after(0, 0, 0), MAX_BYTES);
  });

  it('leaves it as it is between quick and slow, and where it did not read all that it might', () => {
    assert.equal(after(0, MAX_TURN_MS * 0.7), 2 * FIRST_TURN_BYTES);
    const turn = new ReadTurn(MAX_BYTES, () => 0);
    assert.equal(turn.begin(FIRST_TURN_BYTES), FIRST_TURN_BYTES);
    assert.equal(turn.end(FIRST_TURN_BYTES - 1), FIRST_TURN_BYTES);
  });

  it('lets it read less and less, down to the least, while it is slow', () => {
    const slow = MAX_TURN_MS * 1.5;
    assert.equal(after(0, slow), FIRST_TURN_BYTES);
    assert.equal(after(0, slow, slow), FIRST_TURN_BYTES / 2);
    assert.equal(after(0, slow, slow, slow, slow, slow, slow), MIN_BULK_BYTES);
    assert.equal(after(0, slow, slow, slow, slow, slow, slow, 0), 2 * MIN_BULK_BYTES);
  });

  it('forgets a stream that comes with little again', () => {
    const turn = new ReadTurn(MAX_BYTES);
    turn.begin(MAX_BYTES);
    assert.equal(turn.end(100), 0);
  });
});
