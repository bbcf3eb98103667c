import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { httpPlan, parsedRequest, requestReader } from '../../../test/support/http-heads.ts';
import type { IncomingRequest } from './incoming-request.ts';
import type { HttpOptions } from './http-options.ts';

function read(text: string, options: HttpOptions = {}): IncomingRequest {
  const plan = httpPlan({ permitProxyRequests: true, ...options });
  return requestReader(plan).read(parsedRequest(text, plan));
}

describe('RequestReader', () => {
  it('takes host and port from Host', () => {
    const { server, url, isPersistent } = read('GET /a HTTP/1.1\r\nHost: A.example:8080\r\n\r\n');
    assert.deepEqual(server, { host: 'a.example', port: 8080 });
    assert.deepEqual(url, {
      scheme: 'http',
      host: 'a.example',
      port: 8080,
      authority: 'a.example:8080',
      path: '/a',
    });
    assert.equal(isPersistent, true);
  });

  it('does not write the default port', () => {
    assert.equal(read('GET / HTTP/1.1\r\nHost: a:80\r\n\r\n').url.authority, 'a');
    const inTls = read('GET / HTTP/1.1\r\nHost: a\r\n\r\n', { defaultPort: 443 });
    assert.deepEqual(
      [inTls.url.scheme, inTls.server?.port, inTls.url.authority],
      ['https', 443, 'a'],
    );
  });

  it('reads each Host of a connection for what it is', () => {
    const plan = httpPlan({ permitProxyRequests: true });
    const reader = requestReader(plan);
    const hosts = ['a:81', 'a:81', 'A:81', 'b', 'a', 'a:8', '[::1]', 'b'];
    const read = hosts.map((host) => {
      const head = parsedRequest(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, plan);
      return reader.read(head).url.authority;
    });
    assert.deepEqual(read, ['a:81', 'a:81', 'a:81', 'b', 'a', 'a:8', '[::1]', 'b']);
    const absolute = 'GET http://c:82/ HTTP/1.1\r\nHost: c:82\r\n\r\n';
    assert.deepEqual(reader.read(parsedRequest(absolute, plan)).server, { host: 'c', port: 82 });
  });

  it('takes host and port from the URL where Host agrees', () => {
    for (const host of ['a', 'A:80', 'a.'])
      assert.deepEqual(read(`GET http://a/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`).server, {
        host: 'a',
        port: 80,
      });
    assert.deepEqual(read('GET http://a/ HTTP/1.0\r\n\r\n').server, { host: 'a', port: 80 });
  });

  it('lets 100-continue pass in HTTP/1.1 only', () => {
    const text = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n';
    assert.equal(read(text).expectsContinue, true);
    assert.equal(read(text.replace('HTTP/1.1', 'HTTP/1.0')).expectsContinue, false);
  });

  for (const [what, text, code] of [
    ['no Host in 1.1', 'GET / HTTP/1.1\r\n\r\n', 'missing-host'],
    ['no Host in 1.1 with a URL', 'GET http://a/ HTTP/1.1\r\n\r\n', 'missing-host'],
    ['no Host in 1.0', 'GET / HTTP/1.0\r\n\r\n', 'missing-host'],
    ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', 'bad-host'],
    ['a URL without a host', 'GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n', 'bad-host'],
    ['a URL with a port only', 'GET http://:80/ HTTP/1.1\r\nHost: a\r\n\r\n', 'bad-host'],
    ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 'duplicate-host'],
    ['another Host', 'GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n', 'host-mismatch'],
    ['another port', 'GET http://a/ HTTP/1.1\r\nHost: a:81\r\n\r\n', 'host-mismatch'],
    [
      'another expectation',
      'POST / HTTP/1.1\r\nHost: a\r\nExpect: x\r\nContent-Length: 1\r\n\r\n',
      'bad-expect',
    ],
    [
      'an expectation without body',
      'GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n',
      'expect-without-body',
    ],
    [
      'CONNECT with a body',
      'CONNECT a:443 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n',
      'connect-with-body',
    ],
  ] as const)
    it(`refuses ${what}`, () => {
      assert.throws(() => read(text), { code: `http.${code}`, side: 'client' });
    });

  it('checks the length of host names and bodies', () => {
    assert.throws(() => read('GET / HTTP/1.1\r\nHost: abcde\r\n\r\n', { maxHostnameLength: 4 }), {
      code: 'http.bad-host',
    });
    assert.throws(
      () => read('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n', { maxBodyLength: 4 }),
      { code: 'http.body-too-long' },
    );
  });
});
