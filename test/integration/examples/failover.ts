// failover.ts: the replica takes over when the database is gone, and a web server that does not work gets nobody.
import assert from 'node:assert/strict';
import type { Scene } from '../../support/system-scene.ts';
import { GREETING } from '../../support/system-tcp-main.ts';

export async function drive(scene: Scene): Promise<void> {
  const permitted = { verdict: 'accepted', clientZone: 'intranet', serverZone: 'dmz' } as const;
  const address = { from: '10.1.0.5', host: '10.0.0.1', port: 5432 };
  const query = { ...address, send: 'select 1;', then: 'end' } as const;
  const expected = { ...permitted, service: 'database' };
  const first = await scene.serve('10.99.0.54', 5432);
  const replica = await scene.serve('10.99.0.55', 5432);

  const before = await scene.talk(query, { ...expected, server: '10.99.0.54:5432' });
  assert.equal(before.text, `${GREETING}select 1;`);
  await first.connection();
  await first.stop();
  // The first connection finds out, the second knows.
  for (let count = 0; count < 2; count++) {
    const replicated = { ...expected, server: '10.99.0.55:5432', candidate: 1 };
    const after = await scene.talk(query, replicated);
    assert.equal(after.text, before.text);
    await replica.connection();
  }
  const attempts = scene.zorp.records.map(({ connects }) => connects.map(({ outcome }) => outcome));
  assert.deepEqual(attempts, [['connected'], ['connect.refused', 'connected'], ['connected']]);

  const down = await scene.zorp.says('chainer.server-down');
  assert.deepEqual([down.fields?.['server'], down.fields?.['service']], ['10.99.0.82:80', 'web']);
  await scene.curl(
    ['--interface', '10.1.0.5', 'http://10.0.0.1/'],
    { status: 200, body: /^server: web\n/ },
    { ...permitted, service: 'web', server: '10.99.0.80:80', candidate: 1 },
  );
  assert.equal(
    scene.zorp.records.at(-1)?.connects.length,
    1,
    'it was sent to the one that is down',
  );
}
