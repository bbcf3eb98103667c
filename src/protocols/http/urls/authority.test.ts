import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canonicalHost, readAuthority, writeAuthority } from './authority.ts';

describe('readAuthority()', () => {
  it('reads a text again as it did before, and holds it to the limit of whoever asks now', () => {
    for (let round = 0; round < 2; round++)
      for (let index = 0; index < 300; index++)
        assert.deepEqual(readAuthority(`host-${index}.example:${index + 1}`, 256), {
          host: `host-${index}.example`,
          port: index + 1,
        });
    assert.throws(() => readAuthority('host-299.example:300', 10), { code: 'http.bad-host' });
    assert.equal(readAuthority('host-299.example:300', 16).port, 300);
  });

  for (const [text, host, port] of [
    ['web.example', 'web.example', undefined],
    ['WEB.Example.:080'.replace('080', '80'), 'web.example', 80],
    ['web.example:', 'web.example', undefined],
    ['a', 'a', undefined],
    ['my_host.example:8080', 'my_host.example', 8080],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example', undefined],
    ['192.0.2.7:1', '192.0.2.7', 1],
    ['[2001:DB8:0::5]', '2001:db8::5', undefined],
    ['[2001:db8::5]:65535', '2001:db8::5', 65_535],
    ['[::ffff:192.0.2.7]', '192.0.2.7', undefined],
  ] as const)
    it(`reads ${text}`, () => {
      assert.deepEqual(readAuthority(text, 256), { host, port });
    });

  for (const [text, code] of [
    ['', 'host'],
    [':80', 'host'],
    ['a b', 'host'],
    ['a..b', 'host'],
    ['.a', 'host'],
    ['-a', 'host'],
    ['a-.b', 'host'],
    ['a,b', 'host'],
    ['a/b', 'host'],
    ['a%20b', 'host'],
    ['b\xfccher', 'host'],
    ['user@a', 'host'],
    ['a:1:2', 'host'],
    ['2001:db8::5', 'host'],
    ['[2001:db8::5', 'host'],
    ['[192.0.2.7]', 'host'],
    ['[fe80::1%25eth0]', 'host'],
    ['127.1', 'host'],
    ['0x7f.0.0.1', 'host'],
    ['0x7f000001', 'host'],
    ['2130706433', 'host'],
    ['010.1.1.1', 'host'],
    ['1.2.3.4.5', 'host'],
    ['a'.repeat(64), 'host'],
    [`${'a.'.repeat(150)}b`, 'host'],
    ['a:0', 'port'],
    ['a:65536', 'port'],
    ['a:080', 'port'],
    ['a:99999999999', 'port'],
    ['a:+80', 'host'],
    ['a:8x', 'host'],
  ] as const)
    it(`refuses "${text}"`, () => {
      assert.throws(() => readAuthority(text, 256), { code: `http.bad-${code}` });
    });
});

describe('canonicalHost() and writeAuthority()', () => {
  it('are each other inverse for canonical hosts', () => {
    for (const host of ['web.example', '192.0.2.7', '2001:db8::5'])
      assert.equal(canonicalHost(writeAuthority(host, undefined)), host);
    assert.equal(writeAuthority('2001:db8::5', 81), '[2001:db8::5]:81');
  });
});
