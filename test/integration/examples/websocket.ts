// websocket.ts: the client of a library and the one that Node has in common with browsers, against a server that would
// compress if it was let.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Expected, Scene } from '../../support/system-scene.ts';
import type { PrintedWebSocket, WebSocketTalk } from '../../support/system-websocket-main.ts';

const MAIN = join(import.meta.dirname, '../../support/system-websocket-main.ts');
const LONG = 'x'.repeat(60_000);
const OURS = 'http://chat.example';
const CHAT = 'ws://192.0.2.1/chat';
const STREAM = 'ws://192.0.2.1/stream';

export async function drive(scene: Scene): Promise<void> {
  const server = scene.lab.start(
    [process.execPath, MAIN, 'serve', '10.99.0.80', '8080'],
    scene.owner,
  );
  await server.says(/ready/);

  async function talk(options: WebSocketTalk, expected: Expected): Promise<PrintedWebSocket> {
    const json = JSON.stringify({ origin: OURS, from: '192.0.2.9', ...options });
    const { stdout, stderr } = await scene.lab.run([process.execPath, MAIN, 'talk', json]);
    assert.notEqual(stdout, '', stderr);
    await scene.expectRecord(expected, `${json}\n${stdout}`.slice(0, 600));
    return JSON.parse(stdout) as PrintedWebSocket;
  }

  const accepted: Expected = {
    verdict: 'accepted',
    service: 'web',
    clientZone: 'internet',
    serverZone: 'dmz',
    server: '10.99.0.80:8080',
  };
  const goodbye = { isOpened: true, code: 1000, reason: 'bye' };

  for (const client of ['library', 'node'] as const) {
    const chatted = await talk(
      {
        client,
        url: CHAT,
        protocols: ['chat', 'other'],
        say: ['hello', 'noise', 'caf\u00e9 \u{1f600}', LONG],
        expect: 3,
      },
      { ...accepted, reason: 'websocket.finished' },
    );
    assert.deepEqual(chatted, {
      ...goodbye,
      protocol: 'chat',
      extensions: '',
      heard: ['hello', 'caf\u00e9 \u{1f600}', LONG],
    });

    const streamed = await talk(
      { client, url: STREAM, say: ['password'], binaryBytes: 3_000_000, expect: 2 },
      { ...accepted, reason: 'http.tunnel-ended' },
    );
    assert.deepEqual(streamed, {
      ...goodbye,
      protocol: '',
      extensions: 'permessage-deflate',
      heard: ['password', 3_000_000],
    });

    // In whatever form the path of the chat is written.
    for (const url of [CHAT, CHAT.replace('/chat', '//chat')]) {
      const secret = await talk(
        { client, url, say: ['hello', 'my password'], expect: 2 },
        {
          ...accepted,
          verdict: 'aborted-by-policy-action',
          reason: 'websocket.message-refused',
        },
      );
      assert.deepEqual([secret.code, secret.reason], [1008, 'Passwords stay with you']);
    }

    const binary = await talk(
      { client, url: CHAT, say: [], binaryBytes: 1, expect: 1 },
      { ...accepted, verdict: 'denied-by-policy', reason: 'websocket.frame-refused' },
    );
    assert.equal(binary.code, 1003);

    const stranger = await talk(
      { client, url: CHAT, origin: 'http://evil.example', say: [], expect: 1 },
      { verdict: 'denied-by-policy', reason: 'http.upgrade-not-permitted', server: null },
    );
    assert.equal(stranger.isOpened, false);
  }

  // The server is told of the client by us, whatever the client says of itself.
  const lines = server.stdout.split('\n').filter((line) => line.startsWith('{'));
  const heads = lines.map((line) => JSON.parse(line) as { headers: Record<string, string> });
  assert.equal(heads.length, 10);
  assert.ok(heads.every(({ headers }) => headers['x-forwarded-host'] === '192.0.2.1'));
  assert.equal(heads[0]?.headers['x-forwarded-for'], '192.0.2.9');

  // Whoever asks for no WebSocket is answered as any other.
  const needs = { status: 426, body: /Upgrade Required/ };
  await scene.curl(['--interface', '192.0.2.9', 'http://192.0.2.1/chat'], needs, accepted);
}
