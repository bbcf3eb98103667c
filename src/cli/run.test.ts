import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { CliWorld } from '../../test/support/cli-world.ts';
import { GOOD_POLICY, PolicyFiles } from '../../test/support/policy-files.ts';
import type { Running } from './run.ts';
import { DRAIN_MS, run } from './run.ts';

const files = new PolicyFiles();
after(() => files.remove());

/** Starts a run of a file; `ended` is its exit code. */
async function start(
  text = GOOD_POLICY,
): Promise<{ readonly world: CliWorld; readonly path: string; readonly ended: Promise<number> }> {
  const world = new CliWorld();
  const path = files.write('policy.ts', text);
  const ended = run(path, { json: false }, world.tools);
  await Promise.race([world.log.next('instance.started'), ended]);
  return { world, path, ended };
}

describe('run()', () => {
  it('starts the instance, says where it listens, and ends with 0 when it has drained', async () => {
    const { world, ended } = await start();
    const [options] = world.started;
    assert.equal(options?.instance, 'zorp');
    assert.equal(options.log, world.log);
    assert.match(options.loaded.revision, /^[0-9a-f]{12}$/);
    world.signal('SIGTERM');
    assert.equal(await ended, 0);
    assert.deepEqual(world.drained, [DRAIN_MS]);
    const codes = ['started', 'listening', 'draining', 'ended'].map((code) => `instance.${code}`);
    assert.deepEqual(world.log.codes, codes);
    assert.deepEqual([world.out, world.err], ['', '']);
  });

  it('becomes another user before it reads the policy', async () => {
    const world = new CliWorld();
    world.becoming = () => {
      throw new Error('Cannot run as nobody: only root may');
    };
    const path = '/nowhere/policy.ts';
    const ended = run(path, { json: false, user: 'nobody', group: 'daemon' }, world.tools);
    await assert.rejects(ended, { code: 'run.user', message: /^Cannot run as nobody/ });
    assert.deepEqual(world.became, [{ user: 'nobody', group: 'daemon', files: [path] }]);
    const wrong = run(path, { json: false, group: 'daemon' }, world.tools);
    await assert.rejects(wrong, { exitCode: 2, message: /--group needs --user/ });
    assert.equal(world.became.length, 1);
  });

  it('tells when programs get its capabilities', async () => {
    const world = new CliWorld();
    world.capabilityProblem = 'They do';
    const ended = run(files.write('policy.ts', GOOD_POLICY), { json: false }, world.tools);
    assert.equal((await world.log.next('instance.capabilities')).message, 'They do');
    assert.deepEqual(world.became, []);
    await world.log.next('instance.started');
    world.signal('SIGTERM');
    assert.equal(await ended, 0);
  });

  it('ends at once at a second signal', async () => {
    const { world, ended } = await start();
    const never = new Promise<void>(() => undefined);
    world.draining = () => (world.drained.length === 1 ? never : Promise.resolve());
    world.signal('SIGINT');
    world.signal('SIGTERM');
    assert.equal(await ended, 0);
    assert.deepEqual(world.drained, [DRAIN_MS, 0]);
    assert.ok(world.log.codes.includes('instance.cut'));
  });

  it('does not heed a signal that comes after the end', async () => {
    const { world, ended } = await start();
    let finish = (): void => undefined;
    const never = new Promise<boolean>((resolve) => (finish = () => resolve(true)));
    const hasEnded = (): boolean => world.log.codes.includes('instance.ended');
    world.log.flush = () => (hasEnded() ? never : Promise.resolve(true));
    world.signal('SIGTERM');
    await world.log.next('instance.ended');
    world.signal('SIGTERM');
    finish();
    await ended;
    assert.equal(world.log.codes.at(-1), 'instance.ended');
    assert.deepEqual(world.drained, [DRAIN_MS]);
  });

  it('tells at the end how much was dropped since the start', async () => {
    const { world, ended } = await start();
    Object.assign(world.log, { dropped: 3, unwritten: 2 });
    world.signal('SIGTERM');
    await ended;
    const line = world.log.lines.at(-1);
    assert.deepEqual([line?.code, line?.level], ['instance.ended', 'error']);
    assert.match(line?.message ?? '', /; 5 records and lines were dropped since the start$/);
    assert.equal(line?.fields?.['dropped'], 5);
  });

  it('ends when draining fails', async () => {
    const { world, ended } = await start();
    world.draining = () => Promise.reject(new Error('no'));
    world.signal('SIGINT');
    assert.equal(await ended, 0);
    assert.ok(world.log.codes.includes('instance.drain-failed'));
  });

  it('says what to try', async () => {
    const text = GOOD_POLICY.replace('plugProxy()', "httpProxy({ mode: 'explicit' })")
      .replace('plugProxy', 'httpProxy')
      .replace("directedRouter({ destination: '127.0.0.1:9' })", 'inbandRouter()')
      .replace('directedRouter', 'inbandRouter');
    const { world, ended } = await start(text);
    const line = await world.log.next('instance.try');
    assert.equal(line.message, 'Try: curl -x http://127.0.0.1:8080 http://example.org/');
    world.signal('SIGTERM');
    await ended;
  });

  it('does not start with a faulty policy, without knowing which instance, or on a taken port', async () => {
    await assert.rejects(start('export default 1;'), { name: 'PolicyLoadError' });
    const world = new CliWorld();
    const path = files.write('policy.ts', GOOD_POLICY);
    const wrong = run(path, { json: false, instance: 'other' }, world.tools);
    await assert.rejects(wrong, { exitCode: 2, message: /no instance "other".*one of zorp/ });
    world.starting = () => Promise.reject(new Error('Port 1 is taken: choose another'));
    await assert.rejects(run(path, { json: false }, world.tools), {
      exitCode: 1,
      code: 'run.start',
      message: 'Port 1 is taken: choose another',
    });
  });
});

describe('SIGHUP', () => {
  it('gives a new policy to the instance', async () => {
    const { world, path, ended } = await start();
    files.write('policy.ts', GOOD_POLICY.replace("zone('machine'", "zone('changed'"));
    world.signal('SIGHUP');
    const line = await world.log.next('policy.reloaded');
    assert.equal(world.reloaded[0]?.policy.zones[0]?.name, 'changed');
    assert.equal(line.fields?.['revision'], world.reloaded[0].revision);
    assert.match(line.message, new RegExp(`${path}$`));
    world.signal('SIGTERM');
    await ended;
  });

  it('tells only the addresses that changed', async () => {
    const world = new CliWorld();
    let listening = ['127.0.0.1:1', '127.0.0.1:2'];
    const reload = (): Promise<void> => {
      listening = ['127.0.0.1:2', '127.0.0.1:3'];
      return Promise.resolve();
    };
    const running: Running = {
      get listening() {
        return listening;
      },
      reload,
      drain: () => Promise.resolve(),
    };
    const tools = { ...world.tools, runInstance: () => Promise.resolve(running) };
    const ended = run(files.write('policy.ts', GOOD_POLICY), { json: false }, tools);
    await world.log.next('instance.started');
    const told = world.log.lines.length;
    world.signal('SIGHUP');
    await world.log.next('policy.reloaded');
    world.signal('SIGTERM');
    await ended;
    const lines = world.log.lines.slice(told).filter(({ code }) => code.startsWith('instance.'));
    assert.deepEqual(
      lines.slice(0, 2).map(({ code, fields }) => [code, fields?.['address']]),
      [
        ['instance.listening', '127.0.0.1:3'],
        ['instance.closed', '127.0.0.1:1'],
      ],
    );
    assert.equal(lines[2]?.code, 'instance.draining');
  });

  it('is done after the start when it comes before', async () => {
    const world = new CliWorld();
    const path = files.write('policy.ts', GOOD_POLICY);
    world.starting = () => {
      world.signal('SIGHUP');
      return Promise.resolve();
    };
    const ended = run(path, { json: false }, world.tools);
    await world.log.next('policy.reloaded');
    assert.equal(world.reloaded.length, 1);
    world.signal('SIGTERM');
    await ended;
  });

  it('refuses a faulty policy, lists its faults, and keeps the old one', async () => {
    const { world, ended } = await start();
    files.write('policy.ts', GOOD_POLICY.replace('127.0.0.0/8', '127.0.0.0/40'));
    world.signal('SIGHUP');
    const line = await world.log.next('policy.refused');
    assert.equal(line.message, 'The new policy is refused, the old one stays: it has 1 fault');
    const fault = await world.log.next('policy.fault');
    assert.match(
      fault.message,
      /policy\.ts:7:\d+: zone "machine": subnets\[0\] is "127\.0\.0\.0\/40"/,
    );
    assert.deepEqual(world.reloaded, []);
    world.signal('SIGTERM');
    await ended;
  });

  it('says why the instance cannot go over', async () => {
    const { world, ended } = await start();
    world.reloading = () => Promise.reject(new Error('Port 1 is taken: choose another'));
    world.signal('SIGHUP');
    const line = await world.log.next('policy.refused');
    assert.match(line.message, /the old one stays: Port 1 is taken: choose another$/);
    world.signal('SIGTERM');
    await ended;
  });

  it('loads once more for all signals that come meanwhile, one at a time', async () => {
    const { world, ended } = await start();
    let running = 0;
    let most = 0;
    world.reloading = async () => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    for (let count = 0; count < 5; count += 1) world.signal('SIGHUP');
    while (world.reloaded.length < 2) await new Promise((resolve) => setImmediate(resolve));
    for (let count = 0; count < 20; count += 1)
      await new Promise((resolve) => setImmediate(resolve));
    assert.equal(world.reloaded.length, 2);
    assert.equal(most, 1);
    world.signal('SIGTERM');
    await ended;
  });
});

describe('what nobody caught', () => {
  it('before the start, ends the start', async () => {
    const world = new CliWorld();
    world.starting = () => new Promise(() => undefined);
    const ended = run(files.write('policy.ts', GOOD_POLICY), { json: false }, world.tools);
    world.throwUncaught(new TypeError('x'));
    await assert.rejects(ended, {
      exitCode: 1,
      message: 'Cannot start: an exception was not caught: TypeError: x',
    });
  });

  it('later is logged as a bug with its stack, counted, and Zorp runs on', async () => {
    const { world, ended } = await start();
    world.throwUncaught(new TypeError('x'));
    world.throwUncaught('text');
    const bugs = world.log.lines.filter((line) => line.code === 'bug.uncaught');
    assert.deepEqual(
      bugs.map((line) => line.fields?.['count']),
      [1, 2],
    );
    assert.match(String(bugs[0]?.fields?.['stack']), /TypeError: x\n +at /);
    assert.equal(bugs[1]?.message, 'an exception was not caught: text');
    world.signal('SIGTERM');
    assert.equal(await ended, 0);
  });
});
