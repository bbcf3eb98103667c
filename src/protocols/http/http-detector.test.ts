import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { httpDetector } from './http-detector.ts';

const detector = httpDetector();

function detect(text: string, isComplete = false): string {
  return detector.detect('client', Buffer.from(text, 'latin1'), { isComplete });
}

describe('httpDetector()', () => {
  const requests = [
    'GET / HTTP/1.1\r\n',
    'GET / HTTP/1.0\n',
    '\r\n\r\nPOST /form HTTP/1.1\r\n',
    '\nGET / HTTP/1.1\r\n',
    'OPTIONS * HTTP/1.1\r\n',
    'CONNECT www.example:443 HTTP/1.1\r\n',
    'GET http://www.example/a?b=c HTTP/1.1\r\n',
    'UPDATEREDIRECTREF /x HTTP/1.1\r\n',
  ];
  for (const request of requests)
    it(`recognises ${JSON.stringify(request)}`, () => {
      assert.equal(detect(request), 'match');
      assert.equal(detect(`${request}Host: www.example\r\n\r\nbody\0`, true), 'match');
    });

  const others = [
    '\x16\x03\x01\x02\0\x01', // TLS
    'SSH-2.0-OpenSSH_9.6\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'GET / HTTP/1.2\r\n',
    'GET / HTTP/1.1 \r\n',
    'GET / HTTP/1.1\rX',
    'GET  / HTTP/1.1\r\n',
    'GET /\r\n',
    ' GET / HTTP/1.1\r\n',
    'GET /\t HTTP/1.1\r\n',
    'GET / http/1.1\r\n',
    '\r\n\r\n\r\nGET / HTTP/1.1\r\n',
    '\rGET / HTTP/1.1\r\n',
    `${'A'.repeat(33)} / HTTP/1.1\r\n`,
    `GET /${'a'.repeat(32_768)} HTTP/1.1\r\n`,
    'EHLO mail.example\r\n',
    'USER anonymous\r\n',
    '*1\r\n$4\r\nPING\r\n',
  ];
  for (const text of others)
    it(`does not recognise ${JSON.stringify(text).slice(0, 50)}`, () => {
      assert.equal(detect(text), 'no-match');
      assert.equal(detect(text, true), 'no-match');
    });

  it('waits for the rest of a request line, also where only its last byte is missing', () => {
    for (const request of requests) {
      fc.assert(
        fc.property(fc.nat(request.length - 1), (length) => {
          assert.equal(detect(request.slice(0, length)), 'undecided');
        }),
        { numRuns: 30 },
      );
    }
  });

  it('takes a line that stays incomplete for something else, as the original does at once', () => {
    for (const text of ['', 'G', 'GET', 'GET ', 'GET /', 'GET / HTTP/1.', 'GET / HTTP/1.1\r'])
      assert.equal(detect(text, true), 'no-match');
  });

  it('does not look at what a server says', () => {
    const bytes = Buffer.from('GET / HTTP/1.1\r\n');
    assert.equal(detector.detect('server', bytes, { isComplete: false }), 'no-match');
    assert.equal(detector.readsServer, false);
    assert.match(detector.explain(), /HTTP\/1/);
  });
});
