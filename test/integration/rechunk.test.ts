// Answers without a length of real servers, to curl: its connection stays, what breaks off is seen, and a large body comes whole.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { needs } from '../support/needs.ts';
import { leavesNothing, startInstance } from '../support/system-instance.ts';
import { run } from '../support/system-process.ts';
import { serve } from '../support/system-tcp.ts';

const LARGE_BYTES = 20_000_000;

/** Says what a path asks for, without a length, and ends. */
function answer(socket: Socket, path: string): void {
  socket.write('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n');
  if (path === '/large') socket.end(Buffer.alloc(LARGE_BYTES, 'z'));
  else if (path === '/broken') socket.write('half', () => socket.resetAndDestroy());
  else socket.end('whole');
}

describe('answers without a length', needs('curl'), () => {
  const proxies = { chunks: httpProxy(), plain: httpProxy({ rechunk: false }) };

  it('leave in chunks, as large as they are, and the connection stays', async (t) => {
    const { port } = await serve(t, (socket) => {
      socket.once('data', (bytes) => {
        answer(socket, / (\S+) /.exec(bytes.toString())?.[1] ?? '');
      });
    });
    const test = await startInstance(t, port, proxies);
    const report = '%{http_code} %{num_connects} %{size_download} %{exitcode}\n';
    /** Asks for paths one after the other; a line for each: status, new connections, bytes, and how curl ended. */
    const ask = async (proxy: string, ...paths: string[]): Promise<readonly string[]> => {
      const urls = paths.flatMap((path) => [
        ...['-o', '/dev/null', `http://127.0.0.1:${test.ports[proxy] ?? 0}${path}`],
      ]);
      const { stdout } = await run(t, ['curl', '-q', '-sS', '-m', '20', '-w', report, ...urls]);
      return stdout.trim().split('\n');
    };
    await leavesNothing(test, async () => {
      const kept = await ask('chunks', '/', '/large', '/');
      assert.deepEqual(kept, ['200 1 5 0', `200 0 ${LARGE_BYTES} 0`, '200 0 5 0']);
      assert.deepEqual(await ask('plain', '/', '/'), ['200 1 5 0', '200 1 5 0']);
      // 18: a transfer that ended early; 56: a connection that was reset.
      assert.match((await ask('chunks', '/broken')).join(), /^200 1 4 (?:18|56)$/);
      assert.match((await ask('plain', '/broken')).join(), /^200 1 [04] 56$/);
      // A client of HTTP/1.0 gets what it knows.
      const { stdout } = await run(t, [
        'curl',
        ...['-q', '-sS', '-i', '-m', '20', '--http1.0'],
        `http://127.0.0.1:${test.ports['chunks'] ?? 0}/`,
      ]);
      assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n(?!Transfer-Encoding)[^]*\r\n\r\nwhole$/);
      assert.doesNotMatch(stdout, /chunked/i);
    });
  });
});
