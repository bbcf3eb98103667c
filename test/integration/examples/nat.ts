// nat.ts: public addresses lead into the DMZ, and the DMZ comes from a public address.
import assert from 'node:assert/strict';
import type { Scene } from '../../support/system-scene.ts';
import { GREETING } from '../../support/system-tcp-main.ts';

export async function drive(scene: Scene): Promise<void> {
  const permitted = { verdict: 'accepted', clientZone: 'internet', serverZone: 'dmz' } as const;
  const sites = { ...permitted, service: 'sites' };
  for (const [address, name, server] of [
    ['203.0.113.16', 'web', '10.99.0.80:80'],
    ['203.0.113.17', 'shop', '10.99.0.81:80'],
  ] as const)
    await scene.curl(
      ['--interface', '192.0.2.9', `http://${address}/`],
      { status: 200, body: new RegExp(`^server: ${name}\\n`) },
      { ...sites, server },
    );
  await scene.curl(
    ['--interface', '192.0.2.9', 'http://203.0.113.20/'],
    { status: 200, body: /^server: six\n/ },
    { ...permitted, service: 'modern', server: '[2001:db8::10]:80' },
  );

  const server = await scene.serve('203.0.113.7', 25);
  const out = { host: '10.99.0.1', port: 25, send: 'QUIT\r\n', then: 'end' } as const;
  const mail = { service: 'mail', clientZone: 'dmz' } as const;
  const sent = await scene.talk(
    { ...out, from: '10.99.0.9' },
    { ...mail, verdict: 'accepted', server: '203.0.113.7:25', serverZone: 'internet' },
  );
  assert.deepEqual(sent, { text: `${GREETING}QUIT\r\n`, ended: 'end' });
  assert.equal((await server.connection()).from, '203.0.113.16');
  const refused = await scene.talk(
    { ...out, from: '10.99.0.25' },
    { ...mail, verdict: 'denied-by-policy', reason: 'nat.refused', server: null },
  );
  assert.equal(refused.text, '');
}
