// custom-proxy.ts: what the guard of the store lets through, what it answers itself, and when it has had enough.
import assert from 'node:assert/strict';
import type { Scene } from '../../support/system-scene.ts';

const GREETING = 'hello from the server\r\n';

export async function drive(scene: Scene): Promise<void> {
  const store = await scene.serve('10.99.0.55', 6400);
  const permitted = { service: 'store', clientZone: 'intranet', serverZone: 'dmz' } as const;
  const inside = { from: '10.1.0.5', host: '10.0.0.1', port: 6400, then: 'end' } as const;

  // The server sends back what it gets, so that an answer shows what reached it.
  const session = await scene.talk(
    { ...inside, send: 'GET intranet:a\r\nDEL intranet:a\r\nSET intranet:b 1\nQUIT\r\n' },
    { ...permitted, verdict: 'accepted', reason: 'custom.finished', server: '10.99.0.55:6400' },
  );
  assert.equal(
    session.text,
    `${GREETING}GET intranet:a\r\n- only GET and SET are permitted\r\nSET intranet:b 1\r\n`,
  );
  assert.equal((await store.connection()).text, 'GET intranet:a\r\nSET intranet:b 1\r\n');

  const foreign = await scene.talk(
    { ...inside, send: 'GET dmz:secret\r\nGET intranet:a\r\n' },
    { ...permitted, verdict: 'denied-by-policy', reason: 'custom.rejected' },
  );
  assert.equal(foreign.text, `${GREETING}- The keys of this zone begin with intranet:\r\n`);
  assert.equal((await store.connection()).text, '');

  const long = await scene.talk(
    { ...inside, send: `GET intranet:a\r\n${'A'.repeat(500)}` },
    { ...permitted, verdict: 'denied-by-policy', reason: 'custom.line-too-long' },
  );
  assert.match(long.text, /^hello[^]*- A line is longer than 400 bytes\r\n$/);
  await store.connection();

  const refused = await scene.talk(
    { from: '192.0.2.9', host: '10.0.0.1', port: 6400 },
    { verdict: 'denied-by-policy', reason: 'zone.client-unknown', clientZone: null, server: null },
  );
  assert.match(refused.text, /^- /);
}
