// starttls.ts: curl hands mail in to a server of aiosmtpd, both with STARTTLS; and who puts plain text behind it is cut off.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { Scene } from '../../support/system-scene.ts';

const OFFICE = '10.1.0.5';

export async function drive(scene: Scene): Promise<void> {
  const { lab } = scene;
  const certificates = `${lab.folder}/policies/certificates`;
  const command = [
    'aiosmtpd',
    ...['-n', '-d', '-l', '10.99.0.25:25'],
    ...['--tlscert', `${certificates}/partner.example.pem`],
    ...['--tlskey', `${certificates}/partner.example.key`],
  ] as const;
  const server = lab.start(command, scene.owner); // others need its address
  await server.says(/Server is listening/);
  writeFileSync(`${lab.folder}/letter`, 'Subject: a letter\r\n\r\nInside of TLS.\r\n');
  const through = { service: 'mail', clientZone: 'office', server: '10.99.0.25:25' } as const;

  const curl = [
    'curl',
    ...['--silent', '--show-error', '--max-time', '10', '--interface', OFFICE],
    ...['--ssl-reqd', '--cacert', `${certificates}/authority.pem`],
    ...['--connect-to', 'www.example:25:10.1.0.1:25', '--upload-file', `${lab.folder}/letter`],
    ...['--mail-from', 'clerk@www.example', '--mail-rcpt', 'desk@partner.example'],
  ] as const;
  const sent = await lab.run([...curl, 'smtp://www.example']);
  assert.equal(sent.status, 0, sent.stderr);
  await scene.expectRecord({ ...through, verdict: 'accepted' }, 'a letter');
  await server.says(/>> b'DATA'/);
  const record = scene.zorp.records.find(({ serverTls }) => serverTls !== null);
  assert.equal(record?.serverTls?.peer?.subject, 'CN=partner.example');
  assert.match(record.clientTls?.version ?? '', /^TLSv1\./);

  const inside = { from: OFFICE, host: '10.1.0.1', port: 25 };
  const plain = await scene.talk(
    { ...inside, send: 'EHLO clerk\r\nMAIL FROM:<a@b.example>\r\nQUIT\r\n' },
    { ...through, verdict: 'accepted' },
  );
  assert.match(plain.text, /250-STARTTLS|250 STARTTLS/);
  assert.match(plain.text, /530 Must issue a STARTTLS command first/);

  // What stands behind the command was said before there was TLS, whoever said it.
  const injected = await scene.talk(
    { ...inside, send: 'EHLO clerk\r\nSTARTTLS\r\nMAIL FROM:<a@b.example>\r\n' },
    { ...through, verdict: 'denied-by-policy', reason: 'custom.plain-text' },
  );
  assert.doesNotMatch(injected.text, /530/);

  // And who says nothing but plain text afterwards, has no TLS.
  const garbled = lab.start(['ncat', '--source', OFFICE, '10.1.0.1', '25']);
  garbled.tell('EHLO clerk\r\n');
  await garbled.says(/^250 /m);
  garbled.tell('STARTTLS\r\n');
  await garbled.says(/^220 Go ahead/m);
  garbled.tell('MAIL FROM:<a@b.example>\r\n');
  await scene.expectRecord(
    { ...through, verdict: 'denied-by-connection-fail', reason: 'tls.not-tls' },
    'plain text after the switch',
  );
}
