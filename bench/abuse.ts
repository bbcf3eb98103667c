// What hostile clients can do to a Zorp and to its other clients: memory, descriptors, and the time that an honest client
// waits, before, during and after each attack. Run as root, for the number of descriptors: node bench/abuse.ts [SECONDS] [ATTACK...]

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attackedPolicy } from '../test/support/attacked-policy.ts';
import type { Attack } from '../test/support/attacks.ts';
import { ATTACKS } from '../test/support/attacks.ts';
import type { Probed } from '../test/support/honest-client.ts';
import { probe } from '../test/support/honest-client.ts';
import { start } from './child.ts';
import { freePorts } from './free-ports.ts';
import { memoryBytes } from './process-tree.ts';

const ROOT = join(import.meta.dirname, '..');
const QUIET_MS = 3_000;
const SAMPLE_MS = 100;
const DEFAULT_SECONDS = 15;

interface Usage {
  readonly bytes: number;
  readonly descriptors: number;
}

/** What an attacker counted. */
interface Told {
  readonly opened: number;
  readonly ended: readonly (readonly [status: number, count: number])[];
  readonly sent: number;
}

const [seconds = DEFAULT_SECONDS] = process.argv.slice(2, 3).map(Number);
const names = process.argv.slice(3);
const folder = mkdtempSync(join(tmpdir(), 'zorp-abuse-'));
process.once('exit', () => {
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const [serverPort = 0] = await freePorts(1);
await start({
  name: 'server',
  file: process.execPath,
  args: [join(ROOT, 'test/support/attacked-server-main.ts'), String(serverPort)],
  ports: [serverPort],
  log: join(folder, 'server.log'),
});
const COLUMNS = [
  'attack',
  'connections, ended with',
  'memory before, most, after (MiB)',
  'descriptors',
  'honest client: before, during (ms; failed)',
  'waited for a processor',
];
console.log(`| ${COLUMNS.join(' | ')} |\n| ${COLUMNS.map(() => '---').join(' | ')} |`);
for (const attack of ATTACKS)
  if (names.length === 0 || names.includes(attack.name)) console.log(await measure(attack));
process.exit(0);

/** Each attack meets a fresh Zorp. */
async function measure(attack: Attack): Promise<string> {
  const [port = 0] = await freePorts(1);
  const policy = join(folder, 'policy.ts');
  writeFileSync(policy, attackedPolicy(port, serverPort));
  const zorp = await start({
    name: 'zorp',
    file: process.execPath,
    args: [join(ROOT, 'src/cli/main.ts'), 'run', policy],
    ports: [port],
    log: join(folder, 'zorp.log'),
  });
  try {
    await probe(port, AbortSignal.timeout(QUIET_MS)); // warm
    const before = await probe(port, AbortSignal.timeout(QUIET_MS));
    const atRest = usage(zorp.pid);
    const durationMs = seconds * 1000;
    const waited = waitedMs(zorp.pid);
    const during = probe(port, AbortSignal.timeout(durationMs));
    const most = mostUsage(zorp.pid, AbortSignal.timeout(durationMs));
    const told = await run(ATTACKS.indexOf(attack), port, durationMs);
    const probed = await during;
    const waitedPart = (waitedMs(zorp.pid) - waited) / durationMs;
    const peak = await most;
    await sleep(QUIET_MS);
    const found = line(attack, told, [atRest, peak, usage(zorp.pid)], [before, probed]);
    return `${found} ${(waitedPart * 100).toFixed(0)} % |`;
  } finally {
    await zorp.stop();
  }
}

function line(
  attack: Attack,
  told: Told,
  usages: readonly Usage[],
  probed: readonly Probed[],
): string {
  const ended = told.ended.map(([status, count]) => `${count} ${status === 0 ? 'closed' : status}`);
  const connections = [String(told.opened), ...ended].join(', ');
  const sent = told.sent > 0 ? `, ${(told.sent / 1024 ** 2).toFixed(0)} MiB sent` : '';
  const memory = usages.map(({ bytes }) => (bytes / 1024 ** 2).toFixed(0)).join(', ');
  const descriptors = usages.map(({ descriptors }) => descriptors).join(', ');
  const honest = probed.map(({ times, failed }) => `${median(times).toFixed(2)} (${failed})`);
  return `| ${attack.name}: ${attack.what} | ${connections}${sent} | ${memory} | ${descriptors} | ${honest.join(', ')} |`;
}

function usage(pid: number): Usage {
  return { bytes: memoryBytes(pid), descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

/**
 * How long a process was ready to run while others had the processors, in milliseconds (the kernel's
 * Documentation/scheduler/sched-stats.rst): where this is much, the machine is what honest clients wait for.
 */
function waitedMs(pid: number): number {
  const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ');
  return Number(waitedNs) / 1_000_000;
}

async function mostUsage(pid: number, until: AbortSignal): Promise<Usage> {
  let most: Usage = { bytes: 0, descriptors: 0 };
  while (!until.aborted) {
    const now = usage(pid);
    most = {
      bytes: Math.max(most.bytes, now.bytes),
      descriptors: Math.max(most.descriptors, now.descriptors),
    };
    await sleep(SAMPLE_MS);
  }
  return most;
}

function run(index: number, port: number, durationMs: number): Promise<Told> {
  const file = join(ROOT, 'test/support/attacker-main.ts');
  // On a machine of its own an attacker would not take the processor away from anybody: here it gets what is left.
  const args = [
    '-n',
    '19',
    process.execPath,
    file,
    String(index),
    String(port),
    String(durationMs),
  ];
  const child = spawn('nice', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString('utf8')));
  return new Promise((resolve) => {
    child.once('close', () => resolve(JSON.parse(text) as Told));
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
