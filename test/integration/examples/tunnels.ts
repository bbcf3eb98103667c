// tunnels.ts: what curl, ssh and openssl send through a tunnel gets the service that is for it.
import assert from 'node:assert/strict';
import type { Scene } from '../../support/system-scene.ts';
import { startSshServer } from '../../support/system-ssh.ts';

const OFFICE = '10.1.0.5';
const GATEWAY = '10.1.0.1:3128';

export async function drive(scene: Scene): Promise<void> {
  const { lab } = scene;
  const ssh = await startSshServer(lab, { host: '203.0.113.43', port: 22 }, scene.owner);
  const [key, certificate] = [`${lab.folder}/tunnels.key`, `${lab.folder}/tunnels.pem`];
  const made = await lab.run([
    'openssl',
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-subj', '/CN=www.example', '-addext', 'subjectAltName=DNS:www.example'],
    ...['-keyout', key, '-out', certificate],
  ]);
  assert.equal(made.status, 0, made.stderr);
  const secure = lab.start(
    [
      ...(['openssl', 's_server', '-www', '-accept', '203.0.113.10:443'] as const),
      ...['-key', key, '-cert', certificate],
    ],
    scene.owner,
  );
  await secure.says(/ACCEPT/);

  const by = ['--interface', OFFICE, '-x', GATEWAY];
  const tunnel = [...by, '-p'];
  const accepted = { verdict: 'accepted', service: 'gateway', clientZone: 'office' } as const;
  const page = { status: 200, connectStatus: 200, body: /^server: www$/m };
  const www = { ...accepted, server: '203.0.113.10:80' };

  // Pages, with and without a tunnel, and several of them in one.
  await scene.curl([...by, 'http://www.example/'], { ...page, connectStatus: 0 }, www);
  await scene.curl([...tunnel, 'http://www.example/'], page, www);
  const again = ['--next', '-s', ...tunnel, 'http://www.example/again'];
  const twice = [...tunnel, 'http://www.example/', ...again];
  await scene.curl(twice, { ...page, body: /^server: www\n[^]*^server: www\n/m }, www);

  // A tunnel to one server is no way to another, and what may not be done outside may not be done inside.
  const fronted = [...tunnel, '-H', 'Host: forms.example', 'http://www.example/'];
  const mismatch = { verdict: 'denied-by-policy', reason: 'http.tunnel-host-mismatch' } as const;
  await scene.curl(fronted, { ...page, status: 421, body: /another server/ }, mismatch);
  const posted = [...tunnel, '-d', 'a=1', 'http://www.example/'];
  const method = { verdict: 'denied-by-policy', reason: 'http.method-refused' } as const;
  await scene.curl(posted, { ...page, status: 403, body: /./ }, method);

  // TLS passes untouched: curl checks the certificate of the server.
  const https = [...by, '--cacert', certificate, 'https://www.example/'];
  const tls = { ...accepted, server: '203.0.113.10:443' };
  await scene.curl(https, { status: 200, connectStatus: 200, body: /Ciphers/ }, tls);

  const way = { from: OFFICE, host: '203.0.113.43', port: 22 };
  const proxyCommand = `ncat -s ${OFFICE} --proxy ${GATEWAY} --proxy-type http %h %p`;
  const said = await ssh.run('echo it-came-through', { ...way, proxyCommand });
  assert.deepEqual([said.stdout, said.status], ['it-came-through\n', 0], said.stderr);
  await scene.expectRecord({ ...accepted, server: '203.0.113.43:22' }, 'ssh');

  // What is none of them comes to an end, at whatever port.
  const unknown = { verdict: 'denied-by-policy', reason: 'http.unknown-contents' } as const;
  const ask = (port: number): string =>
    `CONNECT 203.0.113.43:${port} HTTP/1.1\r\nHost: 203.0.113.43:${port}\r\n\r\nEHLO mail.example\r\n`;
  const client = { host: '10.1.0.1', port: 3128, from: OFFICE } as const;
  const cut = await scene.talk({ ...client, send: ask(22) }, unknown);
  assert.match(cut.text, /^HTTP\/1\.1 200 /);
  const listed = { verdict: 'denied-by-policy', reason: 'http.port-refused' } as const;
  await scene.talk({ ...client, send: ask(25) }, listed);

  // A request that has been here before comes round in a circle.
  const round = [...by, '-H', 'Via: 1.1 gateway-1', 'http://www.example/'];
  const loop = { verdict: 'denied-by-policy', reason: 'http.via-loop' } as const;
  await scene.curl(round, { status: 508, body: /already passed/ }, loop);
}
