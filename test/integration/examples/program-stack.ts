// program-stack.ts: lines through the script, both ways; one with the forbidden word ends the connection.
import assert from 'node:assert/strict';
import type { Scene } from '../../support/system-scene.ts';
import { GREETING } from '../../support/system-tcp-main.ts';

export async function drive(scene: Scene): Promise<void> {
  const server = await scene.serve('10.99.0.54', 5432);
  const inside = { from: '10.1.0.5', host: '10.0.0.1', port: 5432 };
  const zones = { service: 'orders', clientZone: 'intranet', serverZone: 'dmz' } as const;

  const lines = 'two boxes\nand a third one\n';
  const enoughBytes = GREETING.length + lines.length;
  const answer = await scene.talk(
    { ...inside, send: lines, enoughBytes },
    { ...zones, verdict: 'accepted', reason: 'program.ended' },
  );
  assert.equal(answer.text, GREETING + lines);
  assert.equal((await server.connection()).text, lines);

  const cut = await scene.talk(
    { ...inside, send: 'two boxes\nand a secret one\nand more\n' },
    { ...zones, verdict: 'denied-by-policy', reason: 'plug.content-refused' },
  );
  assert.equal(cut.ended, 'ECONNRESET');
  // The cut may overtake what was let through before it.
  const { text } = await server.connection();
  assert.ok('two boxes\n'.startsWith(text), text);
}
