// insert-header.ts: the server sees the address of the client, even if the client lies.
import assert from 'node:assert/strict';
import type { Scene } from '../../support/system-scene.ts';

export async function drive(scene: Scene): Promise<void> {
  const permitted = {
    verdict: 'accepted',
    service: 'application',
    clientZone: 'internet',
    serverZone: 'dmz',
    server: '10.99.0.80:80',
  } as const;
  const honest = ['--interface', '192.0.2.9', 'http://192.0.2.1/'];
  const lies = ['X-Forwarded-For: 10.9.9.9', 'x-FORWARDED-for: 10.8.8.8', 'X-Real-IP: 10.7.7.7'];

  for (const lie of [[], lies]) {
    const fields = lie.flatMap((field) => ['-H', field]);
    const seen = await scene.curl(
      [...fields, ...honest],
      { status: 200, body: /^x-forwarded-for: 192\.0\.2\.9$/m },
      permitted,
    );
    assert.match(seen.body, /^x-real-ip: $/m);
    assert.equal(seen.headers['server'], undefined, 'the answer tells which server it is from');
  }
  const other = ['--interface', '203.0.113.10', 'http://192.0.2.1/'];
  const address = { status: 200, body: /^x-forwarded-for: 203\.0\.113\.10$/m };
  await scene.curl(other, address, permitted);

  const inside = ['--interface', '10.99.0.9', 'http://192.0.2.1/'];
  const leaving = { verdict: 'denied-by-policy', reason: 'access.outbound' } as const;
  await scene.curl(inside, { status: 403 }, { ...leaving, clientZone: 'dmz', server: null });
}
