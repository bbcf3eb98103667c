// Clients of HTTP/0.9 and of HTTP/1 at the same port, before a server of node:http.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { listenOnFreePort } from '../support/free-port.ts';
import { startInstance } from '../support/system-instance.ts';
import { talk } from '../support/system-tcp.ts';

const LONG = 'x'.repeat(300_000);

describe('a proxy that takes HTTP/0.9', () => {
  it('gives such clients bodies, short and long, and others whole answers', async (t) => {
    const server = createServer(({ httpVersion, url, headers }, response) => {
      response.end(url === '/long' ? LONG : `${httpVersion} ${url ?? ''} ${headers.host ?? ''}`);
    });
    const serverPort = await listenOnFreePort(server);
    t.after(() => server.close());
    const old = httpProxy({ permitHttp09Requests: true, requireHostHeader: false });
    const { ports, log } = await startInstance(t, serverPort, { old });
    const { old: port = 0 } = ports;
    const ask = async (send: string): Promise<string> =>
      (await talk({ port, send })).received.toString('latin1');
    assert.equal(await ask('GET /a?b\r\n'), `1.1 /a?b 127.0.0.1:${port}`);
    assert.equal((await ask('GET /long\r\n')) === LONG, true);
    const whole = await ask('GET /c HTTP/1.0\r\n\r\n');
    assert.match(whole, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n1\.1 \/c /);
    assert.match(await ask('GET /a/..;/b\r\n'), /^<!DOCTYPE html>[^]*http\.hidden-dots/);
    const reasons = log.records.map(({ reason }) => reason);
    assert.deepEqual(reasons.slice(0, 3), ['http.finished', 'http.finished', 'http.finished']);
  });
});
