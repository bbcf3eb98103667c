import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes, toText } from '../../../../test/support/latin1.ts';
import { RequestOpening } from './request-opening.ts';

const MAX_LENGTH = 20;

/** What comes of bytes in pieces of this size, what they were found to be, and what is left when nothing more comes. */
function opened(text: string, size: number): { kind: string; given: string; rest: string } {
  const opening = new RequestOpening(MAX_LENGTH);
  let given = '';
  for (let at = 0; at < text.length; at += size)
    given += toText(opening.take(toBytes(text.slice(at, at + size))));
  const { kind } = opening;
  return { kind, given, rest: toText(opening.giveUp()) };
}

describe('RequestOpening', () => {
  const lines: [text: string, kind: string, given: string][] = [
    ['GET /\r\n', 'http-0.9', 'GET / HTTP/1.0\r\n\r\n'],
    ['GET /a?b=%41\r\n', 'http-0.9', 'GET /a?b=%41 HTTP/1.0\r\n\r\n'],
    ['GET /a\r\nHost: b\r\n\r\n', 'http-0.9', 'GET /a HTTP/1.0\r\n\r\nHost: b\r\n\r\n'],
    [`GET /${'a'.repeat(15)}\r\n`, 'http-0.9', `GET /${'a'.repeat(15)} HTTP/1.0\r\n\r\n`],
    ['GET /a HTTP/1.1\r\n\r\n', 'http-1', 'GET /a HTTP/1.1\r\n\r\n'],
    ['GET /a \r\n', 'http-1', 'GET /a \r\n'],
    ['GET http://a/\r\n', 'http-1', 'GET http://a/\r\n'],
    ['get /\r\n', 'http-1', 'get /\r\n'],
    ['HEAD /\r\n', 'http-1', 'HEAD /\r\n'],
    ['\r\nGET /\r\n', 'http-1', '\r\nGET /\r\n'],
    ['GET /a\n', 'http-1', 'GET /a\n'],
    ['GET /a\rb\r\n', 'http-1', 'GET /a\rb\r\n'],
    ['GET /\x7f\r\n', 'http-1', 'GET /\x7f\r\n'],
    ['GET /\xe4\r\n', 'http-1', 'GET /\xe4\r\n'],
    [`GET /${'a'.repeat(16)}\r\n`, 'http-1', `GET /${'a'.repeat(16)}\r\n`],
  ];
  for (const [text, kind, given] of lines)
    it(`finds ${kind} in ${JSON.stringify(text)}`, () => {
      for (const size of [100, 1, 2, 3, 7])
        assert.deepEqual(opened(text, size), { kind, given, rest: '' }, `pieces of ${size}`);
    });

  it('keeps what may be either, and gives it when nothing more comes', () => {
    for (const text of ['G', 'GET ', 'GET /a', 'GET /a\r'])
      for (const size of [100, 1])
        assert.deepEqual(opened(text, size), { kind: 'unknown', given: '', rest: text });
  });
});
