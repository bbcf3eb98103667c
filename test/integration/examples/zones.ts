// zones.ts: the service depends on the zone of the client and on that of the address that it connects to.
import assert from 'node:assert/strict';
import { RESET_EXITS } from '../../support/system-curl.ts';
import type { Scene } from '../../support/system-scene.ts';
import { GREETING } from '../../support/system-tcp-main.ts';

const OFFICE = '10.1.0.5';
const GUEST = '10.1.200.5';
const OUTSIDER = '192.0.2.9';

export async function drive(scene: Scene): Promise<void> {
  await scene.serve('10.99.0.25', 25);
  const toWeb = { verdict: 'accepted', serverZone: 'dmz', server: '10.99.0.80:80' } as const;
  const page = { status: 200, body: /^server: web$/m };
  const at = (client: string, ...rest: string[]): string[] => ['--interface', client, ...rest];

  const office = { ...toWeb, service: 'web', clientZone: 'office' };
  await scene.curl(at(OFFICE, 'http://10.99.0.1/'), page, office);
  await scene.curl(at(OFFICE, '-d', 'a=1', 'http://10.99.0.1/'), page, office);
  const guest = { ...toWeb, service: 'read-only', clientZone: 'guests' };
  await scene.curl(at(GUEST, 'http://10.99.0.1/'), page, guest);
  await scene.curl(
    at(GUEST, '-d', 'a=1', 'http://10.99.0.1/'),
    { status: 403 },
    { service: 'read-only', verdict: 'denied-by-policy', reason: 'http.method-refused' },
  );

  const denied = {
    service: 'nothing',
    verdict: 'denied-by-policy',
    reason: 'service.denied',
  } as const;
  const reset = { status: 0, exit: RESET_EXITS };
  await scene.curl(at(OUTSIDER, 'http://10.99.0.1/'), reset, { ...denied, clientZone: null });
  for (const client of [OFFICE, GUEST])
    await scene.curl(at(client, 'http://10.1.0.1/'), reset, { ...denied, server: null });

  const mail = { host: '10.99.0.1', port: 25 };
  const delivered = await scene.talk(
    { ...mail, from: OFFICE, send: 'HELO\r\n', then: 'end' },
    { service: 'mail', verdict: 'accepted', clientZone: 'office', serverZone: 'dmz' },
  );
  assert.ok((GREETING + 'HELO\r\n').startsWith(delivered.text));
  await scene.talk(
    { ...mail, from: GUEST },
    {
      service: 'mail',
      verdict: 'denied-by-policy',
      reason: 'access.outbound',
      clientZone: 'guests',
    },
  );
  const outsider = await scene.talk({ ...mail, from: OUTSIDER }, { ...denied, clientZone: null });
  assert.equal(outsider.ended, 'ECONNRESET');
}
