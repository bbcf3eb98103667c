// The messages of RFC 1928 and RFC 1929, byte by byte.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes } from '../../../test/support/latin1.ts';
import * as say from '../../../test/support/socks-messages.ts';
import {
  credentialsBytes,
  methodBytes,
  METHODS,
  readCredentials,
  readGreeting,
  readRequest,
  REPLIES,
  replyBytes,
} from './socks5-messages.ts';
import { SocksRefused } from './socks-request.ts';

/** What comes of a request, or the reply that refuses it. */
function asked(text: string): string {
  try {
    const message = readRequest(toBytes(`${text}rest`));
    if (message === undefined) return 'more';
    assert.equal(message.length, text.length);
    return `${message.value.host} ${message.value.port}`;
  } catch (error) {
    assert.ok(error instanceof SocksRefused);
    return `${error.code} ${error.reply[1] ?? ''}`;
  }
}

describe('a message of SOCKS 5', () => {
  it('is a greeting', () => {
    const message = readGreeting(toBytes(`${say.greeting(0, 2)}rest`));
    assert.deepEqual(message, { value: Uint8Array.of(0, 2), length: 4 });
    for (const part of ['\x05', '\x05\x02', '\x05\x02\0'])
      assert.equal(readGreeting(toBytes(part)), undefined);
    assert.throws(() => readGreeting(toBytes('\x05\0')), { code: 'socks.malformed' });
  });

  it('is a user and a password', () => {
    const text = say.credentials('me', 'secret');
    const message = readCredentials(toBytes(`${text}rest`));
    assert.equal(message?.length, text.length);
    assert.deepEqual(
      [message.value.user, message.value.password]
        .map(String)
        .map((list) => list.split(',').length),
      [2, 6],
    );
    for (let length = 0; length < text.length; length++)
      assert.equal(readCredentials(toBytes(text.slice(0, length))), undefined);
    const empty = readCredentials(toBytes(say.credentials('', '')));
    assert.deepEqual([empty?.length, empty?.value.user.length], [3, 0]);
    assert.throws(() => readCredentials(toBytes('\x05')), { code: 'socks.malformed' });
  });

  const requests: readonly (readonly [text: string, comesTo: string])[] = [
    [say.named('www.example', 443), 'www.example 443'],
    [say.named('x'.repeat(255), 65_535), `${'x'.repeat(255)} 65535`],
    [say.addressed([192, 0, 2, 1], 80), '192.0.2.1 80'],
    [say.addressed([0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 1], 80), '[2001:db8::1] 80'],
    [say.named('www.example', 443, 2), 'socks.command-refused 7'],
    [say.named('www.example', 443, 3), 'socks.command-refused 7'],
    [say.named('www.example', 443, 0), 'socks.command-refused 7'],
    ['\x05\x01\0\x02', 'socks.malformed 8'],
    ['\x05\x01\x01\x01', 'socks.malformed 1'],
    ['\x04\x01\0\x01', 'socks.malformed 1'],
  ];
  for (const [text, comesTo] of requests)
    it(`is a request: ${comesTo.slice(0, 40)}`, () => assert.equal(asked(text), comesTo));

  it('is a request that is waited for to its last byte', () => {
    for (const text of [say.named('www.example', 443), say.addressed([192, 0, 2, 1], 80)])
      for (let length = 0; length < text.length; length++)
        assert.equal(readRequest(toBytes(text.slice(0, length))), undefined);
  });

  it('is answered', () => {
    assert.deepEqual(methodBytes(METHODS.password), Uint8Array.of(5, 2));
    assert.deepEqual(credentialsBytes('taken'), Uint8Array.of(1, 0));
    assert.deepEqual(credentialsBytes('refused'), Uint8Array.of(1, 1));
    assert.deepEqual(Buffer.from(replyBytes(REPLIES.refused)).toString('latin1'), say.reply(5));
  });
});
