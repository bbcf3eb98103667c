import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shownUrl, urlOf, urlText } from './http-url.ts';

const PARTS = {
  scheme: 'http',
  host: '2001:db8::5',
  port: 8080,
  authority: '[2001:db8::5]:8080',
  path: '/a?b?c',
} as const;

describe('urlOf() and urlText()', () => {
  it('split path and query at the first question mark', () => {
    assert.deepEqual(
      { ...urlOf(PARTS) },
      {
        scheme: 'http',
        host: '2001:db8::5',
        port: 8080,
        path: '/a',
        query: 'b?c',
        text: 'http://[2001:db8::5]:8080/a?b?c',
      },
    );
    assert.equal(urlOf({ ...PARTS, path: '/' }).query, undefined);
    assert.equal(urlText({ ...PARTS, host: 'a', authority: 'a', path: '*' }), 'http://a');
  });

  it('tell who would change a part of it that this changes nothing', () => {
    for (const part of ['path', 'host', 'text', 'other'])
      assert.ok(!Reflect.set(urlOf(PARTS), part, '/other'), part);
  });

  it('are shown as a host and a port where a tunnel is asked for', () => {
    const url = { ...PARTS, path: '' };
    assert.equal(shownUrl({ method: 'GET', url: PARTS }), 'http://[2001:db8::5]:8080/a?b?c');
    assert.equal(shownUrl({ method: 'CONNECT', url }), '[2001:db8::5]:8080');
    const web = { ...url, host: 'web.example', port: 80, authority: 'web.example' };
    assert.equal(shownUrl({ method: 'CONNECT', url: web }), 'web.example:80');
  });

  it('find values in the query', () => {
    const url = urlOf({ ...PARTS, path: '/a?x=1&y=b+c&x=%32' });
    assert.deepEqual([url.queryValue('y'), url.queryValue('z')], ['b c', undefined]);
    assert.deepEqual(url.queryValues('x'), ['1', '2']);
  });
});
