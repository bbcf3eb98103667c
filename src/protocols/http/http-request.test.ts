import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsedRequest, parsedResponse } from '../../../test/support/http-heads.ts';
import { HttpRequest, HttpResponse, urlOf, urlText } from './http-request.ts';

const PARTS = {
  scheme: 'http',
  host: '2001:db8::5',
  port: 8080,
  authority: '[2001:db8::5]:8080',
  path: '/a?b?c',
} as const;

describe('urlOf() and urlText()', () => {
  it('split path and query at the first question mark', () => {
    assert.deepEqual(urlOf(PARTS), {
      scheme: 'http',
      host: '2001:db8::5',
      port: 8080,
      path: '/a',
      query: 'b?c',
      text: 'http://[2001:db8::5]:8080/a?b?c',
    });
    assert.equal(urlOf({ ...PARTS, path: '/' }).query, undefined);
    assert.equal(urlText({ ...PARTS, host: 'a', authority: 'a', path: '*' }), 'http://a');
  });
});

describe('HttpRequest and HttpResponse', () => {
  it('show what was received', () => {
    const request = new HttpRequest(parsedRequest('GET / HTTP/1.0\r\nA: b\r\n\r\n'), PARTS);
    assert.deepEqual(
      [request.method, request.version, request.headers.get('a')],
      ['GET', '1.0', 'b'],
    );
    assert.equal(request.url.port, 8080);
    const response = new HttpResponse(parsedResponse('HTTP/1.1 404 No\r\nA: b\r\n\r\n'));
    assert.deepEqual(
      [response.status, response.version, response.headers.has('a')],
      [404, '1.1', true],
    );
  });
});
