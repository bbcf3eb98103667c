import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsedRequest } from '../../../../test/support/http-heads.ts';
import { Violation } from '../../../proxy/violation.ts';
import type { RequestTarget, TargetRules, WrittenSite } from './request-target.ts';
import { readTarget } from './request-target.ts';
import { DEFAULT_URL_SETTINGS } from './url-settings.ts';

function read(
  target: string,
  { method = 'GET', ...rules }: Partial<TargetRules> & { method?: string } = {},
): RequestTarget {
  const head = parsedRequest(`${method} ${target} HTTP/1.1\r\n\r\n`);
  return readTarget(head, { ...DEFAULT_URL_SETTINGS, defaultPort: 80, ...rules });
}

describe('readTarget()', () => {
  for (const [method, target, form, authority, path] of [
    ['GET', '/', 'origin', '', '/'],
    ['GET', '//a/b?c', 'origin', '', '//a/b?c'],
    ['GET', '/a/../%62', 'origin', '', '/b'],
    ['OPTIONS', '*', 'asterisk', '', '*'],
    ['OPTIONS', 'http://a', 'absolute', 'a', '*'],
    ['GET', 'http://web.example:8081/p/q', 'absolute', 'web.example:8081', '/p/q'],
    ['GET', 'HTTP://web.example', 'absolute', 'web.example', '/'],
    ['GET', 'http://[2001:db8::5]:8080/p', 'absolute', '[2001:db8::5]:8080', '/p'],
    ['CONNECT', 'a:443', 'authority', 'a:443', ''],
    ['CONNECT', '[2001:db8::5]:443', 'authority', '[2001:db8::5]:443', ''],
  ] as const)
    it(`reads ${method} ${target}`, () => {
      const { form: actual, ...rest } = read(target, { method });
      assert.deepEqual([actual, rest.authority, rest.path], [form, authority, path]);
    });

  it('reads what begins as the last whole URL does in the same way', () => {
    const rules = { ...DEFAULT_URL_SETTINGS, permitUserInfo: true, defaultPort: 80 };
    const last = { text: '', authority: '' };
    for (const target of [
      ...[
        'http://a.example/p',
        'http://a.example/../q?r',
        'http://a.example',
        'http://a.example?x',
      ],
      ...['http://a.example:81/', 'http://a.example.evil/', 'http://a.example@evil/', '/p', '*'],
      ...[
        'http://ann@a.example/',
        'http://ann@a.example/s',
        'HTTP://a.example/t',
        'http://a.example/',
      ],
    ])
      for (const method of ['GET', 'OPTIONS', 'CONNECT']) {
        const head = parsedRequest(`${method} ${target} HTTP/1.1\r\n\r\n`);
        const readWith = (memory?: WrittenSite): unknown => {
          try {
            return readTarget(head, rules, memory);
          } catch (error) {
            return error instanceof Violation ? error.code : error;
          }
        };
        assert.deepEqual(readWith(last), readWith(), `${method} ${target}`);
      }
    assert.deepEqual(last, { text: 'http://a.example', authority: 'a.example' });
  });

  it('says whether the path may stay as it is', () => {
    assert.equal(read('/index.html').isPathVerbatim, true);
    assert.equal(read('/%7e').isPathVerbatim, false);
  });

  it('gives the path as received, where that is what is to be sent', () => {
    const { path, sentPath, isPathVerbatim } = read('/a/../%7e', { useCanonicalizedUrls: false });
    assert.deepEqual([path, sentPath, isPathVerbatim], ['/~', '/a/../%7e', true]);
  });

  it('checks the path as received all the same', () => {
    const rules = { useCanonicalizedUrls: false };
    assert.throws(() => read('/%zz', rules), { code: 'http.bad-escape' });
    assert.throws(() => read('/a%2f..', rules), { code: 'http.hidden-dots' });
  });

  it('takes https for the scheme where TLS is decrypted, and no other', () => {
    assert.equal(read('https://a/b', { defaultPort: 443 }).path, '/b');
    assert.throws(() => read('http://a/b', { defaultPort: 443 }), { code: 'http.bad-scheme' });
  });

  it('says that it does not fetch from FTP servers', () => {
    assert.throws(() => read('ftp://files.example/a.tar'), { code: 'http.ftp-url' });
    assert.throws(() => read('FTP://a/b', { defaultPort: 443 }), { code: 'http.ftp-url' });
  });

  for (const [target, authority] of [
    ['http://ann@web.example/p', 'web.example'],
    ['http://ann:s3c%40@web.example:81', 'web.example:81'],
    ['http://@web.example/p', 'web.example'],
    ['http://web.example/@', 'web.example'],
  ] as const)
    it(`drops the user of ${target}, where that is permitted`, () => {
      assert.equal(read(target, { permitUserInfo: true }).authority, authority);
    });

  for (const target of ['http://a@b@c/', 'http://a%zz@b/', 'http://a"@b/'])
    it(`refuses ${target} even then`, () => {
      assert.throws(() => read(target, { permitUserInfo: true }), { code: 'http.userinfo' });
    });

  for (const [method, target, code] of [
    ['GET', '*', 'bad-target'],
    ['GET', 'a/b', 'bad-target'],
    ['GET', 'http//web.example/p', 'bad-target'],
    ['GET', 'http:web.example/p', 'bad-target'],
    ['GET', 'http://web.example?k=v', 'bad-target'],
    ['GET', 'http:///x', 'bad-host'],
    ['GET', 'http://', 'bad-host'],
    ['OPTIONS', 'http://', 'bad-host'],
    ['GET', 'http://:80/', 'bad-host'],
    ['GET', 'https://a/', 'https-url'],
    ['GET', 'gopher://a/', 'bad-scheme'],
    ['GET', 'http://ann@web.example/p', 'userinfo'],
    ['GET', 'http://ann:s3c@web.example/p', 'userinfo'],
    ['CONNECT', 'a', 'bad-target'],
    ['CONNECT', 'http://a:443', 'bad-target'],
    ['CONNECT', 'u@a:443', 'bad-target'],
    ['CONNECT', '/a', 'bad-target'],
  ] as const)
    it(`refuses ${method} ${target}`, () => {
      assert.throws(() => read(target, { method }), { code: `http.${code}` });
    });
});
