// side-stack.ts: lines through both proxies and the program, card numbers masked.
import assert from 'node:assert/strict';
import type { Scene } from '../../support/system-scene.ts';
import { GREETING } from '../../support/system-tcp-main.ts';

export async function drive(scene: Scene): Promise<void> {
  const server = await scene.serve('10.99.0.54', 5432);
  const inside = { from: '10.1.0.5', host: '10.0.0.1', port: 5433 };
  const zones = { service: 'archive', clientZone: 'intranet', serverZone: 'dmz' } as const;

  const words = 'pay with 4111111111111111 please\n';
  const masked = 'pay with ################ please\n';
  const answer = await scene.talk(
    { ...inside, send: words, enoughBytes: GREETING.length + words.length },
    { ...zones, verdict: 'accepted', reason: 'plug.both-ended', server: '10.99.0.54:5432' },
  );
  assert.equal(answer.text, GREETING + masked);
  assert.equal((await server.connection()).text, masked);
}
