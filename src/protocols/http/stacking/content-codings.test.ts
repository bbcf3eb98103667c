import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsedResponse } from '../../../../test/support/http-heads.ts';
import { codingOf, narrowed } from './content-codings.ts';

describe('the coding of a body', () => {
  for (const [fields, coding] of [
    ['', 'none'],
    ['Content-Encoding: identity\r\n', 'none'],
    ['Content-Encoding:\r\n', 'none'],
    ['Content-Encoding: gzip\r\n', 'gzip'],
    ['content-encoding: X-GZIP\r\n', 'gzip'],
    ['Content-Encoding: identity, br\r\n', 'br'],
    ['Content-Encoding: zstd\r\n', 'zstd'],
    ['Content-Encoding: deflate\r\n', 'deflate'],
    ['Content-Encoding: compress\r\n', 'other'],
    ['Content-Encoding: gzip, gzip\r\n', 'other'],
    ['Content-Encoding: gzip\r\nContent-Encoding: br\r\n', 'other'],
    ['Content-Encoding: gzip;q=1\r\n', 'other'],
    ['Content-Encoding: constructor\r\n', 'other'],
  ] as const)
    it(`with ${JSON.stringify(fields)} is ${coding}`, () => {
      assert.equal(codingOf(parsedResponse(`HTTP/1.1 200 OK\r\n${fields}\r\n`)), coding);
    });
});

describe('an Accept-Encoding', () => {
  for (const [given, expected] of [
    ['gzip, deflate, br, zstd', 'gzip, deflate, br, zstd'],
    ['gzip;q=0.5, compress, *;q=0.1', 'gzip;q=0.5'],
    ['gzip;q=0, br;q=0.0', 'identity'],
    ['BR', 'BR'],
    ['*', 'identity'],
    ['', 'identity'],
  ] as const)
    it(`of ${JSON.stringify(given)} asks for ${expected}`, () => {
      assert.equal(narrowed(given), expected);
    });
});
