import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { parsedRequest, parsedResponse } from '../../../../test/support/http-heads.ts';
import { wrong } from '../../../../test/support/policy-samples.ts';
import { PolicyFault } from '../../../proxy/violation.ts';
import { Draft, RequestDraft } from './draft.ts';
import { HttpRequest, HttpResponse } from './http-request.ts';
import { readSettings } from '../settings.ts';

const PARTS = {
  scheme: 'http',
  host: 'a',
  port: 8080,
  authority: 'a:8080',
  path: '/a?b',
} as const;

function requestOf(method = 'GET', url: RequestDraft['url'] = PARTS): [HttpRequest, RequestDraft] {
  const draft = new RequestDraft(method, url);
  const head = parsedRequest(`${method} / HTTP/1.0\r\nA: b\r\n\r\n`);
  return [new HttpRequest(head, draft, readSettings({}).settings), draft];
}

function responseOf(status = 404, method = 'GET'): [HttpResponse, Draft] {
  const draft = new Draft();
  const head = parsedResponse(`HTTP/1.1 ${status} Gone away\r\nA: b\r\n\r\n`);
  return [new HttpResponse(head, draft, method), draft];
}

describe('HttpRequest', () => {
  it('shows what was received', () => {
    const [request, draft] = requestOf();
    assert.deepEqual(
      [request.method, request.version, request.headers.get('a'), request.url.port],
      ['GET', '1.0', 'b', 8080],
    );
    assert.equal(draft.isChanged, false);
  });

  it('is shown by the console as it is now', () => {
    const [request] = requestOf();
    request.method = 'POST';
    const shown = inspect(request);
    assert.match(shown, /headers: \[.*\[ 'A', 'b' \].*\],\n {2}method: 'POST'/s);
    assert.match(shown, /path: '\/a'/);
  });

  it('shows what it was changed to', () => {
    const [request, draft] = requestOf();
    request.headers.set('A', 'c');
    assert.deepEqual([draft.isChanged, draft.isRetargeted], [true, false]);
    request.method = 'POST';
    request.url = { path: '/c' };
    assert.equal(request.url.text, 'http://a:8080/c?b');
    request.url = 'http://b/';
    assert.deepEqual([request.method, request.url.text], ['POST', 'http://b/']);
    assert.equal(draft.isRetargeted, true);
  });

  it('refuses methods that are none, or that frame another message', () => {
    for (const [from, to] of [
      ['GET', 'HEAD'],
      ['HEAD', 'GET'],
      ['GET', 'CONNECT'],
      ['CONNECT', 'GET'],
      ['GET', 'A B'],
      ['GET', ''],
      ['GET', 'A'.repeat(33)],
    ] as const) {
      const [request, draft] = requestOf(from, from === 'CONNECT' ? { ...PARTS, path: '' } : PARTS);
      assert.throws(() => {
        request.method = to;
      }, PolicyFault);
      assert.deepEqual([request.method, draft.isChanged], [from, false]);
    }
    const [options] = requestOf('OPTIONS', { ...PARTS, path: '*' });
    options.method = 'OPTIONS';
    assert.throws(() => {
      options.method = 'GET';
    }, PolicyFault);
  });

  it('takes no method, reason or field that is no text', () => {
    const [request] = requestOf();
    const [response] = responseOf();
    for (const value of [7, ['POST'], undefined])
      for (const change of [
        () => (request.method = wrong(value)),
        () => (response.reason = wrong(value)),
        () => {
          request.headers.set('A', wrong(value));
        },
        () => {
          request.headers.append(wrong(value), 'a');
        },
      ])
        assert.throws(change, PolicyFault);
  });

  it('takes a server until the policy has decided', () => {
    const [request, draft] = requestOf();
    request.server = { host: 'b', port: 81 };
    request.server = undefined;
    assert.throws(() => (request.server = wrong('b')), PolicyFault);
    assert.equal(request.server, undefined);
    draft.seal();
    assert.throws(() => (request.server = { host: 'b', port: 81 }), /server was changed too late/);
    assert.deepEqual([request.server, draft.isChanged], [undefined, false]);
  });

  it('stays as it was when it takes no value', () => {
    const [request, draft] = requestOf();
    assert.throws(() => {
      request.url = 'http://b/%zz';
    }, /The URL cannot become "http:\/\/b\/%zz": give a URL as text/);
    assert.deepEqual([request.url.host, draft.isChanged], ['a', false]);
  });
});

describe('HttpResponse', () => {
  it('shows what was received', () => {
    const [response] = responseOf();
    assert.deepEqual(
      [response.status, response.reason, response.version, response.headers.has('a')],
      [404, 'Gone away', '1.1', true],
    );
  });

  it('shows what it was changed to', () => {
    const [response, draft] = responseOf();
    response.status = 502;
    assert.deepEqual([response.status, response.reason], [502, 'Bad Gateway']);
    response.reason = 'Mine';
    assert.equal(response.reason, 'Mine');
    assert.equal(draft.isChanged, true);
  });

  it('is shown by the console as it is now', () => {
    const [response] = responseOf(404);
    response.reason = 'Lost';
    assert.match(inspect(response), /status: 404,\n {2}reason: 'Lost'/);
  });

  it('refuses statuses under which its body would be another one', () => {
    for (const [from, to] of [
      [200, 204],
      [200, 304],
      [304, 200],
      [204, 404],
      [200, 101],
      [200, 600],
      [200, 200.5],
      [101, 204],
    ] as const)
      assert.throws(
        () => {
          responseOf(from)[0].status = to;
        },
        PolicyFault,
        `${from} ${to}`,
      );
    responseOf(304)[0].status = 204;
    responseOf(200, 'HEAD')[0].status = 304;
  });

  it('refuses reasons that would begin a field', () => {
    assert.throws(() => {
      responseOf()[0].reason = 'a'.repeat(65_537);
    }, /The reason cannot become .*: give a text of at most 65536/);
    assert.throws(() => {
      responseOf()[0].reason = 'OK\r\nSet-Cookie: a';
    }, PolicyFault);
  });
});
