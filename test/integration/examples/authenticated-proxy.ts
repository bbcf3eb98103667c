// authenticated-proxy.ts: who surfs must say who it is; passwords change while Zorp runs.
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashSync } from 'bcryptjs';
import type { Scene } from '../../support/system-scene.ts';

const PASSED = { verdict: 'accepted', serverZone: 'internet' } as const;
const ASKED = { verdict: 'accepted', server: null } as const;
// A client of SOCKS is not asked again.
const UNPROVED = {
  verdict: 'denied-by-policy',
  reason: 'socks.not-authenticated',
  server: null,
} as const;
const REFUSED = {
  verdict: 'denied-by-policy',
  reason: 'authorization.refused',
  server: null,
} as const;

export async function drive(scene: Scene): Promise<void> {
  const client = ['--interface', '10.1.0.5', '-x', 'http://10.0.0.1:3128'];
  const url = 'http://www.example/';
  const as = (user: string, ...args: readonly string[]): readonly string[] => [
    ...client,
    '--proxy-user',
    user,
    ...args,
  ];
  const question = { status: 407, body: /authentication\.required/ };
  const wrong = { status: 407, body: /authentication\.rejected/ };

  await scene.curl([...client, url], question, ASKED);
  await scene.curl(as('alice:wonderland', url), { status: 200 }, PASSED);
  await scene.curl(as('alice:wonderlan', url), wrong, ASKED);
  await scene.curl(as('nobody:wonderland', url), wrong, ASKED);
  const bySocks = (user: string): readonly string[] => [
    ...['--interface', '10.1.0.5', '-x', `socks5h://${user}@10.0.0.1:3128`, url],
  ];
  await scene.curl(bySocks('alice:wonderland'), { status: 200 }, PASSED);
  await scene.curl(bySocks('alice:wonderlan'), { status: 0, exit: 97 }, UNPROVED);
  // In no group: its name is right, and it may not pass.
  await scene.curl(as('bob:builder', url), { status: 403 }, REFUSED);

  // Asked once, then answered, on one connection.
  await scene.curl(as('alice:wonderland', '--proxy-anyauth', url), { status: 200 }, PASSED);
  await scene.curl(
    [...client, 'https://www.example/'],
    { status: 0, connectStatus: 407, exit: 56 },
    ASKED,
  );

  const list = join(dirname(scene.policyFile), 'lists/users.htpasswd');
  writeFileSync(`${list}.new`, `alice:${hashSync('looking-glass', 6)}\n`);
  renameSync(`${list}.new`, list);
  await scene.zorp.says('policy.list-read');
  await scene.curl(as('alice:wonderland', url), wrong, ASKED);
  await scene.curl(as('alice:looking-glass', url), { status: 200 }, PASSED);

  // A file with a fault changes nothing, and its fault is told without the hash.
  writeFileSync(list, 'alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n');
  const said = await scene.zorp.says('policy.list-faulty');
  assert.match(JSON.stringify(said), /SHA-1/);
  assert.doesNotMatch(JSON.stringify(said), /5en6G6/);
  await scene.curl(as('alice:looking-glass', url), { status: 200 }, PASSED);
  writeFileSync(list, '# nobody\n');
}
