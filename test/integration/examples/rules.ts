// rules.ts: the most specific rule wins; who matches none is refused.
import assert from 'node:assert/strict';
import { RESET_EXITS } from '../../support/system-curl.ts';
import type { Scene } from '../../support/system-scene.ts';

export async function drive(scene: Scene): Promise<void> {
  await scene.serve('10.99.0.25', 25);
  const at = (client: string, ...rest: string[]): string[] => ['--interface', client, ...rest];
  const page = { status: 200, body: /^server: web$/m };
  const toWeb = { verdict: 'accepted', serverZone: 'dmz', server: '10.99.0.80:80' } as const;
  const reset = { status: 0, exit: RESET_EXITS };

  const office = { ...toWeb, service: 'web', rule: 1, clientZone: 'office' };
  await scene.curl(at('10.1.0.5', 'http://10.99.0.1/'), page, office);
  await scene.curl(at('10.1.0.5', '-d', 'a=1', 'http://10.99.0.1/'), page, office);
  const guest = { ...toWeb, service: 'read-only', rule: 2, clientZone: 'guests' };
  await scene.curl(at('10.1.200.5', 'http://10.99.0.1/'), page, guest);
  await scene.curl(
    at('10.1.200.5', '-d', 'a=1', 'http://10.99.0.1/'),
    { status: 403 },
    { service: 'read-only', verdict: 'denied-by-policy', reason: 'http.method-refused' },
  );

  const denied = { verdict: 'denied-by-policy', server: null } as const;
  await scene.curl(at('10.1.0.13', 'http://10.99.0.1/'), reset, {
    ...denied,
    service: 'quarantine',
    rule: 4,
    reason: 'service.denied',
  });
  // 10.1.0.1 is in no zone of servers, and 192.0.2.9 is no client of any rule: nobody said that they may.
  const unknown = { ...denied, service: null, rule: null, reason: 'rule.none' };
  const closed = { status: 0, exit: [...RESET_EXITS, 52] }; // or CURLE_GOT_NOTHING
  await scene.curl(at('10.1.0.5', 'http://10.1.0.1/'), closed, unknown);
  await scene.curl(at('192.0.2.9', 'http://10.99.0.1/'), closed, unknown);

  const port = { host: '10.99.0.1', port: 8080 };
  const maintained = await scene.talk(
    { ...port, from: '10.1.0.6', send: 'HELO\r\n', then: 'end' },
    { verdict: 'accepted', service: 'maintenance', rule: 3, server: '10.99.0.25:25' },
  );
  assert.match(maintained.text, /HELO/);
  await scene.talk({ ...port, from: '10.1.0.5' }, unknown);
}
