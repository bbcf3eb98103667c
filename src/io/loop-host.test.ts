// Somebody waits in place of Node's loop: all that Node does itself goes on, whatever it was begun from.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { needsDriver } from '../../test/support/driver-needs.ts';

const LIBC = JSON.stringify(new URL('libc.ts', import.meta.url).href);
const DRIVER = JSON.stringify(new URL('driver.ts', import.meta.url).href);

/** A driver that waits for a descriptor; `poke` makes it readable, and `told` is called for it. */
const WITH_DRIVER = `
  const { loadLibc } = await import(${LIBC});
  const { Driver } = await import(${DRIVER});
  const { libc } = loadLibc();
  const { allocateGuarded } = await import(${DRIVER.replace('driver.ts', 'guarded-memory.ts')});
  const memory = allocateGuarded(libc, 8);
  memory.view.setBigUint64(0, 1n, true);
  function pokerOf(driver) {
    const descriptor = libc.eventfd(0, 0o2004000);
    const poker = {
      told: () => undefined,
      ready: () => poker.told(),
      poke: () => libc.write(descriptor, memory.address, 8),
      end: () => driver.forget(slot, poker),
    };
    const slot = driver.register(descriptor, poker, 1 | (1 << 31));
    return poker;
  }
  const driver = new Driver(libc);
  const poker = pokerOf(driver);
`;

/** Everything by which Node tells that something has happened. */
const ALL_WORK = `
  const { execFile } = await import('node:child_process');
  const { once } = await import('node:events');
  const { readFile } = await import('node:fs/promises');
  const { connect, createServer } = await import('node:net');
  const { promisify } = await import('node:util');
  const { gzip } = await import('node:zlib');
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  async function echo() {
    const socket = connect(server.address().port, '127.0.0.1');
    socket.write('x');
    await once(socket, 'data');
    socket.pause();
    setImmediate(() => socket.resume());
    socket.write('y');
    await once(socket, 'data');
    socket.end();
    await once(socket, 'close');
  }
  const signalled = () => once(process, 'SIGUSR2');
  process.on('SIGUSR2', () => undefined);
  const WORK = {
    microtask: () => Promise.resolve(),
    tick: () => new Promise((resolve) => process.nextTick(resolve)),
    immediate: () => new Promise((resolve) => setImmediate(resolve)),
    timer: () => new Promise((resolve) => setTimeout(resolve, 3)),
    file: () => readFile('/etc/passwd'),
    pool: () => promisify(gzip)(Buffer.alloc(100_000)),
    program: () => promisify(execFile)('true'),
    echo,
    signal: () => {
      const heard = signalled();
      process.kill(process.pid, 'SIGUSR2');
      return heard;
    },
  };
`;

function run(code: string): { readonly status: number | null; readonly out: string } {
  const args = ['--input-type=module', '--eval', code];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, out: `${stdout}${stderr}`.trim() };
}

describe('waiting in place of the loop', needsDriver(), () => {
  it('lets each kind of work of Node end, from wherever it was begun', () => {
    const { status, out } = run(`${WITH_DRIVER} ${ALL_WORK}
      const FROM = {
        event: (begin) => { poker.told = begin; poker.poke(); },
        immediate: (begin) => setImmediate(begin),
        timer: (begin) => setTimeout(begin, 2),
        file: (begin) => readFile('/etc/passwd').then(begin),
        connection: (begin) => echo().then(begin),
      };
      let done = 0;
      for (let round = 0; round < 5; round++)
        for (const from of Object.values(FROM))
          for (const work of Object.values(WORK)) {
            await new Promise((resolve) => from(() => void work().then(resolve)));
            done++;
          }
      console.log(done);
      server.close();
      poker.end();
    `);
    assert.deepEqual({ status, out }, { status: 0, out: String(5 * 5 * 9) });
  });

  it('hears of its own descriptors while Node is busy', () => {
    const { status, out } = run(`${WITH_DRIVER} ${ALL_WORK}
      let isOver = false;
      const busy = [WORK.immediate, WORK.pool, WORK.echo, WORK.timer].map(async (work) => {
        while (!isOver) await work();
      });
      for (let told = 0; told < 300; told++)
        await new Promise((resolve) => { poker.told = resolve; poker.poke(); });
      isOver = true;
      await Promise.all(busy);
      console.log('over');
      server.close();
      poker.end();
    `);
    assert.deepEqual({ status, out }, { status: 0, out: 'over' });
  });

  it('lets the loop turn now and then, for what does not keep it from waiting', () => {
    const { status, out } = run(`${WITH_DRIVER}
      let told = 0;
      setTimeout(() => {
        setImmediate(() => {
          poker.told = () => undefined;
          console.log(told > 0 && told < 1000);
          poker.end();
        }).unref();
        poker.told = () => { if (++told < 10_000) poker.poke(); };
        poker.poke();
      }, 1);
    `);
    assert.deepEqual({ status, out }, { status: 0, out: 'true' });
  });

  it('takes one batch and no more while Node has something to do', () => {
    const { status, out } = run(`${WITH_DRIVER}
      process.on('SIGUSR2', () => poker.end());
      setTimeout(() => {
        let before;
        setImmediate(() => {
          process.kill(process.pid, 'SIGUSR2'); // its listener is called by a turn of the loop
          before = driver.batch;
        });
        driver.soon({ run: () => undefined }); // wakes the driver in the second immediate
        setImmediate(() => console.log(driver.batch - before));
      }, 1);
    `);
    assert.deepEqual({ status, out }, { status: 0, out: '1' });
  });

  it('is for one driver: the loop waits for others, and all of them are heard', () => {
    const { status, out } = run(`${WITH_DRIVER}
      const pokers = [poker, pokerOf(new Driver(libc)), pokerOf(new Driver(libc))];
      for (let round = 0; round < 100; round++)
        for (const [at, each] of pokers.entries()) {
          // Poked from where another one is told, or from a timer.
          const other = pokers[(at + round) % 3];
          await new Promise((resolve) => {
            each.told = resolve;
            if (other === each) setTimeout(each.poke, 0);
            else { other.told = each.poke; other.poke(); }
          });
        }
      console.log(libc.host(() => undefined));
      for (const each of pokers) each.end();
    `);
    assert.deepEqual({ status, out }, { status: 0, out: 'undefined' });
  });

  it('ends with the process, also from where it calls', () => {
    const quiet = run(
      `${WITH_DRIVER} poker.told = () => { console.log('told'); poker.end(); }; poker.poke();`,
    );
    assert.deepEqual(quiet, { status: 0, out: 'told' });
    const sudden = run(`${WITH_DRIVER} poker.told = () => process.exit(7); poker.poke();`);
    assert.deepEqual(sudden, { status: 7, out: '' });
    const failing = run(
      `${WITH_DRIVER} poker.told = () => { throw new Error('bug'); }; poker.poke();`,
    );
    assert.equal(failing.status, 1);
    assert.match(failing.out, /bug/);
  });

  it('keeps no process alive for a driver that could not be made', () => {
    const { status, out } = run(`
      const { loadLibc } = await import(${LIBC});
      const { Driver } = await import(${DRIVER});
      try {
        new Driver({ ...loadLibc().libc, epoll_ctl: () => -1 });
      } catch (error) {
        console.log(error.message.startsWith('epoll_ctl failed'));
      }
    `);
    assert.deepEqual({ status, out }, { status: 0, out: 'true' });
  });

  // As when somebody registers while the process ends, and Node takes its loop apart.
  it('does not call any more when it is closed', () => {
    const { status, out } = run(`
      const { loadLibc } = await import(${LIBC});
      let calls = 0;
      const host = loadLibc().libc.host(() => { calls++; host.stop(); });
      host.start();
      await new Promise((resolve) => setTimeout(resolve, 2));
      const before = calls;
      host.start();
      host.close();
      host.start();
      await new Promise((resolve) => setTimeout(resolve, 2));
      console.log(before, calls - before);
    `);
    assert.deepEqual({ status, out }, { status: 0, out: '1 0' });
  });

  it('is not for workers, whose loops are others', async () => {
    const code = `(async () => {
      const { loadLibc } = await import(${LIBC});
      process.exitCode = loadLibc().libc.host(() => undefined) === undefined ? 7 : 1;
    })()`;
    const { promise, resolve } = Promise.withResolvers<number>();
    new Worker(code, { eval: true }).once('exit', resolve);
    assert.equal(await promise, 7);
  });
});
