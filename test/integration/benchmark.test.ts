// The benchmark with real processes: who runs where, who is measured when, and that logged rows are logged.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Command } from '../../bench/child.ts';
import { start } from '../../bench/child.ts';
import type { Contender, PortName } from '../../bench/contender.ts';
import { PORT_NAMES } from '../../bench/contender.ts';
import { giveCoresBack, onItsCore, processorsIn, takeCores } from '../../bench/cores.ts';
import { freePorts } from '../../bench/free-ports.ts';
import { withLines } from '../../bench/log-lines.ts';
import { measureRow } from '../../bench/measure-row.ts';
import { haproxy } from '../../bench/peers/haproxy.ts';
import { writeBlockedDomains } from '../../bench/policy-under-test.ts';
import { treeOf } from '../../bench/process-tree.ts';
import type { Row } from '../../bench/row.ts';
import { makeTlsSite } from '../../bench/tls-site.ts';
import { needs } from '../support/needs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A process with a child that listens at the port that is its argument. */
const PARENT = `
  const listen = "require('net').createServer().listen(Number(process.argv[1]), '127.0.0.1')";
  const child = require('child_process').spawn(process.execPath, ['-e', listen, process.argv[1]]);
  process.on('SIGTERM', () => { child.kill('SIGKILL'); process.exit(); });
  setInterval(() => 0, 1e3);
`;

const SHORT_MS = 100;

/** Where the threads of a process may run, each list once. */
function processorsOf(pid: number): readonly string[] {
  const lists = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'latin1');
    return /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '';
  });
  return [...new Set(lists)];
}

function sleeper(name: string, folder: string): Command {
  const log = join(folder, `${name}.log`);
  return {
    name,
    file: process.execPath,
    args: ['-e', 'setInterval(() => 0, 1e3)'],
    ports: [],
    log,
  };
}

describe('the processors of the benchmark', needs('taskset'), () => {
  it('are one for a contender and its descendants, and the others for all else', async (t) => {
    const before = processorsOf(process.pid);
    const cores = takeCores();
    t.after(() => {
      giveCoresBack(cores);
      assert.deepEqual(processorsOf(process.pid), before);
    });
    if (processorsIn(before[0]).length === 1) {
      assert.equal(cores.kind, 'shared');
      return;
    }
    assert.ok(cores.kind === 'apart');
    assert.deepEqual(processorsOf(process.pid).map(processorsIn), [cores.others]);
    const [port = 0] = await freePorts(1);
    const command = {
      ...sleeper('parent', temporaryFolder(t, 'benchmark')),
      args: ['-e', PARENT, String(port)],
    };
    const contender = await start(onItsCore({ ...command, ports: [port] }, cores));
    t.after(() => contender.stop());
    const server = await start(sleeper('server', temporaryFolder(t, 'benchmark')));
    t.after(() => server.stop());
    const tree = treeOf(contender.pid);
    assert.equal(tree.length, 2, 'the process that was started is the contender itself');
    for (const pid of tree) assert.deepEqual(processorsOf(pid), [String(cores.contender)]);
    assert.deepEqual(processorsOf(server.pid).map(processorsIn), [cores.others]);
  });
});

describe('the rounds of a row', () => {
  it('have the contenders forwards and backwards, after small ones that do not count', async (t) => {
    const folder = temporaryFolder(t, 'benchmark');
    const contenders = (['zorp', 'haproxy', 'nginx'] as const).map((name): Contender => ({
      name,
      version: '1',
      ports: { plug: 1 },
      command: sleeper(name, folder),
    }));
    const turns: string[] = [];
    const modes: string[] = [];
    const row: Row = {
      id: 'turns',
      table: 'plain',
      title: 'turns',
      costUnit: 'turns',
      rateUnit: '',
      isFresh: false,
      needs: 'plug',
      measure: (_subject, mode) => {
        modes.push(mode);
        return Promise.resolve({ cost: 1 });
      },
    };
    const result = await measureRow(row, contenders, {
      mode: 'full',
      rounds: 3,
      warmUpMs: 0,
      serverPort: 1,
      tls: makeTlsSite(folder, 1, 1),
      cores: { kind: 'shared', reason: 'this is a test' },
      deadline: Infinity,
      progress: (text) => turns.push(text.split(' ')[0] ?? ''),
    });
    assert.deepEqual(result.faults, []);
    const forwards = ['zorp', 'haproxy', 'nginx'];
    const backwards = forwards.toReversed();
    assert.deepEqual(turns, [...forwards, ...forwards, ...backwards, ...forwards]);
    assert.deepEqual(modes, [...Array<string>(6).fill('quick'), ...Array<string>(9).fill('full')]);
  });
});

describe('haproxy with a rule and a log', needs('haproxy'), () => {
  it('writes a line for each connection', async (t) => {
    const folder = temporaryFolder(t, 'benchmark');
    const [serverPort = 0, ...free] = await freePorts(1 + PORT_NAMES.length);
    const server = createServer((socket) => {
      socket.on('error', () => undefined); // of the connection that looked whether haproxy is there
      socket.once('data', () => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
    });
    t.after(() => server.close());
    await once(server.listen(serverPort, '127.0.0.1'), 'listening');
    const ports = Object.fromEntries(
      PORT_NAMES.map((name, index) => [name, free[index] ?? 0]),
    ) as Record<PortName, number>; // all of them have one
    const blockedDomains = join(folder, 'blocked.txt');
    writeBlockedDomains(blockedDomains);
    const tls = makeTlsSite(folder, 1, 1);
    const found = haproxy({ folder, serverPort, ports, blockedDomains, tls });
    assert.ok(found.contender !== undefined);
    const { command } = found.contender;
    const process = await start(command);
    t.after(() => process.stop());
    for (const [name, word] of [
      ['plugLogged', ' plug-logged '],
      ['httpOnceLogged', '"GET /small HTTP/1.1"'],
    ] as const) {
      await withLines(command.log, 1, () => ask(ports[name]));
      assert.ok(readFileSync(command.log, 'latin1').includes(word), name);
    }
    const unlogged = withLines(command.log, 1, () => ask(ports.plug), SHORT_MS);
    await assert.rejects(unlogged, /^Error: 0 lines/);
  });
});

async function ask(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1').resume();
  socket.end('GET /small HTTP/1.1\r\nHost: bench.example\r\n\r\n');
  await once(socket, 'close');
}
