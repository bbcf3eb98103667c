// Handshakes of each version, cut anywhere.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes, toText } from '../../../test/support/latin1.ts';
import * as say from '../../../test/support/socks-messages.ts';
import type { ProxyAction } from '../../proxy/engine.ts';
import { isSocks, SocksHandshake } from './socks-handshake.ts';
import { SocksRefused } from './socks-request.ts';

/** What the client is told, and what comes of it. */
function shake(
  pieces: readonly string[],
  wantsCredentials = false,
): readonly [told: string, comesTo: string] {
  const handshake = new SocksHandshake(wantsCredentials);
  const out: ProxyAction[] = [];
  let comesTo = 'more';
  try {
    for (const piece of pieces) {
      const asked = handshake.take(toBytes(piece), out);
      if (asked === undefined) continue;
      const { host, port, credentials, rest } = asked;
      const user = credentials === undefined ? '' : `${toText(credentials.user)}@`;
      comesTo = `${user}${host}:${port} ${toText(rest)}`;
    }
  } catch (error) {
    assert.ok(error instanceof SocksRefused);
    comesTo = `${error.code} ${toText(error.reply)}`;
  }
  const told = out.map((action) => (action.type === 'send' ? toText(action.bytes) : action.type));
  return [told.join(''), comesTo];
}

const WEB = say.named('www.example', 443);

describe('a SOCKS handshake', () => {
  const handshakes: readonly (readonly [string, readonly string[], boolean, string, string])[] = [
    ['without a user', [say.greeting(0), WEB], false, '\x05\0', 'www.example:443 '],
    [
      'without a user where one is wanted',
      [say.greeting(0), WEB],
      true,
      '\x05\0',
      'www.example:443 ',
    ],
    [
      'of who does not wait',
      [say.greeting(1, 0), WEB, 'hello'],
      false,
      '\x05\0',
      'www.example:443 hello',
    ],
    [
      'with a user',
      [say.greeting(0, 2), say.credentials('me', 'x'), WEB],
      true,
      '\x05\x02\x01\0',
      'me@www.example:443 ',
    ],
    [
      'with a user that nobody wants',
      [say.greeting(2), say.credentials('me', 'x'), WEB],
      false,
      '\x05\x02\x01\0',
      'me@www.example:443 ',
    ],
    ['by GSSAPI', [say.greeting(1)], false, '', 'socks.no-method \x05\xff'],
    [
      'with a user that is none',
      [say.greeting(2), say.credentials('', 'x')],
      true,
      '\x05\x02',
      'socks.bad-user \x01\x01',
    ],
    [
      'with a user that HTTP cannot name',
      [say.greeting(2), say.credentials('a:b', 'x')],
      true,
      '\x05\x02',
      'socks.bad-user \x01\x01',
    ],
    [
      'of version 4',
      [say.socks4([192, 0, 2, 1], 80, 'me'), 'hello'],
      true,
      '',
      '192.0.2.1:80 hello',
    ],
    ['of version 4a', [say.socks4a('www.example', 80)], false, '', 'www.example:80 '],
  ];
  for (const [what, messages, wants, told, comesTo] of handshakes)
    it(`is one ${what}, however it is cut`, () => {
      const text = messages.join('');
      assert.deepEqual(shake([text], wants), [told, comesTo]);
      assert.deepEqual(
        shake(['', ...messages.slice(0, -1), messages.at(-1) ?? ''], wants)[0],
        told,
      );
      const asRequest = text.endsWith('hello') ? text.slice(0, -5) : text;
      const bare = comesTo.replace(/hello$/, '');
      assert.deepEqual(shake(asRequest.match(/[^]/g) ?? [], wants), [told, bare]);
    });

  it('is of version 4 or 5', () => {
    assert.throws(() => new SocksHandshake(false).take(toBytes('GET'), []), {
      code: 'socks.bad-version',
    });
    assert.deepEqual([4, 5, 6, 0x47, undefined].map(isSocks), [true, true, false, false, false]);
    const handshake = new SocksHandshake(false);
    assert.equal(handshake.version, 0);
    handshake.take(toBytes('\x05'), []);
    assert.equal(handshake.version, 5);
  });
});
