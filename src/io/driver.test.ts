// The driver lives in Node's loop: its events, promises, ticks, timers, exceptions and the end of the process.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { needsDriver, testLibc } from '../../test/support/driver-needs.ts';
import { turns } from '../../test/support/stream-recorder.ts';
import { Driver, SystemCallError } from './driver.ts';
import type { DescriptorHandler, Task } from './driver.ts';
import { allocateGuarded } from './guarded-memory.ts';
import type { GuardedMemory } from './guarded-memory.ts';
import type { Libc } from './libc.ts';
import { EFD_CLOEXEC, EFD_NONBLOCK, EPOLLIN } from './linux-constants.ts';

/** A descriptor that is readable once after each `poke`. */
class Poker {
  readonly libc: Libc = testLibc();
  readonly descriptor = this.libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  readonly #memory: GuardedMemory = allocateGuarded(this.libc, 8);

  poke(): void {
    this.#memory.view.setBigUint64(0, 1n, true);
    assert.equal(this.libc.write(this.descriptor, this.#memory.address, 8), 8);
  }

  close(): void {
    this.libc.close(this.descriptor);
  }
}

function handler(ready: (events: number) => void): DescriptorHandler {
  return { ready };
}

/** Registers a poker for one event and waits for it. */
async function oneEvent(driver: Driver, ready: () => void): Promise<void> {
  const poker = new Poker();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const once = handler(() => {
    driver.forget(slot, once);
    poker.close();
    resolve(undefined);
    ready();
  });
  const slot = driver.register(poker.descriptor, once, EPOLLIN);
  poker.poke();
  await promise;
}

/** The last line that a process prints which has a driver in it, and how it ended. */
function inChild(body: string): { out: string; err: string; status: number | null } {
  const script = `
    import { loadLibc } from '${import.meta.resolve('./libc.ts')}';
    import { Driver } from '${import.meta.resolve('./driver.ts')}';
    const { libc } = loadLibc();
    const driver = new Driver(libc);
    const descriptor = libc.eventfd(1, 0o2004000);
    ${body}`;
  const parameters = ['--input-type=module', '-e', script];
  const { stdout, stderr, status } = spawnSync(process.execPath, parameters, { timeout: 10_000 });
  return { out: String(stdout).trim(), err: String(stderr), status };
}

describe('the driver', needsDriver(), () => {
  for (const [name, runTicks] of [
    ['its own ticks', undefined],
    ['an immediate of Node for ticks', null],
  ] as const) {
    it(`runs promises and ticks after an event, with ${name}`, async () => {
      const driver = runTicks === null ? new Driver(testLibc(), 'none') : new Driver(testLibc());
      const order: string[] = [];
      await oneEvent(driver, () => {
        process.nextTick(() => order.push('tick'));
        queueMicrotask(() => order.push('microtask'));
        order.push('event');
      });
      await turns(5);
      assert.deepEqual(order, ['event', 'tick', 'microtask']);
    });
  }

  it('tells an edge once', async () => {
    const driver = new Driver(testLibc());
    const poker = new Poker();
    const told: string[] = [];
    const one = handler(() => told.push('one'));
    const slot = driver.register(poker.descriptor, one, EPOLLIN);
    poker.poke();
    await turns(5);
    await turns(5);
    assert.deepEqual(told, ['one']);
    driver.forget(slot, one);
    poker.close();
  });

  it('does not mistake what is registered in the place of another one', async () => {
    const driver = new Driver(testLibc());
    const [first, second, third] = [new Poker(), new Poker(), new Poker()];
    const told: string[] = [];
    // Both are ready in one batch; the one that is told first forgets the other, whose place is taken at once.
    const latest = handler(() => told.push('latest'));
    const forgotten = handler(() => told.push('stale'));
    const teller = handler(() => {
      told.push('first');
      driver.forget(place, forgotten);
      taken = driver.register(third.descriptor, latest, EPOLLIN);
    });
    const place = driver.register(second.descriptor, forgotten, EPOLLIN);
    const slot = driver.register(first.descriptor, teller, EPOLLIN);
    let taken = -1;
    first.poke();
    second.poke();
    await turns(5);
    assert.equal(taken, place);
    assert.deepEqual(told, ['first']);
    third.poke();
    await turns(5);
    assert.deepEqual(told, ['first', 'latest']);
    assert.equal(driver.count, 2);
    driver.forget(slot, teller);
    driver.forget(taken, latest);
    for (const poker of [first, second, third]) poker.close();
  });

  it('says which call failed, and keeps no place for it', () => {
    const driver = new Driver(testLibc());
    const nobody = handler(() => undefined);
    assert.throws(
      () => driver.register(-1, nobody),
      (error) => error instanceof SystemCallError && error.code === 'EBADF',
    );
    assert.equal(driver.count, 0);
  });

  it('gives the events of a descriptor to another handler, or to nobody', async () => {
    const driver = new Driver(testLibc());
    const poker = new Poker();
    const told: string[] = [];
    const one = handler(() => told.push('one'));
    const other = handler(() => told.push('other'));
    const slot = driver.register(poker.descriptor, one, EPOLLIN);
    driver.hand(slot, one, other);
    driver.hand(slot, one, one);
    poker.poke();
    await turns(5);
    assert.deepEqual(told, ['other']);
    driver.forget(slot, one);
    assert.equal(driver.count, 1);
    driver.release(slot, other, poker.descriptor);
    poker.poke();
    await turns(5);
    assert.deepEqual(told, ['other']);
    poker.close();
  });

  it('runs a task soon, also one that a task asked for, and lets timers have their turn', async () => {
    const driver = new Driver(testLibc());
    const runs: number[] = [];
    let isStopped = false;
    const task = {
      run: () => {
        runs.push(runs.length);
        if (!isStopped) driver.soon(task);
      },
    };
    driver.soon(task);
    assert.deepEqual(runs, []);
    await turns(5);
    isStopped = true;
    assert.ok(runs.length > 8);
  });

  it('runs what has had its turn behind everything else, for a while in each batch', async () => {
    const driver = new Driver(testLibc());
    const runs: string[] = [];
    const slow = (name: string): Task => ({
      run() {
        runs.push(name);
        for (const end = performance.now() + 2; performance.now() < end;);
        if (name === 'a') driver.soon({ run: () => void runs.push('soon') });
      },
    });
    for (const name of ['a', 'b', 'c']) driver.later(slow(name));
    driver.soon({ run: () => void runs.push('first') });
    await sleep(20);
    assert.deepEqual(runs, ['first', 'a', 'soon', 'b', 'c']);
  });

  it('hands an exception to the process, and goes on', () => {
    const { out, status } = inChild(`
      process.on('uncaughtException', (error) => console.log('caught', error.message));
      const handler = { ready() {
        driver.soon({ run() { throw new Error('of a task'); } });
        process.nextTick(() => { throw new Error('of a tick'); });
        setTimeout(() => { console.log('timer'); driver.forget(slot, handler); }, 20);
        throw new Error('of a handler');
      } };
      const slot = driver.register(descriptor, handler, 1);`);
    assert.deepEqual(out.split('\n').toSorted(), [
      'caught of a handler',
      'caught of a task',
      'caught of a tick',
      'timer',
    ]);
    assert.equal(status, 0);
  });

  it('ends the process with an exception that nobody catches, or a promise that nobody does', () => {
    for (const how of ['throw new Error("alas")', 'void Promise.reject(new Error("alas"))']) {
      const { err, status } = inChild(
        `driver.register(descriptor, { ready() { ${how}; } }, 1); setTimeout(() => {}, 2000);`,
      );
      assert.equal(status, 1);
      assert.match(err, /alas/);
    }
  });

  it('tells of a suspended descriptor too, and counts its batches', async () => {
    const driver = new Driver(testLibc());
    const poker = new Poker();
    const seen: string[] = [];
    const [first, second] = ['first', 'second'].map((name) => handler(() => seen.push(name)));
    assert.ok(first !== undefined && second !== undefined);
    const slot = driver.register(poker.descriptor, first, EPOLLIN);
    driver.suspend(slot, first, second);
    assert.equal(driver.count, 0);
    const { batch } = driver;
    poker.poke();
    await sleep(5); // it does not keep the test alive
    assert.deepEqual(seen, ['second']);
    assert.ok(driver.batch > batch);
    driver.resume(slot, second, first);
    assert.equal(driver.count, 1);
    poker.poke();
    await turns(5);
    assert.deepEqual(seen, ['second', 'first']);
    driver.forget(slot, first);
    poker.close();
    assert.equal(driver.count, 0);
  });

  it('keeps the process alive while something is registered, and no longer', () => {
    assert.deepEqual(inChild('').status, 0);
    const { out } = inChild(`
      const handler = { ready() { setTimeout(() => { console.log('still here'); driver.forget(slot, handler); }, 50).unref(); } };
      const slot = driver.register(descriptor, handler, 1);`);
    assert.equal(out, 'still here');
    const suspended = inChild(`
      const handler = { ready() { console.log('not reached') } };
      driver.suspend(driver.register(descriptor, handler, 4), handler, { ready() {} });`);
    assert.deepEqual([suspended.out, suspended.err, suspended.status], ['', '', 0]);
  });

  it('lets signals through', async () => {
    const driver = new Driver(testLibc());
    const signal = once(process, 'SIGWINCH');
    await oneEvent(driver, () => process.kill(process.pid, 'SIGWINCH'));
    await signal;
  });
});
