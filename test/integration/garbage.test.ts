// Peers that do not keep to the protocol, on purpose or not: they get a proper refusal or a close, within the limits.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { httpProxy } from '../../src/protocols/http/index.ts';
import type { HttpOptions } from '../../src/protocols/http/http-options.ts';
import { plugProxy } from '../../src/protocols/plug/index.ts';
import { assertNoBug, leavesNothing, startInstance } from '../support/system-instance.ts';
import type { TestInstance } from '../support/system-instance.ts';
import { answerWith, echo, flood, serve, talk } from '../support/system-tcp.ts';
import { until } from '../support/system-wait.ts';

const TIMEOUT_MS = 400;
const LIMITS = {
  timeoutRequestMs: TIMEOUT_MS,
  timeoutResponseMs: TIMEOUT_MS,
  timeoutMs: TIMEOUT_MS,
};
/** Where what is said counts, and not when: a busy machine may not make it a timeout. */
const PATIENT = { timeoutResponseMs: 10 * TIMEOUT_MS, timeoutMs: 10 * TIMEOUT_MS };
/** What the kernel may take on the way: up to 10 MiB on each of the two connections, whatever Zorp does. */
const BUFFERS = 48 * 1024 * 1024;
const HALF = 'GET / HTTP/1.1\r\nHost: www.example\r\n';
const REQUEST = `${HALF}\r\n`;

/** Bytes that are the same in every run. */
function* randomBytes(seed: number): Generator<Uint8Array> {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 16;
  };
  for (;;) yield Uint8Array.from({ length: 1 + (next() % 600) }, () => next() & 0xff);
}

/** Reads what comes, never answers, and ends when its peer does. */
function sayNothing(socket: Socket): void {
  socket.resume().on('end', () => socket.end());
}

/** Answers the first bytes with the beginning, and the piece again and again. */
function sendForEver(socket: Socket, beginning: string, piece: string): void {
  const send = (): void => {
    while (!socket.destroyed && socket.write(piece.repeat(5_000)));
  };
  socket.once('data', () => {
    socket.write(beginning);
    socket.on('drain', send);
    send();
  });
}

function take<Value>(count: number, values: Iterator<Value>): Value[] {
  return Array.from({ length: count }, () => values.next().value as Value);
}

async function startHttp(
  t: TestContext,
  handle: (socket: Socket) => void = answerWith('a page'),
  limits: HttpOptions = LIMITS,
): Promise<TestInstance & { port: number }> {
  const server = await serve(t, handle);
  const started = await startInstance(t, server.port, { http: httpProxy(limits) });
  return { ...started, port: started.ports['http'] ?? 0 };
}

describe('clients that talk nonsense to http', { timeout: 60_000 }, () => {
  it('send random bytes', async (t) => {
    const started = await startHttp(t);
    const texts = take(100, randomBytes(1));
    await leavesNothing(started, async () => {
      const sent = texts.map((send) => talk({ port: started.port, send, then: 'end' }));
      for (const { received, ended } of await Promise.all(sent)) {
        assert.match(received.toString('latin1'), /^(?:HTTP\/1\.1 4\d\d [^]*<\/html>\n)?$/);
        assert.match(ended, /^(?:end|ECONNRESET)$/);
      }
    });
    assert.equal(started.log.records.length, texts.length);
    assertNoBug(started);
  });

  it('send random bytes behind a proper request line', async (t) => {
    const started = await startHttp(t);
    const texts = take(100, randomBytes(2));
    await leavesNothing(started, async () => {
      const sent = texts.map((text) =>
        talk({ port: started.port, send: Buffer.concat([Buffer.from(HALF), text]), then: 'end' }),
      );
      for (const { received } of await Promise.all(sent))
        assert.match(received.toString('latin1'), /^HTTP\/1\.1 4\d\d /);
    });
    assertNoBug(started);
  });

  it('speak TLS', async (t) => {
    const started = await startHttp(t);
    await leavesNothing(started, async () => {
      const socket = connectTls({ port: started.port, host: '127.0.0.1' });
      const [error] = (await once(socket, 'error')) as [Error];
      assert.match(error.message, /wrong version number|packet length too long|ECONNRESET|SSL/i);
    });
    assert.match(started.log.records[0]?.reason ?? '', /^http\./);
    assert.equal(started.log.records[0]?.verdict, 'denied-by-policy');
  });

  it('send a part of a request and then nothing', async (t) => {
    const started = await startHttp(t);
    const parts = ['', 'G', 'GET / HT', HALF, `${HALF}Content-Le`];
    await leavesNothing(started, async () => {
      const talks = parts.map((send) => talk({ port: started.port, send }));
      for (const [index, { received, ended }] of (await Promise.all(talks)).entries()) {
        assert.equal(ended, 'end', parts[index]);
        assert.match(received.toString(), /^(?:HTTP\/1\.1 408 [^]*)?$/, parts[index]);
      }
    });
    assertQuick(started);
  });

  it('send a part of a body and then nothing', async (t) => {
    const started = await startHttp(t);
    await leavesNothing(started, async () => {
      const head = REQUEST.replace('GET', 'POST').replace(
        '\r\n\r\n',
        '\r\nContent-Length: 9\r\n\r\n',
      );
      const { ended } = await talk({ port: started.port, send: `${head}abc` });
      assert.notEqual(ended, 'timeout');
    });
    assertQuick(started);
  });

  it('send one byte at a time, and never an end', async (t) => {
    const started = await startHttp(t);
    await leavesNothing(started, async () => {
      const { received, ended } = await flood(started.port, HALF, 'a', { everyMs: 20 });
      assert.match(received.toString(), /^HTTP\/1\.1 408 /);
      assert.notEqual(ended, 'timeout');
    });
    assertQuick(started);
  });

  const ENDLESS: Readonly<
    Record<string, readonly [beginning: string, piece: string, status: number]>
  > = {
    method: ['', 'G', 414],
    'request target': ['GET /', 'a', 414],
    'header line': [`${HALF}A: `, 'a', 431],
    'header name': [HALF, 'a', 431],
    'list of headers': [HALF, 'A: b\r\n', 431],
    'list of empty lines': ['', '\r\n', 400],
    'chunk size': [`${HALF}Transfer-Encoding: chunked\r\n\r\n`.replace('GET', 'POST'), '0', 400],
    'chunk extension': [
      `${HALF}Transfer-Encoding: chunked\r\n\r\n1;`.replace('GET', 'POST'),
      'a',
      400,
    ],
    trailer: [
      `${HALF}Transfer-Encoding: chunked\r\n\r\n0\r\n`.replace('GET', 'POST'),
      'A: b\r\n',
      431,
    ],
  };
  for (const [name, [beginning, piece, status]] of Object.entries(ENDLESS))
    it(`send an endless ${name}`, async (t) => {
      const started = await startHttp(t, sayNothing);
      await leavesNothing(started, async () => {
        const { received, ended, sentBytes } = await flood(
          started.port,
          beginning,
          piece.repeat(500),
        );
        assert.notEqual(ended, 'timeout');
        assert.ok(sentBytes < BUFFERS, `it took ${sentBytes} bytes`);
        // A flood that is not read to its end is reset, which may overtake the page.
        if (ended === 'end')
          assert.match(received.toString(), new RegExp(`^HTTP/1.1 (?:400|${status}) `));
        else assert.equal(ended, 'ECONNRESET');
      });
      assert.equal(started.log.records[0]?.verdict, 'denied-by-policy');
      assertQuick(started);
    });
});

describe('a client that never reads', { timeout: 60_000 }, () => {
  // The session ends by its idle timeout. Then nothing more may be taken from the server: there is nobody to get it.
  const proxies = {
    http: () => httpProxy(LIMITS),
    plug: () => plugProxy({ timeoutMs: TIMEOUT_MS }),
  };
  for (const [name, proxy] of Object.entries(proxies))
    it(`makes ${name} let its server go`, async (t) => {
      let writer: Socket | undefined;
      const server = await serve(t, (socket) => {
        writer = socket;
        sendForEver(socket, 'HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n', 'a');
      });
      const started = await startInstance(t, server.port, { proxy: proxy() });
      await leavesNothing(started, async () => {
        const socket = connect({ port: started.ports['proxy'] ?? 0, host: '127.0.0.1' });
        socket.pause().on('error', () => undefined);
        socket.write(REQUEST);
        const isLetGo = (): boolean => {
          const taken = (writer?.bytesWritten ?? 0) - (writer?.writableLength ?? 0);
          assert.ok(taken < BUFFERS, `${taken} bytes were taken from the server for nobody`);
          return writer?.destroyed === true;
        };
        await until('the end of the server connection', isLetGo).finally(() => socket.destroy());
      });
    });
});

/** The session was over about when its time was. */
function assertQuick({ log }: TestInstance): void {
  const { durationMs, reason } = log.records[0] ?? {};
  assert.ok((durationMs ?? Infinity) < 20 * TIMEOUT_MS, `${reason} after ${durationMs} ms`);
}

describe('servers that talk nonsense to http', { timeout: 60_000 }, () => {
  it('send random bytes', async (t) => {
    const texts = randomBytes(3);
    const babble = (socket: Socket): void => {
      socket.once('data', () => socket.end(texts.next().value as Uint8Array));
    };
    const started = await startHttp(t, babble, PATIENT);
    await leavesNothing(started, async () => {
      const all = Array.from({ length: 50 }, () => talk({ port: started.port, send: REQUEST }));
      for (const { received } of await Promise.all(all))
        assert.match(received.toString('latin1'), /^HTTP\/1\.1 502 [^]*<\/html>\n$/);
    });
    assertNoBug(started);
  });

  const ANSWERS: Readonly<Record<string, readonly [beginning: string, piece: string]>> = {
    'status line': ['HTTP/1.1 200 ', 'a'],
    'list of headers': ['HTTP/1.1 200 OK\r\n', 'A: b\r\n'],
    'header line': ['HTTP/1.1 200 OK\r\nA: ', 'a'],
    'series of interim answers': ['', 'HTTP/1.1 103 Early\r\n\r\n'],
  };
  for (const [name, [beginning, piece]] of Object.entries(ANSWERS))
    it(`send an endless ${name}`, async (t) => {
      const send = (socket: Socket): void => sendForEver(socket, beginning, piece);
      const started = await startHttp(t, send, PATIENT);
      await leavesNothing(started, async () => {
        const { received } = await talk({ port: started.port, send: REQUEST });
        assert.match(received.toString(), /^HTTP\/1\.1 502 /);
      });
    });

  it('take the request and say nothing', async (t) => {
    const started = await startHttp(t, sayNothing);
    await leavesNothing(started, async () => {
      const { received } = await talk({ port: started.port, send: REQUEST });
      assert.match(received.toString(), /^HTTP\/1\.1 504 /);
    });
    assertQuick(started);
  });
});

describe('a plug', { timeout: 30_000 }, () => {
  it('passes random bytes unchanged', async (t) => {
    const server = await serve(t, echo);
    const started = await startInstance(t, server.port, {
      plug: plugProxy({ shutdownSoft: true }),
    });
    await leavesNothing(started, async () => {
      const talks = take(50, randomBytes(4)).map(async (send) => {
        const { received } = await talk({ port: started.ports['plug'] ?? 0, send, then: 'end' });
        assert.deepEqual(received, Buffer.from(send));
      });
      await Promise.all(talks);
    });
  });

  it('ends a connection on which nothing moves', async (t) => {
    const server = await serve(t, sayNothing);
    const started = await startInstance(t, server.port, {
      plug: plugProxy({ timeoutMs: TIMEOUT_MS }),
    });
    await leavesNothing(started, async () => {
      const { ended } = await talk({ port: started.ports['plug'] ?? 0 });
      assert.equal(ended, 'end');
    });
    assert.equal(started.log.records[0]?.reason, 'plug.timeout');
  });
});
