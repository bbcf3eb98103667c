// Runs the named groups of tests (unit, integration, node-tls, system), each to its end, and fails if any of them failed.
// Arguments that begin with a dash go to node --test, as in `npm run test:unit -- --test-name-pattern=zone`.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';

interface Group {
  readonly options: readonly string[];
  readonly files: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const GROUPS: Readonly<Record<string, Group>> = {
  // Pure code leaves nothing behind, so that one process can run all of it: 0.9 s where a process a file takes 25 s.
  unit: {
    options: ['--test-isolation=none'],
    files: [
      'src/**/*.test.ts',
      'bench/**/*.test.ts',
      'test/*.test.ts',
      'test/{laws,conformance,support}/**/*.test.ts',
    ],
  },
  // Real sockets, processes and peers: one file at a time, each in its own process.
  integration: {
    options: ['--test-concurrency=1'],
    files: ['test/integration/**/*.test.ts'],
  },
  // TLS of Node's sockets, which is used where the engine cannot be had, against the same peers.
  'node-tls': {
    options: ['--test-concurrency=1'],
    files: [
      'test/integration/tls-*.test.ts',
      'test/integration/{https-urls,interception,parent-proxy-tls,server-certificates,server-names,starttls}.test.ts',
    ],
    environment: { ZORP_TLS: 'node' },
  },
  // Networks of namespaces with a firewall between them, and the kernel's packet filter: as root only.
  system: {
    options: ['--test-concurrency=1'],
    files: ['test/system/**/*.test.ts'],
  },
};

const REPORTERS = [
  '--test-reporter=spec',
  '--test-reporter-destination=stdout',
  '--test-reporter=./scripts/skip-reporter.ts',
  '--test-reporter-destination=stderr',
];

const passedOn = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));

for (const name of names) {
  if (!runGroup(name)) process.exitCode = 1;
}

function runGroup(name: string): boolean {
  const group = GROUPS[name];
  if (group === undefined) {
    console.error(`No test group "${name}": there are ${Object.keys(GROUPS).join(', ')}`);
    return false;
  }
  if (globSync(group.files).length === 0) {
    console.error(`No ${name} tests: no file matches ${group.files.join(', ')}`);
    return false;
  }
  const args = ['--test', ...group.options, ...REPORTERS, ...passedOn, ...group.files];
  const env = { ...process.env, ...group.environment };
  return spawnSync(process.execPath, args, { stdio: 'inherit', env }).status === 0;
}
