// Dialogues of HTTP/1: requests and responses in every form and framing, one after the other and pipelined.

import fc from 'fast-check';
import { anyByte } from './arbitraries.ts';
import type { Dialogue, Turn } from './dialogue.ts';
import { client, clientEnds, elapses, server, serverEnds, serverResets } from './dialogue.ts';

/** One request with the responses that answer it. */
interface Exchange {
  readonly request: string;
  readonly response: string;
  /** The server ends its connection after the response, so that the next one comes from another. */
  readonly isLast: boolean;
  /** The response lasts until the server ends. */
  readonly endsBody: boolean;
}

interface Body {
  readonly fields: string;
  readonly text: string;
}

/** Stands for the host of a dialogue until that is known. */
const HOST = 'HOST';
const HOSTS = ['a.example', 'b.example:8080', '192.0.2.80', '[2001:db8::1]:81'];
const PATHS = [
  ...['/', '/index.html', '/a%20b?q=1&r', '/%7e/../x', '/a//b;p', '/\xe9'],
  ...['/%u4f60', '/100%', '/a%2f../b', '/<a>?"b"'],
];

const hostName = fc.constantFrom(...HOSTS);
const path = fc.constantFrom(...PATHS);
const version = fc.oneof(
  { weight: 6, arbitrary: fc.constant('HTTP/1.1') },
  { weight: 1, arbitrary: fc.constant('HTTP/1.0') },
);
const content = fc.oneof(
  fc.constantFrom('', 'x', 'hello', '\r\n', 'GET / HTTP/1.1\r\n\r\n', '0\r\n\r\n', '\0\xff'),
  fc.string({ unit: anyByte, maxLength: 40 }),
);

const field = fc.constantFrom(
  'Accept: */*',
  'accept-encoding: gzip, br',
  'User-Agent: test/1.0 (x; y)',
  'Cookie: a=b; c="d e"',
  'Set-Cookie: a=b; Path=/',
  'Set-Cookie: e=f',
  'Connection: keep-alive',
  'Connection: x-hop, Keep-Alive',
  'X-Hop: 1',
  'Keep-Alive: timeout=5',
  'Via: 1.1 other',
  'Cache-Control: no-cache',
  'Authorization: Basic YTpi',
  'Proxy-Authorization: Basic YTpi',
  'X-Empty:',
  'X-Spaces:   \t many  \t ',
  'X-Latin: caf\xe9',
  'TE: trailers',
  'Date: Mon, 01 Jan 2024 00:00:00 GMT',
  'ETag: "abc"',
  `X-Long: ${'long '.repeat(60)}`,
);
const fields = fc
  .array(field, { maxLength: 5 })
  .map((lines) => lines.map((line) => `${line}\r\n`).join(''));

const bodies: fc.Arbitrary<Body> = fc.oneof(
  fc.constant({ fields: '', text: '' }),
  content.map((text) => ({ fields: `Content-Length: ${text.length}\r\n`, text })),
  fc
    .tuple(
      fc.array(content, { maxLength: 4 }),
      fc.constantFrom('', '', '00'),
      fc.constantFrom('', ';name=value', ' ;a="b;c"'),
      trailers(),
    )
    .map(([chunks, zeros, extension, trailer]) => ({
      fields: 'Transfer-Encoding: chunked\r\n',
      text: `${chunks.map((chunk) => chunkOf(chunk, zeros, extension)).join('')}0\r\n${trailer}\r\n`,
    })),
);

function trailers(): fc.Arbitrary<string> {
  return fc.constantFrom('', '', 'X-Checksum: 5\r\n', 'A: 1\r\nB: 2\r\n');
}

/** One chunk of a body; none of no text. */
export function chunkOf(text: string, zeros: string, extension: string): string {
  return text === '' ? '' : `${zeros}${text.length.toString(16)}${extension}\r\n${text}\r\n`;
}

const target = fc.oneof(
  { weight: 3, arbitrary: path },
  { weight: 2, arbitrary: path.map((rest) => `http://${HOST}${rest}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('*', 'http://user:pass@a.example/x', 'ftp://a.example/'),
  },
);
const method = fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'BREW');

const responseStart = fc.constantFrom(
  '200 OK',
  '200 OK',
  '204 No Content',
  '206 Partial Content',
  '301 Moved',
  '304 Not Modified',
  '404 ',
  '500 Oh\xe9 no',
);
/** What a server says before its answer, if anything. */
export const interim = fc.constantFrom(
  '',
  '',
  '',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n',
);

const request = fc
  .record({
    verb: method,
    uri: target,
    version,
    fields,
    body: bodies,
    expects: fc.boolean(),
  })
  .map(({ verb, uri, version: spoken, fields: lines, body, expects }) => ({
    verb,
    text:
      `${verb} ${uri} ${spoken}\r\nHost: ${HOST}\r\n${lines}${body.fields}` +
      `${expects && body.text !== '' ? 'Expect: 100-continue\r\n' : ''}\r\n${body.text}`,
  }));

const response = fc.record({
  before: interim,
  start: responseStart,
  version,
  fields,
  body: bodies,
  closes: fc.boolean(),
});

const exchange: fc.Arbitrary<Exchange> = fc
  .tuple(request, response)
  .map(([{ verb, text }, { before, start, version: spoken, fields: lines, body, closes }]) => {
    const isBodiless = verb === 'HEAD' || start.startsWith('204') || start.startsWith('304');
    const endsBody = !isBodiless && body.fields === '';
    const isLast = closes || endsBody;
    const head = `${spoken} ${start}\r\n${lines}${body.fields}${isLast ? 'Connection: close\r\n' : ''}\r\n`;
    const payload = endsBody ? 'until the end' : body.text;
    return {
      request: text,
      response: before + head + (isBodiless ? '' : payload),
      isLast,
      endsBody,
    };
  });

/** The turns of the server for these exchanges, with the connections numbered as they follow one another. */
function responses(exchanges: readonly Exchange[]): Turn[][] {
  let connection = 1;
  return exchanges.map(({ response: text, isLast }) => {
    const turns = [server(text, connection), ...(isLast ? [serverEnds(connection)] : [])];
    if (isLast) connection++;
    return turns;
  });
}

const oneByOne = fc.array(exchange, { minLength: 1, maxLength: 3 }).map((exchanges): Dialogue => {
  const answers = responses(exchanges);
  return exchanges.flatMap(({ request: text }, index) => [client(text), ...(answers[index] ?? [])]);
});

const pipelined = fc
  .array(exchange, { minLength: 2, maxLength: 3 })
  .map((exchanges): Dialogue => [
    client(exchanges.map(({ request: text }) => text).join('')),
    ...responses(exchanges).flat(),
  ]);

/** A client that speaks HTTP/0.9, or a server that does, or ends within its head. */
const old = fc
  .tuple(
    path,
    fc.constantFrom(` HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`, '\r\n', '\r\nHost: a\r\n\r\n'),
    fc.constantFrom(
      '<html>old',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnew\r\n0\r\n\r\n',
      'HT',
      'HTTP',
      'HTTP/1.0 200 OK\r\n',
      'HTTP/1.1 200 OK\r\nA: b\r\n',
      'HTTP/1.1 200 OK\r\nA: b',
    ),
  )
  .map(([uri, rest, text]): Dialogue => [client(`GET ${uri}${rest}`), server(text), serverEnds()]);

/** A request cut in two or more, with something that happens at each cut. */
function cutAt(
  text: string,
  happenings: readonly (readonly [place: number, turn: Turn])[],
): Turn[] {
  const cuts = happenings
    .map(([place, turn]) => ({ place: place % (text.length + 1), turn }))
    .sort((one, other) => one.place - other.place);
  const pieces = cuts.flatMap(({ place, turn }, index) => {
    const piece = text.slice(cuts[index - 1]?.place ?? 0, place);
    return piece === '' ? [turn] : [client(piece), turn];
  });
  const rest = text.slice(cuts.at(-1)?.place);
  return rest === '' ? pieces : [...pieces, client(rest)];
}

/** Servers that go without an answer, each at some point of the request, before one that gives it. */
const dying = fc
  .tuple(exchange, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([{ request: text, response: answer }, places, isReset]): Dialogue => {
    const dies = isReset ? serverResets : serverEnds;
    // The connections are numbered in the order of their deaths.
    const ordered = places.map((place) => place % (text.length + 1)).sort((a, b) => a - b);
    const turns = cutAt(
      text,
      ordered.map((place, index) => [place, dies(index + 1)] as const),
    );
    const last = places.length + 1;
    return [...turns, server(answer, last), serverEnds(last)];
  });

/** A client that halts within its request. */
const halting = fc
  .tuple(
    exchange,
    fc.array(fc.tuple(fc.nat(), fc.constantFrom('http.rate', 'http.rate', 'http')), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([{ request: text, response: answer }, halts]): Dialogue => [
    ...cutAt(
      text,
      halts.map(([place, timer]) => [place, elapses(timer)] as const),
    ),
    server(answer),
    serverEnds(),
  ]);

const impatient = exchange.map(({ request: text, response: answer }): Dialogue => [
  client(text),
  clientEnds(),
  server(answer),
  serverEnds(),
]);

const tunnel = fc
  .tuple(
    hostName,
    fields,
    fc.constantFrom('200 Connection established', '403 No', '502 Bad'),
    content,
    content,
  )
  .map(([name, lines, start, up, down]): Dialogue => [
    client(
      `CONNECT ${name.includes(']') ? name : `${name.split(':')[0] ?? name}:443`} HTTP/1.1\r\nHost: ${name}\r\n${lines}\r\n${up}`,
    ),
    server(`HTTP/1.1 ${start}\r\n\r\n${down}`),
    client(up),
    server(down),
    serverEnds(),
    clientEnds(),
  ]);

/** A request for a WebSocket. */
export const WEBSOCKET_REQUEST =
  'GET /chat HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';

/** The answer of a server that agrees. */
export const WEBSOCKET_ANSWER =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n';

const upgrades = fc.constantFrom(
  [WEBSOCKET_REQUEST, WEBSOCKET_ANSWER],
  [
    'GET /chat HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  ],
  [
    'POST / HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade\r\nUpgrade: h2c, irc/6.9\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: irc/6.9\r\n\r\n',
  ],
);

const upgrade = fc
  .tuple(upgrades, content, content)
  .map(([[asks, agrees], up, down]): Dialogue => [
    client(asks),
    server(agrees + down),
    client(up),
    server(down),
    serverEnds(),
    clientEnds(),
  ]);

function at(host: string): (turn: Turn) => Turn {
  return (turn) => ('says' in turn ? { ...turn, says: turn.says.replaceAll(HOST, host) } : turn);
}

/** Dialogues of HTTP/1 with one host, all of them valid as far as the peers are concerned. */
export const httpDialogues: fc.Arbitrary<Dialogue> = fc
  .tuple(
    fc.oneof(
      { weight: 5, arbitrary: oneByOne },
      { weight: 3, arbitrary: pipelined },
      { weight: 1, arbitrary: impatient },
      { weight: 1, arbitrary: dying },
      { weight: 1, arbitrary: halting },
      { weight: 1, arbitrary: old },
      { weight: 1, arbitrary: tunnel },
      { weight: 1, arbitrary: upgrade },
    ),
    hostName,
  )
  .map(([dialogue, host]) => dialogue.map(at(host)));
