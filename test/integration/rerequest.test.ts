// Requests that are sent again, before real servers that go away: at once, after the head, within the body, after all of it,
// or after the first byte of their answer.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { accept } from '../../src/proxy/policy-action.ts';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { leavesNothing, startInstance } from '../support/system-instance.ts';
import type { Owner } from '../support/system-process.ts';
import { serve, talk } from '../support/system-tcp.ts';

const FIELDS = 'Host: web.example\r\nConnection: close\r\n';
const BODY = 'body'.repeat(3_000);
const GET = `GET /a HTTP/1.1\r\n${FIELDS}\r\n`;
const PUT = `PUT /a HTTP/1.1\r\n${FIELDS}Content-Length: ${BODY.length}\r\n\r\n${BODY}`;
const POST = PUT.replace('PUT', 'POST');
const CHUNKED =
  `PUT /a HTTP/1.1\r\n${FIELDS}Transfer-Encoding: chunked\r\n\r\n` +
  `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;

/** When a server goes away, and how. */
interface Death {
  /** It has got so many bytes. */
  readonly afterBytes: number;
  readonly says?: string;
  readonly how: 'end' | 'reset';
}

/** A server whose first connections die so, each; the one after them answers. */
async function flapping(
  owner: Owner,
  deaths: readonly Death[],
): Promise<{ readonly port: number; readonly requests: string[] }> {
  const requests: string[] = [];
  const { port } = await serve(owner, (socket) => {
    const index = requests.push('') - 1;
    const death = deaths[index];
    let text = '';
    const look = (): void => {
      requests[index] = text;
      const isDue = death === undefined ? isWhole(text) : text.length >= death.afterBytes;
      if (isDue) leave(socket, death);
    };
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      look();
    });
    look();
  });
  return { port, requests };
}

function leave(socket: Socket, death: Death | undefined): void {
  if (death === undefined) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell');
  else if (death.says !== undefined) socket.end(death.says);
  else if (death.how === 'end') socket.end();
  else socket.resetAndDestroy();
}

function isWhole(text: string): boolean {
  const [head = '', body] = text.split('\r\n\r\n', 2);
  if (body === undefined) return false;
  if (head.includes('chunked')) return text.endsWith('0\r\n\r\n');
  return head.startsWith('GET') || body.length === BODY.length;
}

describe('requests that are sent again', () => {
  const proxies = {
    thrice: httpProxy({ request: { '*': accept() }, rerequestAttempts: 3 }),
    small: httpProxy({
      request: { '*': accept() },
      rerequestAttempts: 3,
      maxSpooledBytes: BODY.length - 1,
    }),
    once: httpProxy({ request: { '*': accept() } }),
  };

  for (const [where, afterBytes] of [
    ['at once', 0],
    ['after the head', 40],
    ['within the body', 5_000],
    ['after all of it', PUT.length - FIELDS.length],
  ] as const)
    for (const how of ['end', 'reset'] as const)
      it(`come through when the server goes ${where} (${how})`, async (t) => {
        for (const request of [GET, PUT, CHUNKED]) {
          if (request === GET && afterBytes > 40) continue;
          const server = await flapping(t, [
            { afterBytes, how },
            { afterBytes, how },
          ]);
          const test = await startInstance(t, server.port, proxies);
          await leavesNothing(test, async () => {
            const { received } = await talk({ port: test.ports['thrice'] ?? 0, send: request });
            assert.match(received.toString('latin1'), /^HTTP\/1\.1 200 [^]*well$/);
          });
          assert.equal(server.requests.length, 3);
          const [head = '', body = ''] = (server.requests[2] ?? '').split('\r\n\r\n');
          assert.match(head, /^(?:GET|PUT) \/a HTTP\/1\.1\r\n/);
          if (request !== GET) assert.ok(body.includes(BODY));
        }
      });

  it('are refused when no attempt is left', async (t) => {
    const deaths: readonly Death[] = Array.from({ length: 3 }, () => ({
      afterBytes: 1,
      how: 'end',
    }));
    const server = await flapping(t, deaths);
    const { ports } = await startInstance(t, server.port, proxies);
    const { received } = await talk({ port: ports['thrice'] ?? 0, send: PUT });
    assert.match(received.toString('latin1'), /^HTTP\/1\.1 502 [^]*http\.server-closed/);
    assert.equal(server.requests.length, 3);
  });

  for (const [what, proxy, request, death] of [
    ['after a byte of an answer', 'thrice', PUT, { afterBytes: 100, says: 'H', how: 'end' }],
    ['and the method is POST', 'thrice', POST, { afterBytes: 100, how: 'end' }],
    ['and the body is longer than what is kept', 'small', PUT, { afterBytes: 9_000, how: 'end' }],
    ['and the policy says nothing', 'once', GET, { afterBytes: 1, how: 'end' }],
  ] as const)
    it(`are none when the server goes ${what}`, async (t) => {
      const server = await flapping(t, [death]);
      const { ports } = await startInstance(t, server.port, proxies);
      const { received } = await talk({ port: ports[proxy] ?? 0, send: request });
      assert.match(received.toString('latin1'), /^HTTP\/1\.1 502 /);
      assert.equal(server.requests.length, 1);
    });
});
