// Pipes are made when they are needed, kept when they are empty, and counted.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver, testLibc } from '../../test/support/driver-needs.ts';
import { isOpen } from '../../test/support/own-process.ts';
import type { Libc } from './libc.ts';
import { F_GETPIPE_SZ } from './linux-constants.ts';
import { PipePool } from './pipe-pool.ts';
import type { Pipe } from './pipe-pool.ts';

/** An account with room for so many pipes. */
function accountOf(most = Infinity): { pipes: number; hasRoomForPipe: boolean } & Account {
  return {
    pipes: 0,
    get hasRoomForPipe(): boolean {
      return this.pipes < most;
    },
    take(): void {
      this.pipes++;
    },
    giveBack(): void {
      this.pipes--;
    },
  };
}

interface Account {
  take(): void;
  giveBack(): void;
}

function takeAll(pool: PipePool, most: number): Pipe[] {
  const pipes: Pipe[] = [];
  while (pipes.length < most) {
    const pipe = pool.take();
    if (pipe === undefined) break;
    pipes.push(pipe);
  }
  return pipes;
}

describe('a pool of pipes', needsDriver(), () => {
  it('makes pipes of the size that the system permits, and gives the same one again', () => {
    const account = accountOf();
    const pool = new PipePool(testLibc(), account);
    const pipe = pool.take();
    assert.ok(pipe !== undefined);
    assert.equal(testLibc().fcntl(pipe.readEnd, F_GETPIPE_SZ, 0), pipe.capacity);
    assert.ok(pipe.capacity >= 65_536);
    pool.giveBack(pipe);
    assert.equal(pool.take(), pipe);
    assert.deepEqual([pool.openCount, account.pipes], [1, 1]);
    pool.discard(pipe);
    assert.deepEqual([pool.openCount, account.pipes, isOpen(pipe.readEnd, 'pipe')], [0, 0, false]);
  });

  it('keeps a few, and closes the others', () => {
    const account = accountOf();
    const pool = new PipePool(testLibc(), account);
    const pipes = takeAll(pool, 40);
    for (const pipe of pipes) pool.giveBack(pipe);
    assert.equal(pool.idleCount, 32);
    assert.equal(account.pipes, 32);
    assert.equal(pipes.filter(({ writeEnd }) => isOpen(writeEnd, 'pipe')).length, 32);
    pool.clear();
    assert.deepEqual([account.pipes, pool.openCount], [0, 0]);
    assert.equal(
      pipes.some(({ readEnd }) => isOpen(readEnd, 'pipe')),
      false,
    );
  });

  it('closes them when they have been idle for a while', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const account = accountOf();
    const pool = new PipePool(testLibc(), account);
    for (const pipe of takeAll(pool, 3)) pool.giveBack(pipe);
    t.mock.timers.tick(1000);
    assert.equal(pool.idleCount, 3);
    t.mock.timers.tick(999);
    for (const pipe of takeAll(pool, 1)) pool.giveBack(pipe);
    t.mock.timers.tick(1001);
    assert.equal(pool.idleCount, 3);
    t.mock.timers.tick(1000);
    assert.deepEqual([pool.idleCount, account.pipes], [0, 0]);
    for (const pipe of takeAll(pool, 1)) pool.giveBack(pipe);
    for (let tick = 0; tick < 3; tick++) t.mock.timers.tick(1000);
    assert.equal(account.pipes, 0);
  });

  it('leaves descriptors to connections, and has a bound of its own', () => {
    const little = new PipePool(testLibc(), accountOf(3));
    const few = takeAll(little, 10);
    assert.equal(few.length, 3);
    assert.equal(little.take(), undefined);
    for (const pipe of few) little.giveBack(pipe);
    assert.deepEqual([little.openCount, little.idleCount], [2, 2]);
    little.clear();
    const pool = new PipePool(testLibc(), accountOf());
    const pipes = takeAll(pool, 1000);
    assert.ok(pipes.length <= 256, `${pipes.length} pipes`);
    for (const pipe of pipes) pool.discard(pipe);
  });

  it('is content with smaller pipes, and closes those that are too small', () => {
    const closed: number[] = [];
    const asked: number[] = [];
    let permitted = 262_144;
    const libc: Libc = {
      ...testLibc(),
      close: (descriptor) => {
        closed.push(descriptor);
        return testLibc().close(descriptor);
      },
      fcntl: (_descriptor, _command, wanted) => {
        asked.push(wanted);
        return wanted > permitted ? -1 : wanted;
      },
    };
    const pool = new PipePool(libc, accountOf());
    const pipe = pool.take();
    assert.equal(pipe?.capacity, 262_144);
    assert.deepEqual(asked, [1_048_576, 262_144]);
    permitted = 8192;
    assert.equal(pool.take(), undefined);
    assert.deepEqual([closed.length, pool.openCount], [2, 1]);
    // It does not ask the system at every read of a relay that copies.
    asked.length = 0;
    for (let ask = 0; ask < 64; ask++) assert.equal(pool.take(), undefined);
    assert.deepEqual(asked, []);
    permitted = Infinity;
    assert.equal(pool.take()?.capacity, 1_048_576);
    pool.discard(pipe);
  });
});
