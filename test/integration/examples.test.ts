// Every example policy, with real traffic at its own addresses: what its clients see, what is recorded of each
// connection, and that `zorp explain` says the same beforehand.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { join } from 'node:path';
import { copyExamples } from '../support/example-policies.ts';
import { needs } from '../support/needs.ts';
import { LAB_NEEDS, Lab } from '../support/system-lab.ts';
import { runCommand } from '../support/system-cli.ts';
import { startNginx } from '../support/system-nginx.ts';
import { suiteOwner } from '../support/system-process.ts';
import { Scene } from '../support/system-scene.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The machines of all examples: those of the clients, the firewall's own, and the servers. */
const ADDRESSES = [
  ...['10.1.0.5', '10.1.0.6', '10.1.0.13', '10.1.200.5', '192.0.2.9', '10.99.0.9'],
  ...['10.0.0.1', '10.1.0.1', '10.99.0.1', '192.0.2.1'],
  ...[
    '10.99.0.22',
    '10.99.0.25',
    '10.99.0.53',
    '10.99.0.54',
    '10.99.0.55',
    '10.99.0.79',
    '10.99.0.80',
    '10.99.0.81',
    '10.99.0.82',
  ],
  ...[
    '203.0.113.7',
    '203.0.113.10',
    '203.0.113.11',
    '203.0.113.12',
    '203.0.113.16',
    '203.0.113.17',
    '203.0.113.20',
    '203.0.113.43',
    '2001:db8::10',
  ],
];
const HOSTS = {
  'example.org': ['203.0.113.7'],
  'www.example': ['203.0.113.10'],
  'forms.example': ['203.0.113.11'],
  'closed.example': ['203.0.113.12'],
  'secure.example': ['203.0.113.16'],
  'strange.example': ['203.0.113.17'],
  'bank.example': ['203.0.113.20'],
};
const SERVERS = [
  { listen: '203.0.113.7:80', name: 'public' },
  { listen: '203.0.113.10:80', name: 'www' },
  { listen: '203.0.113.11:80', name: 'forms' },
  { listen: '10.99.0.80:80', name: 'web' },
  { listen: '10.99.0.81:80', name: 'shop' },
  { listen: '127.0.0.1:8000', name: 'development' },
  { listen: '[2001:db8::10]:80', name: 'six' },
];

/** Examples that need more than one machine, and where they are driven. */
const DRIVEN_ELSEWHERE: Readonly<Record<string, string>> = {
  'behind-load-balancer.ts': 'test/integration/proxy-protocol.test.ts',
  'edge.ts': 'test/system/edge.test.ts',
};

interface ScenarioFile {
  readonly drive: (scene: Scene) => Promise<void>;
}

describe(
  'the example policies',
  needs(...LAB_NEEDS, 'nginx', 'curl', 'dig', 'openssl', 'ssh', 'sshd', 'ncat', 'aiosmtpd'),
  () => {
    const owner = suiteOwner();
    let lab: Lab;
    before(async () => {
      lab = await Lab.open(owner, { addresses: ADDRESSES, hosts: HOSTS });
      // A scenario may change the files of its policy while it runs.
      copyExamples(lab.folder);
      await startNginx(lab, SERVERS);
    });

    for (const name of globSync('*.ts', { cwd: join(ROOT, 'policies') }).sort()) {
      it(`${name} passes zorp check`, { timeout: 30_000 }, async () => {
        const policyFile = join(lab.folder, 'policies', name);
        const { exitCode, out, err } = await runCommand(['check', policyFile]);
        assert.equal(exitCode, 0, out + err);
      });

      const elsewhere = DRIVEN_ELSEWHERE[name];
      if (elsewhere !== undefined) {
        it(`${name} is driven by ${elsewhere}`, () => {
          const text = readFileSync(join(ROOT, elsewhere), 'utf8');
          assert.ok(text.includes(`policies/${name}`));
        });
        continue;
      }

      it(`${name} does with traffic what it says`, { timeout: 60_000 }, async (t) => {
        const { drive } = (await import(`./examples/${name}`)) as ScenarioFile;
        const scene = await Scene.open(lab, t, join(lab.folder, 'policies', name));
        await drive(scene);
        await scene.checkExplanations();
      });
    }
  },
);
