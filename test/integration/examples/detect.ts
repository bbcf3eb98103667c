// detect.ts: curl, ssh and ssh-keyscan at one port, each with the server that it means.
import assert from 'node:assert/strict';
import type { Scene } from '../../support/system-scene.ts';
import { startSshServer } from '../../support/system-ssh.ts';

const OFFICE = '10.1.0.5';

export async function drive(scene: Scene): Promise<void> {
  const ssh = await startSshServer(scene.lab, { host: '10.99.0.22', port: 22 }, scene.owner);
  const accepted = { verdict: 'accepted', rule: 1, clientZone: 'office' } as const;
  const web = { ...accepted, service: 'web', server: '10.99.0.80:80' };
  const shell = { ...accepted, service: 'shell', server: '10.99.0.22:22' };

  const url = 'http://10.99.0.1:443/';
  await scene.curl(['--interface', OFFICE, url], { status: 200, body: /^server: web$/m }, web);

  // The client of OpenSSH speaks at once.
  const said = await ssh.run('echo it-came-through', {
    from: OFFICE,
    host: '10.99.0.1',
    port: 443,
  });
  assert.deepEqual([said.stdout, said.status], ['it-came-through\n', 0], said.stderr);
  await scene.expectRecord(shell, 'ssh');

  // This one waits for its server to greet.
  const silent = { host: '10.99.0.1', port: 443, from: OFFICE, afterBytes: 10 };
  const greeted = await scene.talk({ ...silent, then: 'end' }, shell);
  assert.match(greeted.text, /^SSH-2\.0-OpenSSH/);

  const denied = { verdict: 'denied-by-policy', rule: 1, reason: 'service.denied' } as const;
  const other = { host: '10.99.0.1', port: 443, from: OFFICE, send: 'EHLO mail.example\r\n' };
  await scene.talk(other, { ...denied, service: 'nothing-else' });
  await scene.talk({ host: '10.99.0.1', port: 443, from: '192.0.2.9' }, { reason: 'rule.none' });
}
