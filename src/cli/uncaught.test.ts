import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryLog } from '../../test/support/memory-log.ts';
import { untilCollected } from '../../test/support/until-collected.ts';
import { watchUncaught } from './uncaught.ts';

/** A watch, and a way to throw where nobody catches. */
function watch(): { throwIt: (error: unknown) => void; watched: ReturnType<typeof watchUncaught> } {
  let throwIt: (error: unknown) => void = () => undefined;
  const events = {
    onUncaught: (call: (error: unknown) => void) => {
      throwIt = call;
    },
  };
  const watched = watchUncaught(events, 'Cannot check policy.ts');
  return { throwIt: (error) => throwIt(error), watched };
}

describe('watchUncaught()', () => {
  it('fails what waits, in one sentence', async () => {
    const { throwIt, watched } = watch();
    const never = new Promise<never>(() => undefined);
    const waiting = watched.unlessUncaught(never);
    throwIt(new Error('later'));
    await assert.rejects(waiting, {
      exitCode: 1,
      message: 'Cannot check policy.ts: an exception was not caught: Error: later',
    });
  });

  it('leaves alone what comes first', async () => {
    const { watched } = watch();
    assert.equal(await watched.unlessUncaught(Promise.resolve(7)), 7);
  });

  it('keeps nothing of what has come, once there is a log', async () => {
    const { watched } = watch();
    const come = new WeakRef(await watched.unlessUncaught(Promise.resolve({})));
    watched.logTo(new MemoryLog());
    await untilCollected(come);
  });

  it('logs and counts once there is a log', () => {
    const { throwIt, watched } = watch();
    const log = new MemoryLog();
    watched.logTo(log);
    throwIt('one');
    throwIt(new TypeError('two'));
    assert.deepEqual(log.codes, ['bug.uncaught', 'bug.uncaught']);
    assert.equal(log.lines[1]?.fields?.['count'], 2);
  });

  it('logs what cannot be shown, and throws nothing itself', () => {
    const { throwIt, watched } = watch();
    const log = new MemoryLog();
    watched.logTo(log);
    throwIt(Object.create(null));
    throwIt(Object.defineProperty(new Error(), 'message', { get: () => assert.fail() }));
    assert.deepEqual(log.codes, ['bug.uncaught', 'bug.uncaught']);
  });
});
