// tls.ts: curl with the authority of the office, nginx and openssl as servers, each of which sees what it should.
import assert from 'node:assert/strict';
import type { Scene } from '../../support/system-scene.ts';

const OFFICE = '10.1.0.5';

export async function drive(scene: Scene): Promise<void> {
  const { lab } = scene;
  const folder = `${lab.folder}/policies/certificates`;
  const authority = `${folder}/authority.pem`;
  // A server that refuses whoever shows no certificate of the authority.
  const server = lab.start([
    'openssl',
    ...['s_server', '-www', '-accept', '203.0.113.20:443', '-Verify', '1', '-verify_return_error'],
    ...['-CAfile', authority, '-cert', `${folder}/partner.example.pem`],
    ...['-key', `${folder}/partner.example.key`],
  ]);
  await server.says(/ACCEPT/);
  const accepted = { verdict: 'accepted', clientZone: 'office' } as const;
  const from = ['--interface', OFFICE, '--cacert', authority];

  const offload = { ...accepted, service: 'offload', server: '10.99.0.80:80' } as const;
  for (const name of ['www.example', 'shop.example']) {
    const to = ['--connect-to', `${name}:443:10.99.0.1:443`, `https://${name}/`];
    await scene.curl([...from, ...to], { status: 200, body: /^server: web$/m }, offload);
  }
  const fronting = ['-H', 'Host: shop.example', '--connect-to', 'www.example:443:10.99.0.1:443'];
  await scene.curl(
    [...from, ...fronting, 'https://www.example/'],
    { status: 421 },
    { service: 'offload', server: null, reason: 'http.server-name-mismatch' },
  );
  const other = ['--connect-to', 'other.example:443:10.99.0.1:443', 'https://other.example/'];
  const denied = { service: 'offload', server: null } as const;
  await scene.curl([...from, ...other], { status: 0, exit: 35 }, denied);

  const partner = { ...accepted, service: 'partner', server: '203.0.113.20:443' } as const;
  await scene.curl([...from, 'http://10.1.0.1:8080/'], { status: 200, body: /Ciphers/ }, partner);

  const to = ['--connect-to', 'www.example:443:10.1.0.1:443', 'https://www.example/'];
  const own = ['--cert', `${folder}/clerk.example.pem`, '--key', `${folder}/clerk.example.key`];
  const staff = { ...accepted, service: 'staff', server: '203.0.113.20:443' } as const;
  await scene.curl([...from, ...own, ...to], { status: 200, body: /Ciphers/ }, staff);
  const stranger = { verdict: 'denied-by-policy', reason: 'tls.no-certificate-shown' } as const;
  await scene.curl(
    [...from, ...to],
    { status: 0, exit: [52, 56] },
    { ...stranger, service: 'staff' },
  );
  const last = scene.zorp.records.find(({ serverTls }) => serverTls !== null);
  assert.equal(last?.serverTls?.peer?.subject, 'CN=partner.example');
  assert.equal(last.serverTls.peer.trusted, true);
}
