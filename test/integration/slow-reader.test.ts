// A real client that reads slowly, before a real server: the kernel moves what it reads, and the proxy looks once in a window.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, it } from 'node:test';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { needs } from '../support/needs.ts';
import { leavesNothing, startInstance } from '../support/system-instance.ts';
import { run } from '../support/system-process.ts';
import { serve } from '../support/system-tcp.ts';

/** A little more than a window. */
const WINDOW_MS = 21_000;
const LONGEST_MS = 2_147_483_647;
/** More than the kernel keeps for both connections. */
const LARGE_BYTES = 100_000_000;
const HEAD = `HTTP/1.1 200 OK\r\nContent-Length: ${LARGE_BYTES}\r\n\r\n`;

const later = setTimeout; // of the machine, whatever the test does to time

describe('a client that reads slowly', needs('curl'), () => {
  it('is cut off after minutes, and one that reads fast is not', async (t) => {
    let requests = 0;
    const { port } = await serve(t, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        requests++;
        socket.write(HEAD);
        socket.end(Buffer.alloc(LARGE_BYTES));
      });
    });
    const proxies = { http: httpProxy({ timeoutMs: LONGEST_MS, minReadRate: 10_000 }) };
    const test = await startInstance(t, port, proxies);
    const url = `http://127.0.0.1:${test.ports['http'] ?? 0}/`;
    const report = ['-o', '/dev/null', '-w', '%{size_download} %{exitcode}'];
    const by = ['curl', '-q', '-s', '-m', '30', ...report] as const;
    await leavesNothing(test, async () => {
      assert.equal((await run(t, [...by, url])).stdout, `${LARGE_BYTES} 0`);

      const now = performance.now.bind(performance);
      let aheadMs = 0;
      t.mock.method(performance, 'now', () => now() + aheadMs);
      t.mock.timers.enable({ apis: ['setTimeout'] });
      // Not by run(), which looks at the clock. It reads what its system has kept before it sees the reset.
      const args = [...by.slice(1), '--limit-rate', '1000', url];
      const slow = spawn('curl', args, { stdio: 'ignore' });
      t.after(() => slow.kill());
      const records = (): number => test.log.records.length;
      let windows = 0;
      while (records() < 2 && windows < 100) {
        await new Promise((resolve) => later(resolve, 20));
        if (requests < 2) continue;
        aheadMs += WINDOW_MS;
        t.mock.timers.tick(WINDOW_MS);
        windows++;
      }
      t.mock.timers.reset();
      const record = test.log.records[1];
      assert.equal(record?.reason, 'http.slow-reader');
      assert.equal(record.verdict, 'denied-by-policy');
      assert.ok(windows > 15 && windows < 30, `cut off after ${windows} windows`);
      assert.ok(record.bytes.toClient < LARGE_BYTES);
    });
  });
});
