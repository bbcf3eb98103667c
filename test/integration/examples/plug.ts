// plug.ts: bytes both ways to the database, one way to the logs.
import assert from 'node:assert/strict';
import type { Scene } from '../../support/system-scene.ts';
import { GREETING } from '../../support/system-tcp-main.ts';

const BYTES = 'select 1;\0\r\n\u007f';

export async function drive(scene: Scene): Promise<void> {
  const database = await scene.serve('10.99.0.54', 5432);
  const logs = await scene.serve('10.99.0.55', 6514);
  const permitted = { verdict: 'accepted', clientZone: 'intranet', serverZone: 'dmz' } as const;
  const inside = { from: '10.1.0.5', host: '10.0.0.1' };

  const answer = await scene.talk(
    { ...inside, port: 5432, send: BYTES, then: 'end' },
    { ...permitted, service: 'database', reason: 'plug.both-ended', server: '10.99.0.54:5432' },
  );
  // The client ends its direction first, and still gets everything: shutdownSoft.
  assert.deepEqual(answer, { text: GREETING + BYTES, ended: 'end' });
  assert.equal((await database.connection()).text, BYTES);

  const silence = await scene.talk(
    { ...inside, port: 6514, send: BYTES, then: 'end' },
    { ...permitted, service: 'logs', server: '10.99.0.55:6514' },
  );
  assert.deepEqual(silence, { text: '', ended: 'end' });
  assert.equal((await logs.connection()).text, BYTES);

  const refused = { verdict: 'denied-by-policy', server: null } as const;
  const fromDmz = await scene.talk(
    { from: '10.99.0.9', host: '10.0.0.1', port: 5432, send: BYTES },
    { ...refused, reason: 'access.outbound', clientZone: 'dmz' },
  );
  assert.equal(fromDmz.text, '');
  const fromOutside = await scene.talk(
    { from: '192.0.2.9', host: '10.0.0.1', port: 6514 },
    { ...refused, reason: 'zone.client-unknown', clientZone: null },
  );
  assert.equal(fromOutside.text, '');
}
