// Every refusal of HTTP on real sockets: the status and the reason code on the page, in the log and in the record, the end
// of the connection, and that another client's connection goes on.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { before, describe, it } from 'node:test';
import { abort, accept } from '../../src/proxy/policy-action.ts';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { freePort } from '../support/free-port.ts';
import { startInstance } from '../support/system-instance.ts';
import type { TestInstance } from '../support/system-instance.ts';
import { suiteOwner } from '../support/system-process.ts';
import { serve, talk } from '../support/system-tcp.ts';
import { until } from '../support/system-wait.ts';

/** Which proxy the bytes go to. */
type Through = 'usual' | 'tight' | 'hasty' | 'forward' | 'strict';

/** Bytes of a client that are refused. */
interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly bytes: string;
  readonly through?: Through;
}

const HOST = 'Host: h.example\r\n';
const GET = `GET / HTTP/1.1\r\n${HOST}`;
const POST = `POST / HTTP/1.1\r\n${HOST}`;
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

function get(fields: string): string {
  return `${GET}${fields}\r\n\r\n`;
}

function post(fields: string, body = ''): string {
  return `${POST}${fields}\r\n\r\n${body}`;
}

function path(target: string): string {
  return `GET ${target} HTTP/1.1\r\n${HOST}\r\n`;
}

function bad(code: string, ...requests: readonly string[]): readonly Refusal[] {
  return requests.map((bytes) => ({ status: 400, code, bytes }));
}

const FROM_CLIENTS: readonly Refusal[] = [
  // The length of a body.
  ...bad(
    'duplicate-content-length',
    post('Content-Length: 1\r\nContent-Length: 1', 'a'),
    post('Content-Length: 1\r\ncontent-length: 2', 'a'),
  ),
  ...bad(
    'bad-content-length',
    ...['+1', '-1', '1, 1', '0x1', '1 1', '', '18446744073709551617'].map((length) =>
      post(`Content-Length: ${length}`, 'a'),
    ),
  ),
  ...bad(
    'length-and-coding',
    post('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
    post('Transfer-Encoding: chunked\r\nContent-Length: 5', '0\r\n\r\n'),
  ),
  ...bad('duplicate-transfer-encoding', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: x')),
  ...['xchunked', 'gzip, chunked', 'chunked, identity', 'identity', 'chunked\t', ''].map(
    (coding): Refusal => ({
      ...{ status: 501, code: 'bad-transfer-coding' },
      bytes: post(`Transfer-Encoding: ${coding}`),
    }),
  ),
  ...bad(
    'coding-in-http10',
    `POST / HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ),
  { status: 411, code: 'length-required', bytes: `POST / HTTP/1.0\r\n${HOST}\r\n` },
  // Chunks.
  ...bad(
    'bad-chunk-size',
    ...['x', '+5', '0x5', ' 5', '5 ', 'ffffffffffffffff', '00000000000000005'].map(
      (size) => `${CHUNKED}${size}\r\nhello\r\n0\r\n\r\n`,
    ),
  ),
  ...bad('bad-chunk', `${CHUNKED}5\r\nhello!\r\n0\r\n\r\n`, `${CHUNKED}5\r\nhello\n0\r\n\r\n`),
  ...bad('bad-chunk-extension', `${CHUNKED}5;\r\nhello\r\n0\r\n\r\n`),
  ...bad('forbidden-trailer', `${CHUNKED}0\r\nContent-Length: 5\r\n\r\n`),
  // Line ends, control bytes, folding, names.
  ...bad('bare-lf', `GET / HTTP/1.1\n${HOST}\r\n`, get('A: b\nC: d')),
  ...bad('bare-cr', `GET / HTTP/1.1\r${HOST}\r\n`, get('A: b\rC: d')),
  ...bad('control-byte', get('A: b\0c'), get('A: b\x7f'), get('A\0: b')),
  ...bad('obs-fold', get('A: b\r\n folded'), get(' A: b')),
  ...bad('blank-in-name', get('A : b'), get('A b: c')),
  ...bad('empty-name', get(': b')),
  ...bad('no-colon', get('Nothing')),
  ...bad('bad-name', get('A(b): c'), get('\xe9: c')),
  ...bad('empty-line', `\r\n\r\n\r\n\r\n${GET}\r\n`),
  // The request line and its target.
  ...bad(
    'bad-request-line',
    `GET  / HTTP/1.1\r\n${HOST}\r\n`,
    `GET /  HTTP/1.1\r\n${HOST}\r\n`,
    `GET\t/ HTTP/1.1\r\n${HOST}\r\n`,
    `GET / http/1.1\r\n${HOST}\r\n`,
  ),
  { status: 505, code: 'bad-version', bytes: `GET / HTTP/2.0\r\n${HOST}\r\n` },
  { status: 505, code: 'bad-version', bytes: 'GET /\r\n\r\n' },
  ...bad('bad-target', path('a'), path('*'), path('/\xe9')),
  ...bad('fragment', path('/a#b')),
  ...bad('bad-escape', path('/%zz'), path('/a%2'), path('/%u4f60')),
  ...bad('nul-escape', path('/a%00')),
  ...bad('backslash', path('/a\\b')),
  ...bad('hidden-dots', path('/a/..%2fb'), path('/a/..;/b')),
  ...bad('bad-scheme', path('gopher://h.example/')).map(forward),
  forward({ status: 501, code: 'https-url', bytes: path('https://h.example/') }),
  forward({ status: 501, code: 'ftp-url', bytes: path('ftp://h.example/') }),
  ...bad('userinfo', path('http://a@h.example/')).map(forward),
  // Host.
  ...bad('missing-host', 'GET / HTTP/1.1\r\n\r\n', 'GET / HTTP/1.0\r\n\r\n'),
  ...bad('duplicate-host', get('Host: h.example')),
  ...bad(
    'bad-host',
    ...['a b', '', 'a/b', '127.1', '[::1', 'a@b'].map(
      (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    ),
  ),
  ...bad(
    'bad-port',
    'GET / HTTP/1.1\r\nHost: a:0\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a:70000\r\n\r\n',
  ),
  ...bad('host-mismatch', path('http://other.example/')).map(forward),
  // What Connection and Expect say.
  ...bad(
    'connection-strips-field',
    get('Connection: Host'),
    post('Connection: Content-Length\r\nContent-Length: 1', 'a'),
  ),
  ...bad('bad-connection', get('Connection: a b')),
  { status: 417, code: 'bad-expect', bytes: post('Expect: 200-ok\r\nContent-Length: 1', 'a') },
  ...bad('expect-without-body', get('Expect: 100-continue')),
  ...bad('incomplete-head', GET),
  // Fields that everybody knows, and fields that nobody does.
  ...bad('bad-field-value', get('Accept: a'), get('Range: bytes=x')).map(strict),
  { status: 403, code: 'unknown-header', bytes: get('X-Odd: 1'), through: 'strict' },
  // Sizes.
  { status: 414, code: 'url-too-long', bytes: path(`/${'a'.repeat(5_000)}`) },
  { status: 414, code: 'url-too-long', bytes: path(`/${'a'.repeat(20)}`), through: 'tight' },
  { status: 414, code: 'first-line-too-long', bytes: path(`/${'a'.repeat(40_000)}`) },
  { status: 431, code: 'header-line-too-long', bytes: get(`A: ${'b'.repeat(9_000)}`) },
  { status: 431, code: 'too-many-fields', bytes: get('A: b\r\n'.repeat(60)) },
  { status: 431, code: 'head-too-long', bytes: get(`A: ${'b'.repeat(8_000)}\r\n`.repeat(9)) },
  { status: 413, code: 'body-too-long', bytes: post('Content-Length: 11'), through: 'tight' },
  {
    ...{ status: 413, code: 'body-too-long', through: 'tight' },
    bytes: `${CHUNKED}6\r\nhello!\r\n6\r\nhello!\r\n0\r\n\r\n`,
  },
  ...bad('chunk-too-long', `${CHUNKED}7\r\nhello!!\r\n0\r\n\r\n`).map(tight),
  // The policy.
  { status: 403, code: 'method-override', bytes: post('X-HTTP-Method-Override: DELETE', '') },
  { status: 403, code: 'method-refused', bytes: `DELETE / HTTP/1.1\r\n${HOST}\r\n` },
  { status: 403, code: 'proxy-request-refused', bytes: path('http://h.example/') },
  { status: 403, code: 'server-request-refused', bytes: `${GET}\r\n`, through: 'forward' },
  {
    ...{ status: 403, code: 'port-refused', through: 'forward' },
    bytes: 'GET http://h.example:22/ HTTP/1.1\r\nHost: h.example:22\r\n\r\n',
  },
  // Time.
  { status: 408, code: 'request-timeout', bytes: 'GET / HT', through: 'hasty' },
  {
    status: 408,
    code: 'request-timeout',
    bytes: post('Content-Length: 9', 'abc').replace('/', '/silence'),
    through: 'hasty',
  },
  { status: 504, code: 'response-timeout', bytes: path('/silence'), through: 'hasty' },
];

function forward(refusal: Refusal): Refusal {
  return { ...refusal, through: 'forward' };
}

function strict(refusal: Refusal): Refusal {
  return { ...refusal, through: 'strict' };
}

function tight(refusal: Refusal): Refusal {
  return { ...refusal, through: 'tight' };
}

/** Answers of servers that are refused, all with status 502. */
const FROM_SERVERS: readonly (readonly [code: string, answer: string])[] = [
  ['bad-status-line', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['bad-status-line', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['bad-status-line', '<html>HTTP/0.9</html>\r\n'],
  [
    'duplicate-content-length',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na',
  ],
  ['bad-content-length', 'HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na'],
  [
    'length-and-coding',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
  ],
  ['bad-transfer-coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n'],
  ['coding-in-http10', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['body-not-allowed', 'HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\na'],
  ['bare-lf', 'HTTP/1.1 200 OK\r\nA: b\nSet-Cookie: c=d\r\n\r\n'],
  ['bare-cr', 'HTTP/1.1 200 OK\r\nA: b\rSet-Cookie: c=d\r\n\r\n'],
  ['control-byte', 'HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n'],
  ['obs-fold', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n'],
  ['blank-in-name', 'HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\na'],
  ['header-line-too-long', `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(9_000)}\r\n\r\n`],
  ['upgrade-refused', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
  ['too-many-interim', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(20)],
  ['incomplete-response', 'HTTP/1.1 200 OK\r\nContent-Le'],
  ['server-closed', ''],
];

/** Answers `/answer/N` with the Nth of them, `/silence` never, and all else properly. */
function answer(socket: Socket): void {
  socket.on('data', (bytes) => {
    const text = bytes.toString('latin1');
    const place = /^\w+ \/answer\/(\d+) /.exec(text)?.[1];
    if (place !== undefined) socket.end(FROM_SERVERS[Number(place)]?.[1] ?? '', 'latin1');
    else if (!text.includes(' /silence ')) socket.write(OK);
  });
  socket.on('end', () => socket.end());
}

/** A client with a connection that stays. */
class Witness {
  readonly #socket: Socket;
  #text = '';

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (bytes) => (this.#text += bytes.toString('latin1')));
  }

  /** Asks once more, and is answered on the same connection. */
  async asks(): Promise<void> {
    this.#text = '';
    this.#socket.write(`${GET}\r\n`);
    await until('the answer to another client', () => this.#text.endsWith('ok') || undefined);
    assert.match(this.#text, /^HTTP\/1\.1 200 /);
  }

  close(): void {
    this.#socket.destroy();
  }
}

describe('what HTTP refuses', { timeout: 120_000 }, () => {
  const owner = suiteOwner();
  let started: TestInstance;
  let witness: Witness;

  before(async () => {
    const server = await serve(owner, answer);
    const request = { GET: accept(), POST: accept() };
    started = await startInstance(owner, server.port, {
      usual: httpProxy({ request }),
      tight: httpProxy({ request, maxBodyLength: 10, maxChunkLength: 6, maxUrlLength: 20 }),
      hasty: httpProxy({ request, timeoutRequestMs: 200, timeoutResponseMs: 200, timeoutMs: 200 }),
      forward: httpProxy({ mode: 'explicit', request }),
      strict: httpProxy({
        ...{ request, strictHeaderChecking: true, strictHeaderCheckingAction: abort() },
      }),
    });
    witness = new Witness(started.ports['usual'] ?? 0);
    owner.after(() => {
      witness.close();
      return Promise.resolve();
    });
  });

  async function assertRefused({ status, code, bytes, through }: Refusal): Promise<void> {
    const { log } = started;
    const [lines, records] = [log.lines.length, log.records.length];
    await witness.asks();
    const port = started.ports[through ?? 'usual'] ?? 0;
    const isCutOff = code === 'incomplete-head';
    const send = Buffer.from(bytes, 'latin1');
    const { received, ended } = await talk({ port, send, then: isCutOff ? 'end' : 'wait' });
    const text = received.toString('latin1');
    assert.match(ended, /^(?:end|close|ECONNRESET)$/);
    assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `));
    assert.match(text, /\r\nConnection: close\r\n/);
    assert.ok(text.includes(`<code>http.${code}</code>`), text);
    await witness.asks();
    await until('the decision record', () => log.records.length > records || undefined);
    assert.equal(log.records.at(-1)?.reason, `http.${code}`);
    assert.ok(log.lines.slice(lines).some((line) => line.code === `http.${code}`));
  }

  describe('of clients', () => {
    for (const refusal of FROM_CLIENTS)
      it(`${refusal.status} ${refusal.code}: ${JSON.stringify(refusal.bytes.slice(0, 90))}`, () =>
        assertRefused(refusal));
  });

  describe('of servers', () => {
    for (const [index, [code, text]] of FROM_SERVERS.entries())
      it(`502 ${code}: ${JSON.stringify(text.slice(0, 70))}`, () =>
        assertRefused({ status: 502, code, bytes: path(`/answer/${index}`) }));
  });

  it('has all the statuses that there are for it', () => {
    const statuses = new Set(FROM_CLIENTS.map(({ status }) => status));
    const expected = [400, 403, 408, 411, 413, 414, 417, 431, 501, 504, 505];
    assert.deepEqual([...statuses].sort(), expected);
  });

  it('502 where nobody listens', async (t) => {
    const dead = await startInstance({ after: (end) => t.after(end) }, await freePort(), {
      http: httpProxy(),
    });
    await witness.asks();
    const { received } = await talk({ port: dead.ports['http'] ?? 0, send: `${GET}\r\n` });
    assert.match(received.toString(), /^HTTP\/1\.1 502 [^]*<code>connect\.refused<\/code>/);
    await witness.asks();
  });
});
