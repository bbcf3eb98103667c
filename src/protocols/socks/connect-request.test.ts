// What HTTP is asked for a client of SOCKS; nothing gets into it that would be something else there.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { anyByte } from '../../../test/support/arbitraries.ts';
import { toBytes } from '../../../test/support/latin1.ts';
import { connectRequest } from './connect-request.ts';

const nothing = { credentials: undefined, rest: new Uint8Array(0) };

function head(host: string, port: number): string {
  return Buffer.from(connectRequest({ ...nothing, host, port })).toString('latin1');
}

describe('the CONNECT for a client of SOCKS', () => {
  it('has the canonical name', () => {
    const fields = (target: string): string =>
      `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\nConnection: close\r\n\r\n`;
    assert.equal(head('WWW.Example.', 443), fields('www.example:443'));
    assert.equal(head('192.0.2.1', 22), fields('192.0.2.1:22'));
    assert.equal(head('[2001:db8::1]', 22), fields('[2001:db8::1]:22'));
    assert.equal(head('[::ffff:192.0.2.1]', 22), fields('192.0.2.1:22'));
  });

  it('is none for what is no name, and for port 0', () => {
    for (const host of [
      '',
      'a b',
      'a\r\nHost: b',
      'a:80',
      '0x7f.1',
      '127.1',
      'a/b',
      '[::1',
      '@a',
      '\xe9',
    ])
      assert.throws(() => head(host, 443), { code: 'socks.bad-target' }, host);
    assert.throws(() => head('www.example', 0), { code: 'socks.bad-target' });
  });

  it('has four lines, whatever the client says', () => {
    const texts = fc.string({ unit: anyByte, maxLength: 20 });
    fc.assert(
      fc.property(texts, texts, texts, (host, user, password) => {
        const credentials = { user: toBytes(user), password: toBytes(password) };
        const asked = { host, port: 443, credentials, rest: new Uint8Array(0) };
        let text: string;
        try {
          text = Buffer.from(connectRequest(asked)).toString('latin1');
        } catch {
          return;
        }
        const lines = text.split('\r\n');
        assert.equal(lines.length, 6);
        const [, pair = ''] =
          /^Proxy-Authorization: Basic ([A-Za-z0-9+/=]*)$/.exec(lines[3] ?? '') ?? [];
        assert.equal(Buffer.from(pair, 'base64').toString('latin1'), `${user}:${password}`);
      }),
    );
  });
});
