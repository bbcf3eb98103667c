// Streams of HTTP/1 messages by the million: most of them sound, many with something wrong that parsers disagree about.
// Built by hand and not by fast-check, which takes longer to make a message than two parsers to read it.

/** Chance that can be had again: the same seed makes the same streams. */
class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to `below` - 1 (mulberry32). */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  of<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[this.below(values.length)] ?? values[0];
  }
}

type Texts = readonly [string, ...string[]];

const METHODS: Texts = [
  'GET',
  'GET',
  'GET',
  'POST',
  'POST',
  'PUT',
  'HEAD',
  'OPTIONS',
  'DELETE',
  'M-SEARCH',
  'CONNECT',
];
const TARGETS: Texts = [
  '/',
  '/a',
  '/a?b=c&d',
  '/a%20b/%7e',
  '/x/../y.z',
  '//a/b',
  'http://h.example/p',
  '/<q>',
  '/a',
  '/b',
];
const ODD_TARGETS: Texts = [
  '*',
  'h:1',
  '/\xe9',
  '/a b',
  '/#f',
  '/%zz',
  'ftp://h.example/',
  'http://h.example',
  '',
];
const VERSIONS: Texts = ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0'];
const ODD_VERSIONS: Texts = [
  'HTTP/2.0',
  'HTTP/0.9',
  'HTTP/1.2',
  'http/1.1',
  'HTTP/1.10',
  'HTTP/1',
  'RTSP/1.0',
  'ICE/1.0',
];
const STATUSES: Texts = [
  '200 OK',
  '200 ',
  '200',
  '404 Not Found',
  '204 No Content',
  '304 Not Modified',
  '100 Continue',
  '103 Early',
  '500 Oh\xe9',
  '101 Switching Protocols',
];
const FIELDS: Texts = [
  'Accept: */*',
  'X-Empty:',
  'X-Tab:\ta\t',
  'Cookie: a=b; c="d"',
  'X-Latin: \xe9\xff',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: upgrade',
  'Connection: x-a, close',
  'Upgrade: websocket',
  'Proxy-Connection: close',
  'Keep-Alive: 5',
  'TE: trailers',
  'Expect: 100-continue',
  'Trailer: X',
  'Content-Type: a/b',
  'Range: bytes=0-',
  'Set-Cookie: a=b',
  "!#$%&'*+-.^_`|~0aZ: token",
];
const ODD_FIELDS: Texts = [
  'Host: h.example',
  'Content-Length: 5',
  'Content-Length: 0',
  'Content-Length: +5',
  'Content-Length: 5, 5',
  'Content-Length: 05',
  'Content-Length:',
  'Content-Length: 0x5',
  'Content-Length: 99999999999999999999',
  'Content-Length : 5',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: Chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding:\x0bchunked',
  'Transfer-Encoding',
  'Transfer_Encoding: chunked',
  ' folded',
  '\tfolded',
  ': nameless',
  'na me: a',
  'na\x00me: a',
  'X: a\x00b',
  'X: a\rb',
  'X: a\nb',
  'X: a\x7f',
  'Host: other',
  '"X": a',
  'X\xe9: a',
  'Host: ',
];
const CONTENTS: Texts = [
  '',
  'a',
  'hello',
  'GET / HTTP/1.1\r\n\r\n',
  '0\r\n\r\n',
  '\r\n',
  '\xff\x00\r',
];
const ODD_SIZES: Texts = [
  '0x5',
  '5 ',
  ' 5',
  '+5',
  '-1',
  '5;',
  '5;a',
  '5;a=b',
  '5;a="b;c"',
  '5;a="\n"',
  '5\t',
  '',
  'g',
  '0000000000000005',
  '00000000000000005',
  'fffffffffffffffff',
  '5\n',
  '5;\x00',
];
const TROUBLE: Texts = [
  '\r',
  '\n',
  '\r\n',
  '\n\r',
  '\0',
  ' ',
  '\t',
  ':',
  ',',
  '"',
  ';',
  '\x7f',
  '\x80',
  '\xff',
  '\x0b',
  '0',
  '\r\n\r\n',
  '\r\n ',
  'chunked',
  'HTTP/1.1',
];
const TRAILERS: Texts = ['', '', '', 'X: 1\r\n', 'Content-Length: 9\r\n', 'X : 1\r\n', 'X\r\n'];

/** Makes streams of messages. */
export class HttpMutants {
  readonly #chance: Chance;

  constructor(seed: number) {
    this.#chance = new Chance(seed);
  }

  /** One to three requests. */
  requests(): string {
    return this.#stream(() => this.request());
  }

  /** One to three responses. */
  responses(): string {
    return this.#stream(() => this.response());
  }

  #stream(message: () => string): string {
    let text = message();
    for (let more = this.#chance.below(3); more > 0; more--) text += message();
    // Half of them stay as they are, so that there are many that both accept.
    for (let wrong = this.#chance.below(4) - 1; wrong > 0; wrong--) text = this.#mutated(text);
    return text;
  }

  /** One request, which is sound more often than not. */
  request(): string {
    const chance = this.#chance;
    const host = chance.below(20) === 0 ? '' : 'Host: h.example\r\n';
    const [fields, body] = this.#body();
    return `${chance.of(METHODS)} ${this.#target()} ${this.#version()}\r\n${host}${this.#fields()}${fields}\r\n${body}`;
  }

  /** One response, which is sound more often than not. */
  response(): string {
    const chance = this.#chance;
    const [fields, body] = this.#body();
    return `${this.#version()} ${chance.of(STATUSES)}\r\n${this.#fields()}${fields}\r\n${body}`;
  }

  #target(): string {
    return this.#chance.of(this.#chance.below(16) === 0 ? ODD_TARGETS : TARGETS);
  }

  #version(): string {
    return this.#chance.of(this.#chance.below(24) === 0 ? ODD_VERSIONS : VERSIONS);
  }

  #fields(): string {
    let lines = '';
    for (let count = this.#chance.below(4); count > 0; count--)
      lines += `${this.#chance.of(this.#chance.below(12) === 0 ? ODD_FIELDS : FIELDS)}\r\n`;
    return lines;
  }

  /** Fields about a body, and the body. */
  #body(): readonly [fields: string, body: string] {
    const chance = this.#chance;
    const content = chance.of(CONTENTS);
    switch (chance.below(4)) {
      case 0:
        return [`Content-Length: ${content.length}\r\n`, content];
      case 1:
        return ['Transfer-Encoding: chunked\r\n', this.#chunks()];
      default:
        return chance.below(10) === 0 ? ['', content] : ['', ''];
    }
  }

  #chunks(): string {
    const chance = this.#chance;
    let text = '';
    for (let count = chance.below(3); count > 0; count--) {
      const content = chance.of(CONTENTS);
      const size = chance.below(8) === 0 ? chance.of(ODD_SIZES) : content.length.toString(16);
      if (content !== '') text += `${size}\r\n${content}\r\n`;
    }
    return `${text}0\r\n${chance.of(TRAILERS)}\r\n`;
  }

  #mutated(text: string): string {
    const chance = this.#chance;
    const at = chance.below(text.length + 1);
    const [before, after] = [text.slice(0, at), text.slice(at)];
    const length = 1 + chance.below(6);
    switch (chance.below(6)) {
      case 0:
        return before + after.slice(length);
      case 1:
        return before + after.slice(0, length) + after;
      case 2:
        return before;
      case 3: {
        const flipped = ((text.charCodeAt(at) || 0) ^ (1 << chance.below(8))) & 0xff;
        return before + String.fromCharCode(flipped) + after.slice(1);
      }
      case 4:
        return before + String.fromCharCode(chance.below(256)) + after;
      default:
        return before + chance.of(TROUBLE) + after;
    }
  }
}
