// What an exchange costs inside the HTTP engine: a request and a response on connections that stay, beside the plainest
// thing that could be called a proxy at all, one that looks for the ends of the heads and sends on what it has got.
// Run: node bench/micro/http.ts

import type { LineOutput } from '../../src/log/bounded-output.ts';
import { jsonFormat } from '../../src/log/json-format.ts';
import { LineBytes } from '../../src/log/line-bytes.ts';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { insert } from '../../src/protocols/http/rules/header-action.ts';
import type { HttpOptions } from '../../src/protocols/http/http-options.ts';
import { SocketAddress } from '../../src/address/socket-address.ts';
import type { ProxyAction, ProxyEngine, ProxyEvent } from '../../src/proxy/engine.ts';
import { testContext } from '../../test/support/test-session.ts';
import type { Result } from './measure.ts';
import { measure, tableOf } from './measure.ts';

/** A request and its response, each in one piece. */
interface Exchange {
  readonly request: Buffer;
  readonly response: Buffer;
}

const BODY = 'x'.repeat(1024);

/** As load generators ask, and as a small server answers. */
const PLAIN = exchangeOf(
  ['GET /small HTTP/1.1', 'Host: 127.0.0.1:20080'],
  [
    'HTTP/1.1 200 OK',
    'Server: nginx/1.26.3',
    'Date: Sun, 22 Nov 2026 14:56:51 GMT',
    'Content-Type: text/plain',
    'Content-Length: 1024',
    'Connection: keep-alive',
    'X-Seen: added',
  ],
);

/** As a browser asks for a part of a page. */
const BROWSER = exchangeOf(
  [
    'GET /assets/app.3f9c2b17.js?v=20261122 HTTP/1.1',
    'Host: www.example.org',
    'Connection: keep-alive',
    'sec-ch-ua-platform: "Linux"',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    'sec-ch-ua: "Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
    'sec-ch-ua-mobile: ?0',
    'Accept: */*',
    'Sec-Fetch-Site: same-origin',
    'Sec-Fetch-Mode: no-cors',
    'Sec-Fetch-Dest: script',
    'Referer: http://www.example.org/index.html',
    'Accept-Encoding: gzip, deflate',
    'Accept-Language: en-GB,en;q=0.9,de;q=0.8',
    'Cookie: session=0f8b1c6e-4c1e-4e8f-9a51-1f5d0c9b7a11; theme=dark; consent=yes',
    'If-None-Match: "6a1f-61c0a4d2b7e40"',
  ],
  [
    'HTTP/1.1 200 OK',
    'Date: Sun, 22 Nov 2026 14:56:51 GMT',
    'Server: Apache/2.4.65',
    'Last-Modified: Fri, 20 Nov 2026 10:11:12 GMT',
    'ETag: "6a1f-61c0a4d2b7e40"',
    'Accept-Ranges: bytes',
    'Content-Length: 1024',
    'Vary: Accept-Encoding',
    'Content-Encoding: gzip',
    'Cache-Control: public, max-age=31536000',
    'Keep-Alive: timeout=5, max=97',
    'Connection: Keep-Alive',
    'Content-Type: text/javascript; charset=utf-8',
  ],
);

const ADDED: HttpOptions = { requestHeader: { 'X-Bench': insert('added') } };

/** Measures exchanges; the first result is the baseline. */
export function run(): Result[] {
  return measure([
    { name: 'wrk-like: ends of heads, sent on', run: repeat(sendingOn(), PLAIN) },
    { name: 'wrk-like', run: repeat(engine({ logRequests: false }), PLAIN) },
    {
      name: 'wrk-like, a field added',
      run: repeat(engine({ ...ADDED, logRequests: false }), PLAIN),
    },
    { name: 'wrk-like, its log line asked for', run: repeat(engine({}), PLAIN) },
    { name: 'wrk-like, its log line written', run: repeat(engine({}), PLAIN, writingLog()) },
    { name: 'browser-like', run: repeat(engine({ logRequests: false }), BROWSER) },
    {
      name: 'browser-like, a field added',
      run: repeat(engine({ ...ADDED, logRequests: false }), BROWSER),
    },
  ]);
}

function exchangeOf(request: readonly string[], response: readonly string[]): Exchange {
  return {
    request: Buffer.from([...request, '', ''].join('\r\n'), 'latin1'),
    response: Buffer.from([...response, '', BODY].join('\r\n'), 'latin1'),
  };
}

function engine(options: HttpOptions): ProxyEngine {
  const made = httpProxy(options).create(testContext());
  made.handle({ type: 'started' });
  return made;
}

function sendingOn(): ProxyEngine {
  const end = Buffer.from('\r\n\r\n');
  return {
    handle(event) {
      if (event.type !== 'received') return [];
      const { from, bytes } = event;
      const found = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(end);
      if (found === -1) return [];
      return [{ type: 'send', to: from === 'client' ? 'server' : 'client', bytes }];
    },
  };
}

type CarryOut = (action: ProxyAction) => void;

function writingLog(): CarryOut {
  let written = 0;
  const bytes = new LineBytes(4096);
  const output: LineOutput = {
    write: (line) => {
      written += line.length;
    },
    begin: () => bytes,
    end: () => {
      bytes.cut(0);
    },
  };
  const format = jsonFormat(output, () => new Date());
  return (action) => {
    if (action.type === 'log') format.line({ ...action, fields: action.fields });
    if (written < 0) throw new RangeError('Nothing was written');
  };
}

/** Exchanges on one connection; the number of actions shows that they took place. */
function repeat(
  engine: ProxyEngine,
  { request, response }: Exchange,
  carryOut: CarryOut = () => undefined,
): (count: number) => number {
  const feed = (event: ProxyEvent): number => {
    const actions = engine.handle(event);
    for (const action of actions) carryOut(action);
    return actions.length;
  };
  feed({ type: 'received', from: 'client', bytes: request });
  feed({ type: 'connected', port: 'server', address: SocketAddress.parse('192.0.2.80:80') });
  feed({ type: 'received', from: 'server', bytes: response });
  return (count) => {
    let done = 0;
    for (let index = 0; index < count; index++) {
      done += feed({ type: 'received', from: 'client', bytes: request });
      done += feed({ type: 'received', from: 'server', bytes: response });
    }
    if (done < count * 2) throw new RangeError('The exchanges broke off');
    return done;
  };
}

if (import.meta.main) console.log(tableOf('One exchange', run()));
