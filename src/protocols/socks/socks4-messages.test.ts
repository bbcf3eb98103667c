// The messages of SOCKS 4 and 4a, byte by byte.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes } from '../../../test/support/latin1.ts';
import * as say from '../../../test/support/socks-messages.ts';
import { readRequest, replyBytes } from './socks4-messages.ts';

describe('a message of SOCKS 4', () => {
  const requests: readonly (readonly [text: string, host: string, port: number])[] = [
    [say.socks4([192, 0, 2, 1], 80), '192.0.2.1', 80],
    [say.socks4([192, 0, 2, 1], 65_535, 'x'.repeat(255)), '192.0.2.1', 65_535],
    [say.socks4([0, 0, 0, 0], 80, 'me'), '0.0.0.0', 80],
    [say.socks4a('www.example', 443), 'www.example', 443],
    [say.socks4a('www.example', 443, 'me'), 'www.example', 443],
    [say.socks4a('', 443), '', 443],
  ];
  for (const [text, host, port] of requests)
    it(`is a request for ${host} ${port}, waited for to its last byte`, () => {
      assert.deepEqual(readRequest(toBytes(`${text}rest`)), {
        value: { host, port },
        length: text.length,
      });
      for (let length = 0; length < text.length; length++)
        assert.equal(readRequest(toBytes(text.slice(0, length))), undefined);
    });

  it('is refused, if it asks for something else', () => {
    assert.throws(() => readRequest(toBytes(say.socks4([192, 0, 2, 1], 80, '', 2))), {
      code: 'socks.command-refused',
      reply: replyBytes('rejected'),
    });
  });

  it('has no text without an end', () => {
    for (const text of [
      say.socks4([192, 0, 2, 1], 80, 'x'.repeat(256)),
      say.socks4a('x'.repeat(256), 80),
    ])
      for (const rest of [text, text.slice(0, -1)])
        assert.throws(() => readRequest(toBytes(rest)), { code: 'socks.malformed' });
  });

  it('is answered', () => {
    assert.equal(Buffer.from(replyBytes('granted')).toString('latin1'), say.reply4(90));
    assert.equal(Buffer.from(replyBytes('rejected')).toString('latin1'), say.reply4(91));
  });
});
