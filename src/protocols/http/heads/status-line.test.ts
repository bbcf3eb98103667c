import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes } from '../../../../test/support/latin1.ts';
import type { StatusLine } from './status-line.ts';
import { readStatusLine } from './status-line.ts';

function read(text: string): StatusLine {
  return readStatusLine(toBytes(`.${text}\r\n`), 1, text.length + 1);
}

describe('readStatusLine()', () => {
  it('gives version, status and where the reason is', () => {
    assert.deepEqual(read('HTTP/1.0 404 Not Found'), {
      minor: 0,
      status: 404,
      reasonStart: 13,
      length: 22,
    });
    assert.deepEqual(read('HTTP/1.1 200 '), { minor: 1, status: 200, reasonStart: 13, length: 13 });
    assert.deepEqual(read('HTTP/1.1 200'), { minor: 1, status: 200, reasonStart: 12, length: 12 });
    assert.equal(read('HTTP/1.1 599 \xe9  x').status, 599);
  });

  for (const line of [
    '',
    'HTTP/1.1',
    'HTTP/1.1 20',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1\t200 OK',
    'HTTP/1.1 099 OK',
    'HTTP/1.1 600 OK',
    'HTTP/1.1 000 OK',
    'HTTP/1.1 2x0 OK',
    'HTTP/1.2 200 OK',
    'HTTP/2.0 200 OK',
    'HTTP/1.01 200 OK',
    'http/1.1 200 OK',
    'ICY 200 OK',
    'HTTP/1.1 200\tOK',
  ])
    it(`refuses "${line}"`, () => {
      assert.throws(() => read(line), { code: 'http.bad-status-line', side: 'server' });
    });
});
