import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, describe, it } from 'node:test';
import { hashSync } from 'bcryptjs';
import { BcryptThread } from './bcrypt-thread.ts';

describe('BcryptThread', () => {
  const thread = new BcryptThread();
  after(() => thread.stop());

  it('says whether a password has a hash', async () => {
    const hash = hashSync('secret', 4);
    const answers = ['secret', 'Secret', 'secret', ''].map((one) => thread.matches(one, hash));
    assert.deepEqual(await Promise.all(answers), [true, false, true, false]);
  });

  it('leaves the event loop alone', async () => {
    const hash = hashSync('secret', 11); // 150 ms of computation
    await thread.matches('secret', hashSync('secret', 4)); // the thread runs
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    assert.equal(await thread.matches('secret', hash), true);
    delay.disable();
    assert.ok(delay.percentile(50) / 1e6 < 50, `${delay.percentile(50) / 1e6} ms`);
  });

  it('refuses when too many wait', async () => {
    const hash = hashSync('secret', 4);
    const asked = Array.from({ length: 257 }, () => thread.matches('secret', hash));
    const results = await Promise.allSettled(asked);
    assert.equal(results.filter(({ status }) => status === 'rejected').length, 1);
    assert.equal(results.at(-1)?.status, 'rejected');
  });

  it('tells those that wait when the thread fails, and begins another one', async () => {
    const failing = new BcryptThread(
      new URL(`data:text/javascript,${encodeURIComponent('throw new Error("no")')}`),
    );
    await assert.rejects(failing.matches('a', 'b'), /failed|ended/);
    await assert.rejects(failing.matches('a', 'b'), /failed|ended/);
  });

  it('tells those that wait when it is stopped', async () => {
    const stopped = new BcryptThread();
    const asked = stopped.matches('secret', hashSync('secret', 4).replace('$04$', '$12$'));
    const told = assert.rejects(asked, /has ended/);
    await stopped.stop();
    await told;
  });
});
