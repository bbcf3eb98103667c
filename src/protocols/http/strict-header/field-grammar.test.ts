import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GrammarName } from './field-grammar.ts';
import { GRAMMARS } from './field-grammar.ts';

type Examples = readonly [good: readonly string[], bad: readonly string[]];

const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT';

const EXAMPLES: Readonly<Record<GrammarName, Examples>> = {
  token: [
    ['nosniff', 'cross-site', '1'],
    ['', 'a b', 'a,b', 'a;b', '"a"'],
  ],
  tokens: [
    ['', 'GET, HEAD', 'gzip,br', ', ,a,,', '*'],
    ['a b', 'a;q=1', 'a/b', 'a, "b"'],
  ],
  number: [
    ['0', '-1', '31536000'],
    ['', '+1', '1.5', '1, 2', 'x'],
  ],
  words: [
    [
      '',
      'no-cache',
      'max-age=0, private="a, b"',
      'en-GB,en;q=0.9,*;q=0.5',
      'timeout=5, max=97',
      'h3=":443"; ma=86400',
      'a;;b',
      'u=1, i',
    ],
    ['a b', 'a="b', 'a=b=c', '=', 'a;"b"', 'a=(b)', '\xe9'],
  ],
  mediaType: [
    ['text/html', 'text/html; charset=utf-8', 'multipart/form-data; boundary="a b:c"', 'a/b;'],
    ['', 'text', 'text/', 'text/html, text/plain', 'text/html; =b', 'a/b/c'],
  ],
  mediaTypes: [
    ['', '*/*', 'text/html,application/xml;q=0.9,*/*;q=0.8,a/b;v=b3;q=0.7', '*; q=.2'],
    ['text', 'a/b c', '<script>'],
  ],
  protocols: [
    ['websocket', 'HTTP/2.0, foo'],
    ['a//b', 'a b', 'a/b/c'],
  ],
  date: [
    [DATE, 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'],
    ['', '0', 'Sun, 6 Nov 1994 08:49:37 GMT', `${DATE}x`, '2026-11-27'],
  ],
  dateOrNumber: [
    [DATE, '0', '-1', '120'],
    ['', 'soon'],
  ],
  entityTag: [
    ['""', '"a-b:c"', 'W/"x"'],
    ['', 'a', '"a', '"a"b"', 'w/"a"', '"a b"'],
  ],
  entityTags: [
    ['*', '"a", W/"b,c"', ''],
    ['a', '"a" "b"'],
  ],
  entityTagOrDate: [
    ['"a"', DATE],
    ['a', '*'],
  ],
  range: [
    ['bytes=0-', 'bytes=0-499, -500'],
    ['bytes', 'bytes=a-b', ''],
  ],
  contentRange: [
    ['bytes 0-1/2', 'bytes 0-1/*', 'bytes */9'],
    ['bytes 0-/2', 'bytes=0-1/2', ''],
  ],
  url: [
    ['', '/a?b=c#d', 'https://[::1]:8/%C3%A9', "a,b;(c)*'!$&|"],
    ['a b', '%zz', '%2', '"', '<a>', '\\', '\xe9'],
  ],
  credentials: [
    ['Basic YTpi', 'Digest username="a", nonce="b c"', 'Negotiate'],
    ['', 'Basic ', ' Basic', 'Bearer \xe9', '"Basic" a'],
  ],
  cookie: [
    ['a=b; c="d e"', 'a=\xe9', ''],
    ['a\x01', 'a\x7f'],
  ],
  via: [
    ['1.1 proxy', 'HTTP/1.1 p:8080 (a b), 1.0 [::1]:8', ''],
    ['proxy', '1.1', '1.1 a b', '1.1 a (b', '1.1 a/b'],
  ],
  forwarded: [
    ['for=192.0.2.1;proto=http, for="[::1]:5"', 'for=_a;', ''],
    ['for', 'for=[::1]', 'for=a b', ';for=a'],
  ],
  addresses: [
    ['192.0.2.1, 2001:db8::1, unknown', '[::1]:8', 'a_b.example:80'],
    ['a b', 'a;b', '"a"'],
  ],
  origin: [
    ['null', '*', 'https://a.example:8443', 'http://[::1]'],
    ['', 'a.example', 'http://a/', 'http://a http://b'],
  ],
  origins: [['*', 'http://a, https://b'], ['a']],
  link: [
    ['</a>; rel=preload; as=style, <b>;rel="next c"', ''],
    ['/a; rel=b', '<a b>', '<a>; rel=b c'],
  ],
  text: [
    ['anything (at all) \xe9 \t!', ''],
    ['\x00', '\x7f'],
  ],
  structured: [
    ['"Chromium";v="142", ?1', ''],
    ['\xe9', '\x00'],
  ],
  policy: [["default-src 'self'; script-src 'none'", ''], ['\xe9']],
};

describe('the grammars of header fields', () => {
  for (const [name, [good, bad]] of Object.entries(EXAMPLES)) {
    const { pattern } = GRAMMARS[name as GrammarName]; // the keys are those of the type
    for (const value of good)
      it(`${name} takes ${JSON.stringify(value)}`, () => assert.match(value, pattern));
    for (const value of bad)
      it(`${name} refuses ${JSON.stringify(value)}`, () => assert.doesNotMatch(value, pattern));
  }

  it('take no longer than the value is', () => {
    // What makes careless patterns try every way to share these out: repeats of what may stand on both sides of a separator.
    const pieces = [
      ' ',
      '\t',
      ' ,',
      ', ',
      '; ',
      ' ;',
      ';a=',
      'a ',
      'a,',
      '="',
      '\\"',
      '(',
      'a=a;',
      '<a>;',
      '%2',
      '"", ',
    ];
    for (const { pattern } of Object.values(GRAMMARS))
      for (const piece of pieces) {
        const begun = performance.now();
        pattern.test(`${piece.repeat(8_192 / piece.length)}\x00`);
        pattern.test(`a=a${piece.repeat(8_192 / piece.length)}\x00`);
        const ms = performance.now() - begun;
        assert.ok(ms < 100, `${pattern} took ${ms} ms for ${JSON.stringify(piece)}`);
      }
  });
});
