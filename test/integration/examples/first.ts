// first.ts: every command of its head comment does what the comment says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../../support/system-lab.ts';
import type { Expected, ExpectedAnswer, Scene } from '../../support/system-scene.ts';

const permitted = { verdict: 'accepted', clientZone: 'machine' } as const;
const PUBLIC = '203.0.113.7';

/** What each command of the head comment must do, in their order. */
const OUTCOMES: readonly (readonly [ExpectedAnswer, Expected])[] = [
  [
    { status: 200, body: /^server: public$/m },
    { ...permitted, service: 'web', serverZone: 'internet', server: `${PUBLIC}:80` },
  ],
  [
    { status: 200, connectStatus: 200, body: /s_server/ },
    { ...permitted, service: 'web', serverZone: 'internet', server: `${PUBLIC}:443` },
  ],
  [
    { status: 403, body: /Clients in zone guarded may not use service web/ },
    { verdict: 'denied-by-policy', reason: 'access.outbound', clientZone: 'guarded', server: null },
  ],
  [
    { status: 200, body: /^server: development$/m },
    { ...permitted, service: 'development', serverZone: 'machine', server: '127.0.0.1:8000' },
  ],
];

export async function drive(scene: Scene): Promise<void> {
  const certificate = await startTlsServer(scene.lab);
  const commands = readCommands(scene.policyFile);
  assert.equal(commands.length, OUTCOMES.length, 'the head comment has other commands');
  for (const [index, [answer, expected]] of OUTCOMES.entries())
    await scene.curl(['--cacert', certificate, ...(commands[index] ?? [])], answer, expected);

  const proxy = ['-x', 'http://127.0.0.1:8080'];
  const refused = { verdict: 'denied-by-policy', clientZone: 'machine' } as const;
  await scene.curl(
    [...proxy, 'http://10.99.0.80/'],
    { status: 403 },
    { ...refused, reason: 'access.inbound', serverZone: 'guarded' },
  );
  await scene.curl(
    [...proxy, 'https://10.99.0.80/'],
    { status: 0, connectStatus: 403, exit: 56 },
    { ...refused, reason: 'access.inbound', serverZone: 'guarded' },
  );
  await scene.curl(
    [...proxy, 'http://127.0.0.1:8080/'],
    { status: 403 },
    { ...refused, reason: 'route.loop' },
  );
  await scene.curl(
    [...proxy, `http://${PUBLIC}:25/`],
    { status: 403 },
    { ...refused, server: null },
  );
  await scene.curl(
    ['--interface', '127.0.0.9', 'http://127.0.0.1:8081/'],
    { status: 0, exit: [52, 56] }, // a plug cannot say why: it closes, which resets what is on its way
    { verdict: 'denied-by-policy', reason: 'access.outbound', clientZone: 'guarded' },
  );
}

/** The arguments of the lines `//   curl ...` at the top; a note in brackets is not one. */
function readCommands(policyFile: string): string[][] {
  const lines = readFileSync(policyFile, 'utf8').matchAll(/^\/\/ +curl (.*?)(?: {2,}\(.*)?$/gm);
  return [...lines].map(([, args = '']) => args.trim().split(/ +/));
}

/** Starts a web server with TLS. @returns the file of its certificate. */
async function startTlsServer(lab: Lab): Promise<string> {
  const [key, certificate] = [join(lab.folder, 'key.pem'), join(lab.folder, 'certificate.pem')];
  const subject = ['-subj', '/CN=example.org', '-addext', 'subjectAltName=DNS:example.org'];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const made = await lab.run([
    'openssl',
    'req',
    ...kind,
    ...subject,
    '-keyout',
    key,
    '-out',
    certificate,
  ]);
  assert.equal(made.status, 0, made.stderr);
  const files = ['-key', key, '-cert', certificate];
  const server = lab.start(['openssl', 's_server', '-www', '-accept', `${PUBLIC}:443`, ...files]);
  await server.says(/ACCEPT/);
  return certificate;
}
