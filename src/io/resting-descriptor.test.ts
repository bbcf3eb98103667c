// What is particular to a descriptor whose stream rests; that the stream goes on as if it had not is in the conformance suite.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { streamPair, testShare } from '../../test/support/driver-pair.ts';
import { StreamRecorder, turns } from '../../test/support/stream-recorder.ts';

describe('a descriptor at rest', needsDriver(), () => {
  const share = testShare();

  it('stays registered and counted, once', async () => {
    const free = share.budget.free;
    const [near, far] = streamPair(share);
    const [a, b] = [new StreamRecorder('a', near), new StreamRecorder('b', far)];
    a.listen();
    b.listen();
    const taken = share.budget.free;
    await turns(3);
    assert.ok(b.rest(() => b.wake()));
    assert.equal(share.budget.free, taken);
    assert.equal(share.driver.count, 2);
    b.wake();
    assert.equal(share.budget.free, taken);
    assert.equal(share.driver.count, 2);
    for (const one of [a, b]) one.destroy();
    await Promise.all([a.untilClosed(), b.untilClosed()]);
    assert.equal(share.budget.free, free);
    assert.equal(share.driver.count, 0);
  });

  it('lets whoever it wakes close the stream at once', async () => {
    const [near, far] = streamPair(share);
    const [a, b] = [new StreamRecorder('a', near), new StreamRecorder('b', far)];
    a.listen();
    b.listen();
    await turns(3);
    const stirs = (): void => {
      b.wake();
      b.destroy('reset');
    };
    assert.ok(b.rest(stirs));
    a.write(Buffer.from('x'), 'given');
    await Promise.all([a.untilClosed(), b.untilClosed()]);
    assert.equal(b.bytes().length, 0);
    assert.deepEqual(b.faults, []);
    assert.equal(share.driver.count, 0);
  });
});
