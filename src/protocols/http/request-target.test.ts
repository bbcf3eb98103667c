import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsedRequest } from '../../../test/support/http-heads.ts';
import type { RequestTarget } from './request-target.ts';
import { readTarget } from './request-target.ts';

function read(target: string, method = 'GET'): RequestTarget {
  return readTarget(parsedRequest(`${method} ${target} HTTP/1.1\r\n\r\n`));
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
      const { form: actual, ...rest } = read(target, method);
      assert.deepEqual([actual, rest.authority, rest.path], [form, authority, path]);
    });

  it('says whether the path may stay as it is', () => {
    assert.equal(read('/index.html').isPathVerbatim, true);
    assert.equal(read('/%7e').isPathVerbatim, false);
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
    ['GET', 'https://a/', 'bad-scheme'],
    ['GET', 'ftp://a/', 'bad-scheme'],
    ['GET', 'http://ann@web.example/p', 'userinfo'],
    ['GET', 'http://ann:s3c@web.example/p', 'userinfo'],
    ['CONNECT', 'a', 'bad-target'],
    ['CONNECT', 'http://a:443', 'bad-target'],
    ['CONNECT', 'u@a:443', 'bad-target'],
    ['CONNECT', '/a', 'bad-target'],
  ] as const)
    it(`refuses ${method} ${target}`, () => {
      assert.throws(() => read(target, method), { code: `http.${code}` });
    });
});
