// The real zorp command: exit codes, what it prints where, signals, and readers of its output that misbehave.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { decisionRecordSchema } from '../../src/log/record-schema.ts';
import { listenOnFreePort } from '../support/free-port.ts';
import { needs } from '../support/needs.ts';
import { GOOD_POLICY, PolicyFiles } from '../support/policy-files.ts';
import { RULE_POLICY } from '../support/rule-policy-file.ts';
import { SystemProcess } from '../support/system-process.ts';
import type { Owner } from '../support/system-process.ts';
import { until } from '../support/system-wait.ts';
import { RunningZorp, zorpCommand } from '../support/system-zorp.ts';

const files = new PolicyFiles();
after(() => files.remove());
const good = files.write('good.ts', GOOD_POLICY);
const faulty = files.write('faulty.ts', GOOD_POLICY.replace('127.0.0.0/8', '127.0.0.0/33'));
const refusing = files.write(
  'refusing.ts',
  `import { definePolicy, denyService, listener, zone } from 'zorp';
const machine = zone('machine', { subnets: ['127.0.0.0/8'] });
export default definePolicy({
  zones: [machine],
  listeners: [listener('127.0.0.1:0', denyService('nobody'))],
});
`,
);

/** Checking types is two seconds of work, and the machine may have more to do. */
const DEADLINE_MS = 30_000;

/** Runs the command to its end. */
async function zorp(
  owner: Owner,
  ...args: readonly string[]
): Promise<{ readonly code: unknown; readonly out: string; readonly err: string }> {
  const end = await SystemProcess.start(owner, zorpCommand(...args)).end(DEADLINE_MS);
  assert.doesNotMatch(end.stdout + end.stderr, /^ {4}at |\u001b/m, 'no stack trace, no colours');
  return { code: end.status, out: end.stdout, err: end.stderr };
}

describe('zorp', () => {
  it('ends with 2 when it is used wrongly', async (context) => {
    const cases = [
      [],
      ['check', good, '--fast'],
      ['explain', good, '--client', 'nobody', '--to', '192.0.2.1'],
    ];
    for (const args of cases) {
      const { code, out, err } = await zorp(context, ...args);
      assert.deepEqual([code, out], [2, ''], args.join(' '));
      assert.match(err, /^zorp: /);
    }
  });
});

describe('zorp check', () => {
  it('ends with 0 for a good policy, and says what it holds', async (context) => {
    const { code, out, err } = await zorp(context, 'check', good);
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /good\.ts: good, revision [0-9a-f]{12}\n/);
  });

  it('ends with 0 for one that is likely not what was meant, and warns', async (context) => {
    const text = GOOD_POLICY.replace('inboundServices: [plug]', 'inboundServices: []');
    const path = files.write('doubtful.ts', text);
    const { code, out, err } = await zorp(context, 'check', path, '--json');
    assert.equal(code, 0);
    const [service = '', list = '', ...rest] = err.split('\n');
    assert.match(service, /^warning: \/.*doubtful\.ts:3:14: service "plug" reaches no server: /);
    assert.match(
      list,
      /^warning: \/.*doubtful\.ts:7:17: zone "machine": inboundServices is empty and permits nothing: /,
    );
    assert.deepEqual(rest, ['']);
    const { warnings } = JSON.parse(out) as { warnings: readonly { code: string; line: number }[] };
    assert.deepEqual(
      warnings.map(({ code: one, line }) => [one, line]),
      [
        ['service.no-servers', 3],
        ['list.empty', 7],
      ],
    );
  });

  it('ends with 1 for a faulty one, and says all that is wrong', async (context) => {
    const text = GOOD_POLICY.replace('127.0.0.0/8', '127.0.0.0/33');
    const path = files.write('wrong.ts', `${text}export const port: number = 'text';\n`);
    const { code, out, err } = await zorp(context, 'check', path, '--json');
    assert.equal(code, 1);
    assert.match(err, /wrong\.ts:7:17: zone "machine": subnets\[0\] is "127\.0\.0\.0\/33": /);
    assert.match(err, /wrong\.ts:14:14: Type 'string' is not assignable to type 'number'\n/);
    const { ok, faults } = JSON.parse(out) as { ok: boolean; faults: readonly { line: number }[] };
    assert.deepEqual([ok, faults.map((fault) => fault.line)], [false, [7, 14]]);
  });

  it('ends with 1 for a file that cannot be read', async (context) => {
    symlinkSync('circle.ts', files.path('circle.ts'));
    for (const path of [files.path('circle.ts'), files.path('nowhere.ts'), files.folder]) {
      const { code, err } = await zorp(context, 'check', path);
      assert.equal(code, 1);
      assert.match(err, /^\/.*: .*: .*\nzorp: The policy has 1 fault\n$/);
    }
  });
});

describe('zorp explain', () => {
  it('ends with 0 for what is permitted and 1 for what is refused', async (context) => {
    const ask = (client: string, ...more: readonly string[]): ReturnType<typeof zorp> =>
      zorp(context, 'explain', good, '--client', client, '--to', '127.0.0.1:1', ...more);
    const permitted = await ask('127.0.0.1');
    assert.deepEqual([permitted.code, permitted.err], [0, '']);
    assert.match(permitted.out, /\nPERMITTED: /);
    const refused = await ask('192.0.2.1', '--json');
    const { ok, decision } = JSON.parse(refused.out) as { ok: boolean; decision: object };
    assert.deepEqual([refused.code, refused.err, ok], [1, '', false]);
    assert.ok('reason' in decision && decision.reason === 'zone.client-unknown');
  });

  it('ends with 0 for what the first bytes are to tell, and goes on with what they tell', async (context) => {
    const path = files.write('rules.ts', RULE_POLICY);
    const asked = ['--client', '10.1.0.1', '--to', '192.0.2.7:82', '--listener', 'side'];
    const open = await zorp(context, 'explain', path, ...asked);
    assert.deepEqual([open.code, open.err], [0, '']);
    assert.match(open.out, /\nDETECTING: /);
    const told = await zorp(context, 'explain', path, ...asked, '--detected', 'none');
    assert.match(told.out, /\nPERMITTED: Clients in zone office may use service through /);
    const wrong = await zorp(context, 'explain', path, ...asked, '--icmp-type', '8');
    assert.deepEqual([wrong.code, wrong.out], [2, '']);
  });

  it('says in one sentence that a name does not resolve', async (context) => {
    const asked = ['--client', '127.0.0.1', '--to', 'no-such-host.invalid'];
    const { code, out, err } = await zorp(context, 'explain', good, ...asked);
    assert.deepEqual([code, out], [1, '']);
    assert.match(
      err,
      /^zorp: Cannot resolve "no-such-host\.invalid" \(E\w+\): correct the name[^\n]*\n$/,
    );
  });
});

describe('what a command prints', () => {
  const question = ['--client', '127.0.0.1', '--to', '127.0.0.1:1'];

  it('is coloured on a terminal, but not with NO_COLOR', needs('script'), async (context) => {
    const command = zorpCommand('explain', good, ...question).join(' ');
    const onTerminal = async (environment: NodeJS.ProcessEnv): Promise<string> => {
      const script = ['script', '-qec', command, '/dev/null'] as const;
      return (await SystemProcess.start(context, script, environment).end(DEADLINE_MS)).stdout;
    };
    assert.match(await onTerminal({ TERM: 'xterm' }), /\u001b\[1;32mPERMITTED/);
    const plain = await onTerminal({ TERM: 'xterm', NO_COLOR: '1' });
    assert.match(plain, /^PERMITTED/m);
    assert.doesNotMatch(plain, /\u001b/);
  });

  it('has nothing among it of what the policy writes to the console', async (context) => {
    const path = files.write(
      'talking.ts',
      `import own, { log } from 'node:console';
console.log('hello', { a: 1 });
own.log('again');
log('and again');
${GOOD_POLICY}`,
    );
    const { code, out, err } = await zorp(context, 'check', path, '--json');
    assert.deepEqual([code, err], [0, 'hello { a: 1 }\nagain\nand again\n']);
    assert.equal((JSON.parse(out) as { ok: boolean }).ok, true);
  });

  it('may have no reader', async (context) => {
    const command = `${zorpCommand('explain', good, ...question, '--json').join(' ')} | head -c 1`;
    const end = await SystemProcess.start(context, ['sh', '-c', command]).end(DEADLINE_MS);
    assert.deepEqual([end.stdout, end.stderr], ['{', '']);
  });

  it('is its end, although the policy has left timers running', async (context) => {
    const path = files.write('timer.ts', `${GOOD_POLICY}setInterval(() => undefined, 1000);\n`);
    assert.equal((await zorp(context, 'explain', path, ...question)).code, 0);
  });
});

describe('a policy that does not behave while it is loaded', () => {
  const commands = [
    ['check'],
    ['explain', '--client', '127.0.0.1', '--to', '127.0.0.1:1'],
    ['run'],
  ];

  it('cannot end a command with a good exit code and without a word', async (context) => {
    const path = files.write('exit.ts', `${GOOD_POLICY}process.exit(0);\n`);
    for (const command of commands) {
      const { code, out, err } = await zorp(context, ...command, path);
      const told = `zorp: The policy ${path} ended the process while it was loaded: remove process.exit() from it\n`;
      assert.deepEqual([code, out, err], [1, '', told], command[0]);
    }
    const { code, out } = await zorp(context, 'check', path, '--json');
    assert.equal(code, 1);
    assert.equal((JSON.parse(out) as { ok: boolean }).ok, false);
  });

  it('is told in one sentence when it throws where nobody catches it', async (context) => {
    const wait = 'await new Promise((resolve) => setTimeout(resolve, 200));\n';
    const throwing = `${GOOD_POLICY}setTimeout(() => { throw new Error('late'); }, 0);\n${wait}`;
    const rejecting = `${GOOD_POLICY}void Promise.reject(new Error('late'));\n${wait}`;
    for (const text of [throwing, rejecting])
      for (const command of commands) {
        const path = files.write('late.ts', text);
        const { code, out, err } = await zorp(context, ...command, path);
        assert.deepEqual([code, out], [1, ''], command[0]);
        assert.match(err, /^zorp: Cannot [^\n]*: an exception was not caught: Error: late\n$/);
      }
  });
});

/** The port of the only listener of a running Zorp. */
async function portOf(running: RunningZorp): Promise<number> {
  const seen = (): string | undefined =>
    running.lines.find((line) => line.code === 'instance.listening')?.message;
  const message = await until('where it listens', seen);
  return Number(message.slice(message.lastIndexOf(':') + 1));
}

/** Connects, and waits until the connection is closed by the other side. */
function knock(port: number): Promise<void> {
  return new Promise((resolve) => {
    connect(port, '127.0.0.1')
      .on('error', () => undefined)
      .on('close', () => resolve())
      .resume();
  });
}

describe('zorp run', () => {
  it('writes a record for each connection, and ends with 0 at SIGTERM', async (context) => {
    const running = await RunningZorp.start(context, refusing);
    await knock(await portOf(running));
    const record = await running.record();
    assert.deepEqual(decisionRecordSchema.parse(record), record);
    assert.equal(record.reason, 'service.denied');
    running.process.signal('SIGTERM');
    assert.equal((await running.process.end()).status, 0);
  });

  it('ends with 1 and one sentence where it cannot start', async (context) => {
    const server = createServer();
    const port = await listenOnFreePort(server);
    context.after(() => server.close());
    const path = files.write(
      'taken.ts',
      GOOD_POLICY.replace("'127.0.0.1:0'", `'127.0.0.1:${port}'`),
    );
    const taken = await zorp(context, 'run', path, '--json');
    assert.equal(taken.code, 1);
    assert.match(taken.err, new RegExp(`^zorp: [^\\n]*127\\.0\\.0\\.1:${port}[^\\n]*\\n$`));
    assert.equal((JSON.parse(taken.out) as { ok: boolean }).ok, false);
    const { code, err } = await zorp(context, 'run', faulty);
    assert.deepEqual([code, /faulty\.ts:\d+:\d+: zone "machine"/.test(err)], [1, true]);
  });

  it('goes over to a new policy at SIGHUP, and keeps the old one if the new is faulty', async (context) => {
    const path = files.write('changing.ts', GOOD_POLICY);
    const running = await RunningZorp.start(context, path);
    files.write('changing.ts', 'export default 1;\n');
    running.process.signal('SIGHUP');
    assert.match(
      (await running.says('policy.refused')).message,
      /the old one stays: it has 1 fault$/,
    );
    files.write('changing.ts', `${GOOD_POLICY}// changed\n`);
    running.process.signal('SIGHUP');
    const { fields } = await running.says('policy.reloaded');
    assert.notEqual(fields?.['revision'], running.lines[0]?.fields?.['revision']);
  });

  it('lets a session finish at SIGTERM, and ends at once at a second signal', async (context) => {
    const server = createServer((socket) => socket.on('error', () => undefined).write('hello'));
    const port = await listenOnFreePort(server);
    const sockets: Socket[] = [];
    context.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const path = files.write('plug.ts', GOOD_POLICY.replace('127.0.0.1:9', `127.0.0.1:${port}`));
    const running = await RunningZorp.start(context, path);
    const client = connect(await portOf(running), '127.0.0.1').on('error', () => undefined);
    sockets.push(client);
    await new Promise((resolve) => client.once('data', resolve));
    running.process.signal('SIGTERM');
    await running.says('instance.draining');
    assert.equal(running.process.isRunning, true);
    running.process.signal('SIGINT');
    assert.equal((await running.process.end(2_000)).status, 0);
  });

  it('has a line in its log for what the policy writes to the console', async (context) => {
    const path = files.write(
      'talking-later.ts',
      `${GOOD_POLICY}process.once('SIGUSR2', () => console.error('late', 1));\n`,
    );
    const running = await RunningZorp.start(context, path);
    running.process.signal('SIGUSR2');
    const { level, message } = await running.says('policy.console');
    assert.deepEqual([level, message], ['error', 'late 1']);
    running.process.signal('SIGTERM');
    const end = await running.process.end();
    assert.deepEqual([end.status, end.stdout], [0, '']);
  });

  it('runs on when the policy throws where nobody catches it', async (context) => {
    const path = files.write(
      'throwing.ts',
      `${GOOD_POLICY}process.once('SIGUSR2', () => { throw new Error('late'); });\n`,
    );
    const running = await RunningZorp.start(context, path);
    running.process.signal('SIGUSR2');
    const bug = await running.says('bug.uncaught');
    assert.match(String(bug.fields?.['stack']), /throwing\.ts/);
    running.process.signal('SIGTERM');
    assert.equal((await running.process.end()).status, 0);
  });

  it('serves on when the reader of its records stands still, and ends all the same', async (context) => {
    const [program, ...args] = zorpCommand('run', refusing);
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    context.after(() => void child.kill('SIGKILL'));
    let lines = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (lines += text));
    const find = (): string | undefined => /Listening on 127\.0\.0\.1:(\d+)/.exec(lines)?.[1];
    const port = Number(await until('where it listens', find));
    // Two pipes of 64 KiB lie between it and the reader that does not read; a record has about 500 bytes.
    for (let count = 0; count < 600; count += 1) await knock(port);
    child.kill('SIGTERM');
    await until('its end', () => child.exitCode !== null || child.signalCode !== null || undefined);
    assert.match(lines, /instance\.ended/);
  });
});
