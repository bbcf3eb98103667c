// Counts by name, and a limit that is a limit.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceCounters } from './service-counters.ts';

describe('service counters', () => {
  it('number sessions from 0, each service for itself', () => {
    const counters = new ServiceCounters();
    assert.deepEqual(
      ['a', 'a', 'b'].map((name) => counters.nextInstanceId(name)),
      [0, 1, 0],
    );
    assert.deepEqual(counters.of('a'), { running: 0, started: 2 });
  });

  it('permit as many as the limit says; 0 is any number', () => {
    const counters = new ServiceCounters();
    assert.deepEqual(
      [1, 2, 3].map(() => counters.start('a', 2)),
      [true, true, false],
    );
    assert.equal(counters.of('a').running, 2);
    counters.stop('a');
    assert.equal(counters.start('a', 2), true);
    for (let count = 0; count < 100; count++) assert.equal(counters.start('b', 0), true);
    assert.equal(counters.start('a', 2), false);
  });
});
