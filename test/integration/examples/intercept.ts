// intercept.ts: curl and openssl with the authority of the office, servers that are trusted, that are not, and one that is left alone.
import assert from 'node:assert/strict';
import type { MadeCertificate } from '../../support/test-authority.ts';
import { TestAuthority } from '../../support/test-authority.ts';
import type { Scene } from '../../support/system-scene.ts';

const OFFICE = '10.1.0.5';
const GATEWAY = '10.1.0.1:3128';

export async function drive(scene: Scene): Promise<void> {
  const { lab } = scene;
  const policies = `${lab.folder}/policies`;
  const authority = new TestAuthority(`${policies}/certificates`, 'authority');
  const unknown = TestAuthority.in(`${policies}/unknown`, 'unknown');
  const serve = async (host: string, files: MadeCertificate): Promise<void> => {
    const { certificate, privateKey } = files;
    const listen = ['-www', '-accept', `${host}:443`, '-key', privateKey, '-cert', certificate];
    await lab.start(['openssl', 's_server', ...listen], scene.owner).says(/ACCEPT/);
  };
  await serve('203.0.113.16', authority.issue('secure.example'));
  await serve('203.0.113.17', unknown.issue('strange.example'));
  await serve('203.0.113.20', unknown.issue('bank.example'));

  const by = ['--interface', OFFICE, '-x', GATEWAY];
  const to = (name: string, ca: string): string[] => [...by, '--cacert', ca, `https://${name}/`];
  const trusted = `${policies}/ca/trusted.pem`;
  const accepted = { verdict: 'accepted', service: 'gateway', clientZone: 'office' } as const;
  const page = { status: 200, connectStatus: 200, body: /Ciphers/ };
  const secure = { ...accepted, server: '203.0.113.16:443' } as const;
  const reached = to('secure.example', trusted);

  // A page is read through the gateway without a warning, and again; a form is not sent.
  await scene.curl(reached, page, secure);
  await scene.curl(reached, page, secure);
  const form = { status: 403, connectStatus: 200, body: /reading only/ };
  const refused = { verdict: 'denied-by-policy', reason: 'http.request-refused' } as const;
  await scene.curl([...reached, '-d', 'a=b'], form, { service: 'gateway', ...refused });

  // What the client is shown says what the certificate of the server says.
  const shown = await lab.run([
    'openssl',
    ...['s_client', '-proxy', GATEWAY, '-connect', 'secure.example:443', '-CAfile', trusted],
    ...['-servername', 'secure.example', '-verify_hostname', 'secure.example', '-x509_strict'],
  ]);
  assert.match(shown.stdout, /Verify return code: 0 \(ok\)/, shown.stderr);
  assert.match(shown.stdout, /subject=CN = secure\.example\s+issuer=CN = Office CA\n/);
  await scene.expectRecord({ service: 'gateway' }, 's_client');

  // A server that nobody vouches for: curl refuses to go on; who goes on all the same is told why.
  const strange = to('strange.example', trusted);
  await scene.curl(strange, { status: 0, connectStatus: 200, exit: 60 }, { service: 'gateway' });
  const told = {
    status: 403,
    connectStatus: 200,
    body: /certificate of strange\.example is not accepted: no authority that is trusted vouches for it/,
  };
  await scene.curl(to('strange.example', `${policies}/ca/untrusted.pem`), told, {
    verdict: 'denied-by-policy',
    reason: 'tls.certificate-untrusted',
  });

  // The bank shows its own certificate.
  const bank = { ...accepted, server: '203.0.113.20:443' } as const;
  await scene.curl(to('bank.example', unknown.certificate), page, bank);

  // Nobody is left alone by its name only, on the way to another server.
  const posing = await lab.run([
    'openssl',
    ...['s_client', '-proxy', GATEWAY, '-connect', 'secure.example:443'],
    ...['-servername', 'bank.example'],
  ]);
  assert.match(posing.stdout, /issuer=CN = Office CA for UNTRUSTED servers\n/, posing.stderr);
  await scene.expectRecord({ service: 'gateway' }, 'the bank elsewhere');

  const record = scene.zorp.records.find(({ serverTls }) => serverTls !== null);
  assert.equal(record?.clientTls?.serverName, 'secure.example');
  assert.equal(record.serverTls?.peer?.subject, 'CN=secure.example');
}
