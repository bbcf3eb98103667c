// server-names.ts: curl at one address, which gets the server that it names, and no other.
import assert from 'node:assert/strict';
import type { Scene } from '../../support/system-scene.ts';

const OFFICE = '10.1.0.5';
const SERVERS = [
  { name: 'shop.example', address: '10.99.0.81', service: 'shop' },
  { name: 'www.example', address: '10.99.0.80', service: 'web' },
];

export async function drive(scene: Scene): Promise<void> {
  const { lab } = scene;
  for (const { name, address } of SERVERS) {
    const files = [`${lab.folder}/${name}.key`, `${lab.folder}/${name}.pem`] as const;
    const made = await lab.run([
      'openssl',
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
      ...['-nodes', '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`],
      ...['-keyout', files[0], '-out', files[1]],
    ]);
    assert.equal(made.status, 0, made.stderr);
    const server = lab.start([
      'openssl',
      ...['s_server', '-www', '-accept', `${address}:443`],
      ...['-key', files[0], '-cert', files[1]],
    ]);
    await server.says(/ACCEPT/);
  }
  const ask = (name: string, certificate = name): readonly string[] => [
    ...['--interface', OFFICE, '--cacert', `${lab.folder}/${certificate}.pem`],
    ...['--connect-to', `${name}:443:10.99.0.1:443`, `https://${name}/`],
  ];
  const accepted = { verdict: 'accepted', rule: 1, clientZone: 'office' } as const;
  for (const { name, address, service } of SERVERS) {
    // curl checks the certificate: it is the server's own, so nobody has opened the connection.
    const record = { ...accepted, service, server: `${address}:443` };
    await scene.curl(ask(name), { status: 200, body: /Ciphers/ }, record);
  }
  const denied = { verdict: 'denied-by-policy', rule: 1, reason: 'service.denied' } as const;
  const refused = { status: 0, exit: 35 };
  await scene.curl(ask('other.example', 'www.example'), refused, denied);
  await scene.curl(
    ['--interface', OFFICE, 'http://10.99.0.1:443/'],
    { status: 0, exit: 56 },
    denied,
  );
}
