// Programs as children: their limits, their control channel, their ends, and what their parent is told.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FakeProgram } from '../../test/support/fake-program.ts';
import type { FakeStream } from '../../test/support/fake-stream.ts';
import type { SessionHandler } from '../../test/support/session-world.ts';
import {
  noting,
  proxyOf,
  revisionOf,
  serviceOf,
  SessionWorld,
} from '../../test/support/session-world.ts';
import { over } from '../../test/support/stacked-world.ts';
import type { ProgramOptions } from '../policy/program.ts';
import { program } from '../policy/program.ts';
import { attribute } from '../proxy/proxy-session.ts';

interface Programmed {
  readonly world: SessionWorld;
  readonly client: FakeStream;
  readonly server: FakeStream;
  readonly program: FakeProgram;
  /** What the parent's engine heard since its child was asked for. */
  readonly heard: string[];
}

/** A connected parent of a program, which was asked for and has not started yet. */
async function programmed(
  options: Partial<ProgramOptions> = {},
  parent?: SessionHandler,
): Promise<Programmed> {
  const child = program('filter', { command: ['/bin/filter', '-x'], ...options });
  const heard: string[] = [];
  const handle = parent ?? over(() => child);
  const outer = serviceOf('outer', {
    proxy: proxyOf(noting(heard, handle), { name: 'outer', stacks: [child] }),
  });
  const world = new SessionWorld(revisionOf(outer));
  const client = world.accept();
  const server = world.connected();
  await world.settle();
  heard.length = 0;
  return { world, client, server, program: world.programs.last, heard };
}

async function running(
  options: Partial<ProgramOptions> = {},
  parent?: SessionHandler,
): Promise<Programmed> {
  const made = await programmed(options, parent);
  made.program.starts();
  await made.world.settle();
  made.heard.length = 0;
  return made;
}

const VERDICT = '0 SETVERDICT\n[8]Verdict\nZ_REJECT\n[]Description\na virus\n\n';
const OK = '0 RESULT\n[6]Status\nOK\n\n'.replace('6', '2');

describe('a program as a child', () => {
  it('is started with its command and the facts of its session', async () => {
    const { program, world } = await programmed({
      environment: { A: 'b' },
      workingDirectory: '/tmp',
    });
    assert.deepEqual(program.request, {
      command: ['/bin/filter', '-x'],
      workingDirectory: '/tmp',
      environment: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        A: 'b',
        ZORP_SESSION_ID: 'svc/zorp/outer:0/zorp/filter',
        ZORP_CLIENT: '10.1.2.3:40000',
        ZORP_CLIENT_ZONE: 'intranet',
        ZORP_SERVER: '198.51.100.1:80',
        ZORP_SERVER_ZONE: 'internet',
      },
    });
    world.abortAll();
    program.exits();
    await world.settle();
    assert.deepEqual(world.leftovers(), []);
  });

  it('reads in its environment what its parent exports', async () => {
    const sender = attribute<string>('sender');
    const child = program('filter', {
      command: ['/bin/filter'],
      environment: (session) => ({ SENDER: session.get(sender) ?? '' }),
    });
    const parent: SessionHandler = (event, { session }) => {
      if (event.type === 'started') session.set(sender, 'a@example.org');
      return over(() => child)(event, { session });
    };
    const { program: made, world } = await programmed({}, parent);
    assert.equal(made.request.environment['SENDER'], 'a@example.org');
    world.abortAll();
    made.exits();
  });

  it('stands between client and server, and its exit is the verdict', async () => {
    const { world, client, server, program, heard } = await running();
    client.says('question').ends();
    await world.settle();
    assert.equal(program.client.output, 'question');
    program.server.says('QUESTION');
    await world.settle();
    assert.equal(server.output, 'QUESTION');
    program.exits();
    server.ends();
    await world.settle();
    assert.deepEqual(heard.slice(-1), ['stack-verdict verdict=accepted reason=program.ended']);
    assert.equal(world.log.records[0]?.reason, 'program.ended');
    assert.deepEqual(world.log.records[0].stacked, ['filter']);
    program.closes();
    assert.deepEqual(world.leftovers(), []);
  });

  it('tells what it thinks of the contents, and is answered', async () => {
    const { world, program, heard } = await running();
    for (const part of VERDICT) program.controls(part);
    await world.settle();
    assert.deepEqual(heard, [
      'stack-content-verdict verdict={"word":"reject","description":"a virus"}',
    ]);
    assert.equal(program.answers, OK);
    program.controls('0 NONSENSE\n\n');
    assert.match(program.answers, /Failure\n\[15\]Fail-Reason\nUnknown command\n/);
    assert.equal(heard.length, 1);
    world.abortAll();
    program.exits();
  });

  it('has what it complains of in the log', async () => {
    const { world, program } = await running();
    program.complains('no pattern\nhalf');
    world.abortAll();
    await world.settle();
    program.exits();
    const lines = world.log.lines.filter(({ code }) => code === 'program.said');
    assert.deepEqual(
      lines.map(({ message }) => message),
      ['no pattern', 'half'],
    );
    assert.deepEqual(lines[0]?.fields, {
      session: 'svc/zorp/outer:0/zorp/filter',
      program: 'filter',
    });
  });
});

describe('a program that ends badly', () => {
  for (const [what, exit, reason] of [
    ['fails', 3, 'program.failed'],
    ['cannot be run by a shell', 127, 'program.cannot-start'],
    ['is killed', { type: 'killed', signal: 'SIGSEGV' }, 'program.killed'],
  ] as const)
    it(`because it ${what} cuts its parent off`, async () => {
      const { world, client, server, program, heard } = await running();
      program.exits(exit);
      await world.settle();
      assert.deepEqual(heard, [
        `stack-verdict verdict=denied-by-unknown-fail reason=${reason} how=reset`,
      ]);
      assert.equal(world.log.records[0]?.reason, reason);
      assert.equal(client.hasPeerSeenEnd, false);
      assert.equal(server.hasPeerSeenEnd, false);
      program.closes();
      assert.deepEqual(world.leftovers(), []);
    });

  it('because it cannot be started is refused', async () => {
    const { world, program, heard } = await programmed();
    program.exits({ type: 'not-started', error: 'ENOENT' });
    for (const stream of world.streams) stream.ends();
    await world.settle();
    assert.match(heard[0] ?? '', /^stack-refused .*program.cannot-start.*ENOENT/);
    assert.equal(world.log.records[0]?.reason, 'program.cannot-start');
    assert.deepEqual(world.leftovers(), []);
  });

  it('because its environment cannot be made is refused', async () => {
    const child = program('filter', {
      command: ['/bin/filter'],
      environment: () => {
        throw new Error('no idea');
      },
    });
    const outer = serviceOf('outer', {
      proxy: proxyOf(
        over(() => child),
        { stacks: [child] },
      ),
    });
    const world = new SessionWorld(revisionOf(outer));
    world.accept().ends();
    world.connected().ends();
    await world.settle();
    assert.equal(world.log.records[0]?.reason, 'policy.function-failed');
    assert.equal(world.runtime.counters.of('filter').running, 0);
    assert.equal(world.programs.asked.length, 0);
  });
});

describe('a program is killed', () => {
  /** Killed for this reason, and only that. */
  async function killedFor({ world, program, heard }: Programmed, reason: string): Promise<void> {
    assert.equal(program.kills > 0, true);
    program.exits({ type: 'killed', signal: 'SIGTERM' });
    await world.settle();
    program.closes();
    assert.match(heard.at(-1) ?? '', new RegExp(`reason=${reason} how=reset$`));
    assert.equal(world.log.records[0]?.reason, reason);
    assert.deepEqual(world.leftovers(), []);
    assert.equal(world.runtime.counters.of('filter').running, 0);
  }

  it('when it runs for too long', async () => {
    const made = await running({ timeoutMs: 5_000 });
    made.world.clock.advance(4_999);
    made.program.moves();
    assert.equal(made.program.kills, 0);
    made.world.clock.advance(1);
    await killedFor(made, 'program.timeout');
  });

  it('when it stands still for too long', async () => {
    const made = await running({ idleTimeoutMs: 1_000 });
    made.world.clock.advance(999);
    made.program.moves();
    made.world.clock.advance(999);
    assert.equal(made.program.kills, 0);
    made.world.clock.advance(1);
    await killedFor(made, 'program.timeout');
  });

  it('when it does not exit after it has closed its streams', async () => {
    const made = await running();
    made.program.closes();
    made.world.clock.advance(2_000);
    await killedFor(made, 'program.timeout');
  });

  it('for garbage on its control channel, which is read no further', async () => {
    const made = await running();
    made.program.controls(`HTTP/1.1 200 OK\n`);
    made.program.controls(VERDICT);
    assert.deepEqual(made.heard, []);
    assert.equal(made.program.answers, '');
    await killedFor(made, 'program.control-garbage');
  });

  it('for a flood of commands', async () => {
    const made = await running();
    made.program.controls('0 NONSENSE\n\n'.repeat(5_000));
    assert.ok(made.program.answers.length < 100_000);
    await killedFor(made, 'program.control-flood');
  });

  it('when its parent ends, also before it runs', async () => {
    for (const start of [programmed, running]) {
      const { world, program } = await start();
      world.abortAll();
      await world.settle();
      assert.equal(program.kills > 0, true);
      assert.equal(world.runtime.counters.of('filter').running, 1);
      program.exits({ type: 'killed', signal: 'SIGTERM' });
      program.closes();
      assert.equal(world.runtime.counters.of('filter').running, 0);
      assert.deepEqual(world.leftovers(), []);
    }
  });

  it('when what it has started goes on for too long, and counts as it until then', async () => {
    const { world, program } = await running({ timeoutMs: 5_000, idleTimeoutMs: 1_000 });
    program.exits();
    for (let time = 0; time < 5; time++) {
      assert.equal(program.kills, 0);
      program.moves();
      world.clock.advance(999);
    }
    program.moves();
    world.clock.advance(5);
    assert.equal(program.kills, 1);
    assert.equal(world.runtime.counters.of('filter').running, 1);
    program.closes();
    assert.equal(world.runtime.counters.of('filter').running, 0);
    for (const stream of world.streams) stream.ends();
    await world.settle();
    assert.deepEqual(world.leftovers(), []);
  });

  it('when what it left in its streams stands still', async () => {
    const { world, program } = await running({ idleTimeoutMs: 1_000 });
    program.exits();
    world.clock.advance(1_000);
    assert.equal(program.kills, 1);
    program.closes();
    for (const stream of world.streams) stream.ends();
    await world.settle();
    assert.deepEqual(world.leftovers(), []);
  });
});

describe('a program is limited', () => {
  it('to as many as the policy permits at a time', async () => {
    const child = program('filter', { command: ['/bin/filter'], maxInstances: 1 });
    const outer = serviceOf('outer', {
      proxy: proxyOf(
        over(() => child),
        { stacks: [child] },
      ),
    });
    const world = new SessionWorld(revisionOf(outer));
    for (let session = 0; session < 2; session++) {
      world.accept();
      world.connected();
      await world.settle();
    }
    assert.equal(world.programs.asked.length, 1);
    for (const stream of world.streams) stream.ends();
    await world.settle();
    assert.equal(world.log.records[0]?.reason, 'limit.max-instances');
    world.abortAll();
    world.programs.last.exits();
  });
});
