import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GET, httpEngine, OK } from '../../../test/support/http-dialogue.ts';
import {
  connected,
  connectFailed,
  elapsed,
  ended,
  received,
  stacked,
  stackVerdict,
  started,
} from '../../../test/support/playbook.ts';
import type { ProxyAction, ProxyEvent } from '../../proxy/engine.ts';
import { httpProxy } from './index.ts';
import type { HttpOptions } from './http-options.ts';

const CONNECT = 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n';
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const TUNNEL = { connect: { kind: 'service', name: 'inner', proxy: httpProxy() } as const };

function endingOf(
  events: readonly ProxyEvent[],
  options?: HttpOptions,
): Partial<Extract<ProxyAction, { type: 'close' }>> | undefined {
  const engine = httpEngine(options);
  const actions = [started(), ...events].flatMap((event) => engine.handle(event));
  return actions.find((action) => action.type === 'close');
}

describe('httpProxy, the sentence of an ending', () => {
  const open = [received('client', GET), connected()];
  const tunnel = [received('client', CONNECT), connected(), stacked()];
  const cases: readonly (readonly [string, string, readonly ProxyEvent[], HttpOptions?])[] = [
    ['http.finished', 'The connection was finished', [ended('client')]],
    [
      'http.finished',
      'The connection was finished',
      [
        received(
          'client',
          GET.replace('GET', 'POST').replace('\r\n\r\n', '\r\nContent-Length: 1\r\n\r\n'),
        ),
        connected(),
        received('server', OK),
        ended('client'),
      ],
    ],
    ['http.idle', 'No further request came', [...open, received('server', OK), elapsed('http')]],
    [
      'http.client-gone',
      'The client broke the connection off',
      [received('client', 'GET'), ended('client', 'ECONNRESET')],
    ],
    [
      'http.bad-request-line',
      'The request does not begin with a method and a blank',
      [received('client', ' x\r\n'), ended('client')],
    ],
    [
      'http.bad-request-line',
      'There is no request target',
      [received('client', 'GET  x\r\n')],
      { errorSilent: true },
    ],
    [
      'http.request-timeout',
      'The request did not come in time',
      [elapsed('http'), elapsed('http')],
    ],
    ['http.method-refused', '', [received('client', GET), ended('client')], { request: {} }],
    ['connect.refused', '', [received('client', GET), connectFailed(), ended('client')]],
    [
      'policy.function-failed',
      'A function of the policy failed',
      [received('client', GET), ended('client')],
      {
        request: {
          GET: () => {
            throw new Error('secret');
          },
        },
      },
    ],
    [
      'http.server-closed',
      'The server closed the connection within its answer',
      [...open, received('server', CHUNKED), ended('server')],
    ],
    [
      'http.transfer-timeout',
      'A body stood still for too long',
      [...open, received('server', CHUNKED), elapsed('http')],
    ],
    ['http.bad-chunk-size', '', [...open, received('server', `${CHUNKED}x\r\n`)]],
    [
      'inner.reason',
      'The service inner ended the tunnel',
      [...tunnel, stackVerdict('denied-by-policy', 'inner.reason')],
      TUNNEL,
    ],
    [
      'inner.reason',
      'The service inner ended the tunnel: It may not be',
      [...tunnel, stackVerdict('denied-by-policy', 'inner.reason', undefined, 'It may not be')],
      TUNNEL,
    ],
    [
      'http.tunnel-broken',
      'The client broke the tunnel off',
      [...tunnel, ended('client', 'ECONNRESET'), elapsed('http')],
      TUNNEL,
    ],
  ];
  for (const [reason, message, events, options] of cases)
    it(`says why: ${reason}`, () => {
      const ending = endingOf(events, options);
      assert.equal(ending?.reason, reason);
      if (message === '') assert.match(ending.message ?? '', /^[A-Z].*[a-z]$/);
      else assert.equal(ending.message, message);
    });
});
