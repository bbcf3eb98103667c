// Real programs: what they are given, how they end, and that nothing of them is left.
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { children, descriptorsOf } from '../../test/support/own-process.ts';
import { StreamRecorder, turns } from '../../test/support/stream-recorder.ts';
import type { ProgramExit, ProgramListener, ProgramRequest } from '../session/outside.ts';
import type { Stream } from '../session/stream.ts';
import { DescriptorBudget } from './descriptor-budget.ts';
import { SystemProgramRunner } from './program-runner.ts';

const PATH = '/usr/bin:/bin';
const later = setTimeout; // of the machine, whatever a test does to time

/** A program that a test listens to. */
class Heard implements ProgramListener {
  readonly recorders: StreamRecorder[] = [];
  control = '';
  errors = '';
  exit: ProgramExit | undefined;
  isReleased = false;
  moves = 0;
  readonly running;

  constructor(
    command: ProgramRequest['command'],
    rest: Partial<ProgramRequest> = {},
    budget = new DescriptorBudget({ limit: 1_000, openAtStart: 0 }),
  ) {
    const request = { command, environment: { PATH }, workingDirectory: '/', ...rest };
    this.running = new SystemProgramRunner(budget).run(request, this);
  }

  started(client: Stream, server: Stream): void {
    this.recorders.push(new StreamRecorder('client', client), new StreamRecorder('server', server));
    for (const one of this.recorders) one.listen();
  }

  moved(): void {
    this.moves++;
  }

  controlReceived(bytes: Uint8Array): void {
    this.control += Buffer.from(bytes).toString();
  }

  errorReceived(bytes: Uint8Array): void {
    this.errors += Buffer.from(bytes).toString();
  }

  exited(exit: ProgramExit): void {
    assert.equal(this.exit, undefined);
    this.exit = exit;
  }

  released(): void {
    this.isReleased = true;
  }

  get client(): StreamRecorder {
    return this.recorders[0] ?? assert.fail('The program does not run');
  }

  get server(): StreamRecorder {
    return this.recorders[1] ?? assert.fail('The program does not run');
  }

  async until(what: string, is: () => boolean): Promise<void> {
    const deadline = Date.now() + 5_000;
    while (!is()) {
      assert.ok(Date.now() < deadline, `waited in vain until ${what}; it said ${this.errors}`);
      await new Promise((resolve) => later(resolve, 2));
    }
  }

  async untilRuns(): Promise<void> {
    await this.until('it runs', () => this.recorders.length > 0);
  }

  async untilOver(): Promise<ProgramExit> {
    await this.until('it has exited', () => this.exit !== undefined);
    for (const one of this.recorders) one.destroy();
    await Promise.all(this.recorders.map((one) => one.untilClosed()));
    if (this.recorders.length > 0) await this.until('it is released', () => this.isReleased);
    assert.deepEqual(
      this.recorders.flatMap((one) => one.faults),
      [],
    );
    return this.exit ?? assert.fail();
  }
}

function shell(script: string, ...parameters: string[]): readonly [string, ...string[]] {
  return ['/bin/sh', '-c', script, 'sh', ...parameters];
}

function isRunning(pid: string): boolean {
  try {
    readlinkSync(`/proc/${pid}/exe`); // a zombie has none
    return true;
  } catch {
    return false;
  }
}

/** Sockets and pipes of this process. */
function descriptors(): number {
  return descriptorsOf('socket') + descriptorsOf('pipe');
}

describe('a program that runs', () => {
  // Tests of other files run in the same process, and what they leave may go meanwhile: there must not be more.
  let before = { descriptors: 0, children: new Array<string>() };
  beforeEach(() => {
    before = { descriptors: descriptors(), children: children() };
  });
  afterEach(async () => {
    await turns(3);
    assert.ok(descriptors() <= before.descriptors, 'a descriptor was left');
    assert.deepEqual(
      children().filter((pid) => !before.children.includes(pid)),
      [],
    );
  });

  it('has two sockets, both of which go both ways', async () => {
    const script =
      'read line; echo "to server: $line"; read answer <&1; echo "to client: $answer" >&0';
    const heard = new Heard(shell(script));
    await heard.untilRuns();
    heard.client.write(Buffer.from('question\n'), 'given');
    await heard.server.untilReceived(20);
    assert.equal(heard.server.bytes().toString(), 'to server: question\n');
    heard.server.write(Buffer.from('answer\n'), 'given');
    await heard.client.until('ended', () => heard.client.hasEnded);
    await heard.server.until('ended', () => heard.server.hasEnded);
    assert.equal(heard.client.bytes().toString(), 'to client: answer\n');
    assert.ok(heard.moves >= 4);
    assert.deepEqual(await heard.untilOver(), { type: 'exited', code: 0 });
  });

  it('passes much through a filter, and the end after it', async () => {
    const heard = new Heard(['cat']);
    await heard.untilRuns();
    const sent = Buffer.alloc(3_000_000, 'abcdefg');
    heard.client.write(sent, 'given');
    heard.client.end();
    await heard.server.until('ended', () => heard.server.hasEnded);
    assert.ok(heard.server.bytes().equals(sent));
    assert.deepEqual(await heard.untilOver(), { type: 'exited', code: 0 });
  });

  it('gets its arguments as they are, its directory, and no environment but its own', async () => {
    const script = 'printf "%s\\n" "$@" >&2; pwd >&2; exec /usr/bin/env >&2';
    const command = shell(script, 'a b', '$(exit)', ';', '*');
    const heard = new Heard(command, { environment: { PATH, A: 'b c' }, workingDirectory: '/usr' });
    await heard.untilRuns();
    await heard.untilOver();
    const lines = heard.errors.trimEnd().split('\n');
    assert.deepEqual(lines.slice(0, 5), ['a b', '$(exit)', ';', '*', '/usr']);
    // PWD is the shell's.
    const own = lines.slice(5).filter((line) => !line.startsWith('PWD='));
    assert.deepEqual(own.sort(), ['A=b c', `PATH=${PATH}`]);
  });

  it('has descriptors 0 to 3 and no other', async () => {
    const heard = new Heard(shell('ls /proc/$$/fd >&2'));
    await heard.untilRuns();
    await heard.untilOver();
    const own = readdirSync('/proc/self/fd').map(Number);
    const extra = heard.errors
      .trim()
      .split('\n')
      .map(Number)
      .filter((one) => one > 3);
    // Those that whoever started the tests lets all processes inherit are not ours.
    assert.deepEqual(
      extra.filter((one) => !own.includes(one)),
      [],
    );
    assert.ok(
      extra.every((one) => one > 9),
      heard.errors,
    );
  });

  it('speaks on its control channel, and is heard to its last word', async () => {
    const heard = new Heard(
      shell('echo ask >&3; read answer <&3; echo "got $answer" >&3; echo late >&2'),
    );
    await heard.untilRuns();
    await heard.until('it asks', () => heard.control === 'ask\n');
    heard.running.answer(Buffer.from('yes\n'));
    await heard.untilOver();
    assert.equal(heard.control, 'ask\ngot yes\n');
    assert.equal(heard.errors, 'late\n');
  });

  it('that fails cuts its streams off, after what it gave', async () => {
    const heard = new Heard(shell('echo half; exit 3'));
    await heard.untilRuns();
    await heard.server.untilClosed();
    assert.equal(heard.server.bytes().toString(), 'half\n');
    assert.deepEqual(heard.server.events, ['closed ECONNRESET']);
    assert.deepEqual(await heard.untilOver(), { type: 'exited', code: 3 });
  });

  it('that a signal kills does so too', async () => {
    const heard = new Heard(shell('echo half; kill -9 $$'));
    await heard.untilRuns();
    await heard.server.untilClosed();
    assert.deepEqual(heard.server.events, ['closed ECONNRESET']);
    assert.deepEqual(await heard.untilOver(), { type: 'killed', signal: 'SIGKILL' });
  });

  it('takes with it what it has started', async () => {
    const heard = new Heard(shell('sleep 1000 & echo $! >&2; exit 0'));
    await heard.untilRuns();
    await heard.server.until('ended', () => heard.server.hasEnded);
    await heard.untilOver();
    const pid = heard.errors.trim();
    await heard.until('it is gone', () => !isRunning(pid)); // it is killed at the end, and dies soon
  });

  it('may close a descriptor and run on', async () => {
    const heard = new Heard(shell('exec 1>&-; read line; exit 0'));
    await heard.untilRuns();
    await heard.server.until('ended', () => heard.server.hasEnded);
    assert.equal(heard.exit, undefined);
    heard.client.write(Buffer.from('go\n'), 'given');
    assert.deepEqual(await heard.untilOver(), { type: 'exited', code: 0 });
  });
});

describe('a program that is killed', () => {
  it('ends at once, and its streams are cut off', async () => {
    const heard = new Heard(['sleep', '1000']);
    await heard.untilRuns();
    heard.running.kill();
    heard.running.kill();
    assert.deepEqual(await heard.untilOver(), { type: 'killed', signal: 'SIGTERM' });
    assert.deepEqual(heard.server.events, ['closed ECONNRESET']);
  });

  it('ends also if it will not', async () => {
    const heard = new Heard(shell('trap "" TERM; echo on >&2; while :; do sleep 1; done'));
    await heard.until('it runs', () => heard.errors !== '');
    heard.running.kill();
    assert.deepEqual(await heard.untilOver(), { type: 'killed', signal: 'SIGKILL' });
  });

  it('before it runs is never started, or not told of', async () => {
    const early = new Heard(['sleep', '1000']);
    early.running.kill();
    assert.deepEqual(await early.untilOver(), { type: 'not-started', error: 'ECANCELED' });
    assert.deepEqual(early.recorders, []);
    assert.equal(early.isReleased, false);
  });

  it('gives no more, whatever it has written', async () => {
    const heard = new Heard(['yes']);
    await heard.untilRuns();
    await heard.server.untilReceived(1);
    heard.running.kill();
    const { length } = heard.server.bytes();
    await heard.untilOver();
    assert.equal(heard.server.bytes().length, length);
  });
});

describe('a program that cannot be started', () => {
  for (const [what, command, rest, error] of [
    ['is not there', ['/no/such/program'], {}, 'ENOENT'],
    ['is in no directory of the path', ['no-such-program'], {}, 'ENOENT'],
    ['may not be run', ['/etc/passwd'], {}, 'EACCES'],
    ['is a directory', ['/usr'], {}, 'EISDIR'],
    ['has no directory', ['/bin/cat'], { workingDirectory: '/no/such/directory' }, 'ENOENT'],
    ['is too long', ['/bin/cat', 'x'.repeat(3_000_000)], {}, 'E2BIG'],
  ] as const)
    it(`because it ${what}`, async () => {
      const heard = new Heard(command, rest);
      assert.deepEqual(await heard.untilOver(), { type: 'not-started', error });
      assert.deepEqual(heard.recorders, []);
    });

  it('because there are no descriptors for it', async () => {
    const budget = new DescriptorBudget({ limit: 35, openAtStart: 0 });
    const heard = new Heard(['cat'], {}, budget);
    assert.deepEqual(await heard.untilOver(), { type: 'not-started', error: 'EMFILE' });
  });
});

describe('error output without an end', () => {
  it('is read at a bounded rate', async (t) => {
    const RATE_BYTES = 65_536;
    const CHUNK_BYTES = 65_536; // the last one is read whole
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const heard = new Heard(shell('exec yes >&2'));
    for (let second = 1; second <= 3; second++) {
      const least = second * RATE_BYTES;
      await heard.until(`it has said enough ${second} times`, () => heard.errors.length >= least);
      await turns(20);
      assert.ok(heard.errors.length < least + second * CHUNK_BYTES, String(heard.errors.length));
      t.mock.timers.tick(1_000);
    }
    t.mock.timers.reset();
    heard.running.kill();
    await heard.untilOver();
  });
});
