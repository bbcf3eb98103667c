import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes } from '../../../../test/support/latin1.ts';
import { TARGET_DOT, TARGET_PERCENT } from './byte-class.ts';
import type { RequestLine } from './request-line.ts';
import { readRequestLine } from './request-line.ts';

function read(text: string): RequestLine {
  return readRequestLine(toBytes(`..${text}\r\n`), 2, text.length + 2, 20);
}

describe('readRequestLine()', () => {
  it('gives the method, where the target is, and the version', () => {
    assert.deepEqual(read('POST /a.b%20 HTTP/1.0'), {
      method: 'POST',
      targetStart: 5,
      targetEnd: 12,
      targetBits: 1 | TARGET_DOT | TARGET_PERCENT,
      minor: 0,
    });
    assert.equal(read('GET / HTTP/1.1').method, 'GET');
    assert.equal(read('GETS / HTTP/1.1').method, 'GETS');
    assert.equal(read('get / HTTP/1.1').method, 'get');
  });

  for (const [line, code] of [
    ['', 'bad-request-line'],
    ['GET', 'bad-request-line'],
    [' GET / HTTP/1.1', 'bad-request-line'],
    ['GE(T / HTTP/1.1', 'bad-request-line'],
    [`${'M'.repeat(33)} / HTTP/1.1`, 'bad-request-line'],
    ['GET  / HTTP/1.1', 'bad-request-line'],
    ['GET\t/ HTTP/1.1', 'bad-request-line'],
    ['GET / HTTP/1.1 ', 'bad-request-line'],
    ['GET /  HTTP/1.1', 'bad-request-line'],
    ['GET /a b HTTP/1.1', 'bad-request-line'],
    ['GET / http/1.1', 'bad-request-line'],
    ['GET / HTTP/1.10', 'bad-request-line'],
    ['GET / HTTP/01.1', 'bad-request-line'],
    ['GET / ICE/1.0', 'bad-request-line'],
    ['GET /', 'bad-version'],
    ['GET / HTTP/0.9', 'bad-version'],
    ['GET / HTTP/1.2', 'bad-version'],
    ['GET / HTTP/2.0', 'bad-version'],
    ['GET /\xe9 HTTP/1.1', 'bad-target'],
    ['GET /\t HTTP/1.1', 'bad-target'],
    ['GET /#a HTTP/1.1', 'fragment'],
    [`GET /${'a'.repeat(20)} HTTP/1.1`, 'url-too-long'],
  ] as const)
    it(`refuses "${line}"`, () => {
      assert.throws(() => read(line), { code: `http.${code}`, side: 'client' });
    });
});
