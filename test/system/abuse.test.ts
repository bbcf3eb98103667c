// Hostile clients of the HTTP proxy: what they cost in memory and descriptors is bounded, honest clients are served
// meanwhile, and nothing is left of them. bench/abuse.ts has figures for longer attacks.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { attackedPolicy } from '../support/attacked-policy.ts';
import { ATTACKS } from '../support/attacks.ts';
import { freePort } from '../support/free-port.ts';
import { probe } from '../support/honest-client.ts';
import { needs } from '../support/needs.ts';
import { policyPath } from '../support/system-policy.ts';
import { SystemProcess, suiteOwner } from '../support/system-process.ts';
import { until } from '../support/system-wait.ts';
import { RunningZorp } from '../support/system-zorp.ts';

const ATTACK_MS = 2_500;
/** What the kernel holds of the clients, up to 6 MB of each, is worked off when they have gone. */
const WORK_OFF_MS = 30_000;
/** 10,000 connections and what V8 takes to work; nothing that grows with what is sent. */
const MOST_GROWTH = 320 * 1024 * 1024;
const ATTACKER = join(import.meta.dirname, '../support/attacker-main.ts');
const SERVER = join(import.meta.dirname, '../support/attacked-server-main.ts');

describe('under attack', { ...needs('nice', 'setpriv'), timeout: 120_000 }, () => {
  const owner = suiteOwner();
  let zorp: RunningZorp;

  before(async () => {
    const serverPort = await freePort();
    const server = SystemProcess.start(owner, [process.execPath, SERVER, String(serverPort)]);
    await server.says(/ready/);
    const path = policyPath(owner);
    writeFileSync(path, attackedPolicy(0, serverPort));
    zorp = await RunningZorp.start(owner, path);
    await probe(zorp.port, AbortSignal.timeout(500));
  });

  for (const [index, attack] of ATTACKS.entries())
    it(`is bounded, and serves others: ${attack.name}`, async () => {
      const descriptors = zorp.descriptors;
      const atRest = memoryOf(zorp.pid);
      const args = [ATTACKER, String(index), String(zorp.port), String(ATTACK_MS)];
      const nice = ['nice', '-n', '19', process.execPath, ...args] as const;
      const attacker = SystemProcess.start(owner, nice);
      const honest = await probe(zorp.port, AbortSignal.timeout(ATTACK_MS));
      const { stdout } = await attacker.end();
      assert.ok((JSON.parse(stdout) as { opened: number }).opened > 0, 'nobody attacked');
      assert.equal(honest.failed, 0, 'an honest client was not served');
      assert.ok(honest.times.length > 0, 'there was no honest client');
      const growth = memoryOf(zorp.pid, 'VmHWM') - atRest;
      assert.ok(growth < MOST_GROWTH, `${growth} bytes more`);
      const isOver = (): boolean => zorp.descriptors <= descriptors;
      await until('its descriptors to be closed', () => isOver() || undefined, {
        deadlineMs: WORK_OFF_MS,
        seen: () => `${zorp.descriptors}, before ${descriptors}`,
      });
    });
});

/** The memory of a process now, or the most that it ever had, in bytes (proc(5)). */
function memoryOf(pid: number, field: 'VmRSS' | 'VmHWM' = 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  assert.ok(kibibytes !== undefined, `no ${field}`);
  return Number(kibibytes) * 1024;
}
