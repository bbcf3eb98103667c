// The three machines themselves, before any Zorp: what the other tests of this folder stand on.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { isAnyUsed, namespacesOf } from '../support/namespaces.ts';
import { needs } from '../support/needs.ts';
import { ADDRESSES, NETWORK_NEEDS, NetworkLab } from '../support/network-lab.ts';
import { suiteOwner } from '../support/system-process.ts';
import { until } from '../support/system-wait.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { sighting, startWitness } from '../support/witness.ts';

describe('the network of the system tests', needs(...NETWORK_NEEDS, 'socat'), () => {
  const owner = suiteOwner();

  it('lets the client reach the server through the firewall with its own address', async () => {
    const lab = await NetworkLab.open(owner);
    for (const protocol of ['tcp', 'udp'] as const)
      for (const family of ['ipv4', 'ipv6'] as const) {
        const at = { protocol, address: ADDRESSES.server[family], port: 7007 };
        await startWitness(lab.server, at);
        const seen = await sighting(lab.client, at, { fromPort: 4007 });
        const expected = { address: ADDRESSES.client[family], port: 4007, text: 'hello\n' };
        assert.deepEqual(seen, expected, `${protocol} ${family}`);
      }
  });

  it('leaves no namespace and no process behind when the test process is killed', (t) =>
    leavesNothingWhenKilled(t, `lab.server.start(['sleep', '1000']);`));

  it(
    'nor what a server has forked that does not see the end of its parent',
    needs('apache2', 'curl', 'git'),
    (t) =>
      leavesNothingWhenKilled(
        t,
        `const { startApache } = await import('${SUPPORT}/system-apache.ts');
        await startApache(lab.server, { name: 'git.example', address: '127.0.0.1', port: 80 });`,
      ),
  );
});

const SUPPORT = `${import.meta.dirname}/../support`;

/** Starts something in a lab of another test process, and kills that process. */
async function leavesNothingWhenKilled(owner: TestContext, start: string): Promise<void> {
  const folder = temporaryFolder(owner, 'killed');
  const code = `
    import { NetworkLab } from '${SUPPORT}/network-lab.ts';
    const lab = await NetworkLab.open({ after: () => undefined });
    ${start}
    console.log('ready');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
    env: { ...process.env, TMPDIR: folder }, // whoever is killed removes no files
  });
  child.stderr.pipe(process.stderr);
  await once(child.stdout, 'data');
  const made = namespacesOf(child.pid ?? -1);
  assert.equal(made.size, 3);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await until('the namespaces to be gone', () => !isAnyUsed(made));
}
