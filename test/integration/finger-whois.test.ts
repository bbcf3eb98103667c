// finger and whois with real peers on both sides: the Debian clients, through policies/look-up.ts, to the Debian finger
// server and to a whois server of one line.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { join } from 'node:path';
import { needs } from '../support/needs.ts';
import { LAB_NEEDS, Lab } from '../support/system-lab.ts';
import type { Command, ProcessEnd } from '../support/system-process.ts';
import { suiteOwner } from '../support/system-process.ts';
import { RunningZorp } from '../support/system-zorp.ts';

const ROOT = join(import.meta.dirname, '../..');
const TCP_MAIN = join(ROOT, 'test/support/system-tcp-main.ts');
const WHOIS_SERVER =
  'read -r query; printf "query: %s\\ndomain: caf\\303\\251\\nno line end" "$query"';

const PROGRAMS = ['finger', 'in.fingerd', 'whois'] as const;

describe('finger and whois', { ...needs(...LAB_NEEDS, ...PROGRAMS), timeout: 60_000 }, () => {
  const owner = suiteOwner();
  let lab: Lab;
  let zorp: RunningZorp;

  /** Runs a client, and the reason that its connection is recorded with. */
  async function ask(...command: Command): Promise<{ seen: ProcessEnd; reason: string }> {
    const seen = await lab.run(command);
    return { seen, reason: (await zorp.record()).reason };
  }

  before(async () => {
    lab = await Lab.open(owner, {
      addresses: ['10.0.0.1', '10.1.0.1', '10.99.0.79', '203.0.113.43'],
      hosts: { 'shell.example': ['10.99.0.79'] },
    });
    const servers: readonly Command[] = [
      ['10.99.0.79', '79', 'in.fingerd'],
      ['203.0.113.43', '43', 'sh', '-c', WHOIS_SERVER],
    ];
    for (const server of servers)
      await lab.start([process.execPath, TCP_MAIN, 'inetd', ...server]).says(/ready/);
    zorp = await RunningZorp.start(owner, join(ROOT, 'policies/look-up.ts'), {
      inside: (command) => lab.inside(command),
    });
  });

  it('finger shows a user', async () => {
    const { seen, reason } = await ask('finger', 'root@10.0.0.1');
    assert.match(seen.stdout, /^Login: root\s/m);
    assert.match(seen.stdout, /^Directory: \/root\s/m);
    assert.equal(reason, 'finger.finished');
  });

  it('finger -l asks for all that there is, and the log says so', async () => {
    const { reason } = await ask('finger', '-l', 'root@10.0.0.1');
    assert.equal(reason, 'finger.finished');
    const logged = zorp.lines.filter(({ code }) => code === 'finger.request').at(-1);
    assert.equal(logged?.fields?.['request'], '/W root');
  });

  it('finger shows why a list is refused', async () => {
    const { seen, reason } = await ask('finger', '@10.0.0.1');
    assert.match(seen.stdout, /Zorp: Ask for a user, not for a list/);
    assert.equal(reason, 'finger.request-refused');
  });

  it('finger names the server itself where the policy lets it', async () => {
    const { seen, reason } = await ask('finger', 'root@shell.example@10.1.0.1');
    assert.match(seen.stdout, /^Login: root\s/m);
    assert.equal(reason, 'finger.finished');
    const unknown = await ask('finger', 'root@nowhere.example@10.1.0.1');
    assert.match(unknown.seen.stdout, /^Zorp: .+/m);
    assert.match(unknown.reason, /^resolve\./);
    const nobody = await ask('finger', 'root@10.1.0.1');
    assert.match(nobody.seen.stdout, /^Zorp: Nothing says which server is meant/m);
    assert.equal(nobody.reason, 'route.no-target');
  });

  it('whois shows a domain, with the footer', async () => {
    const { seen, reason } = await ask('whois', '-h', '10.0.0.1', 'example.org');
    assert.equal(reason, 'whois.finished');
    const lines = seen.stdout.split(/\r?\n/).filter((line) => line !== '');
    assert.deepEqual(lines, [
      'query: example.org',
      'domain: café',
      'no line end',
      '% asked through the firewall',
    ]);
  });

  it('whois shows why a query is refused', async () => {
    const { seen, reason } = await ask('whois', '-h', '10.0.0.1', 'wiki.internal');
    assert.match(seen.stdout, /^Zorp: Names of the intranet stay here/m);
    assert.equal(reason, 'whois.request-refused');
  });
});
