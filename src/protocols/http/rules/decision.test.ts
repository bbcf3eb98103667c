import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  asked,
  GET,
  OK,
  page,
  WEB,
  httpEngine,
  begun,
} from '../../../../test/support/http-dialogue.ts';
import {
  close,
  connect,
  connected,
  disconnect,
  elapsed,
  end,
  ended,
  hold,
  log,
  playbook,
  received,
  rejected,
  release,
  resolved,
  send,
  sendLike,
  started,
  timer,
  wait,
} from '../../../../test/support/playbook.ts';
import { abort, accept, reject } from '../../../proxy/policy-action.ts';
import type { HttpAction, HttpOptions } from '../http-options.ts';
import type { HttpRequest } from './http-request.ts';

describe('httpProxy, the policy over requests and responses', () => {
  it('refuses methods that are not listed', () => {
    playbook(httpEngine())
      .given(started())
      .when(received('client', GET.replace('GET', 'DELETE')))
      .expect(
        log('http.method-refused'),
        log('http.request'),
        sendLike('client', page(403, 'http.method-refused')),
        end('client'),
        timer('http', 2_000),
      )
      .when(elapsed('http'))
      .expect(close('denied-by-policy', 'http.method-refused'));
  });

  it('shows the text of a rejection, escaped', () => {
    begun({ request: { GET: reject('<No> "reading"') } })
      .when(received('client', GET))
      .expect(
        sendLike('client', /403 [^]*&lt;No&gt; &quot;reading&quot;\.[^]*http\.request-refused/),
        end('client'),
      );
  });

  it('gives an abort its verdict', () => {
    begun({ request: { '*': abort() } })
      .given(received('client', GET))
      .when(ended('client'))
      .expect(close('aborted-by-policy-action', 'http.request-refused'));
  });

  it('asks a function, which sees the request', () => {
    const seen: unknown[] = [];
    begun({
      request: {
        GET: (request, session) => {
          const { url, headers } = request;
          seen.push(request.method, request.version, { ...url });
          seen.push(
            headers.get('x-a'),
            headers.has('b'),
            headers.getAll('X-A'),
            session.clientAddress.toString(),
          );
          return accept();
        },
      },
    })
      .when(received('client', 'GET /p?q HTTP/1.1\r\nHost: A:8080\r\nX-A: 1\r\nx-a: 2\r\n\r\n'))
      .expect(hold('client'), connect({ host: 'a', port: 8080 }));
    assert.deepEqual(seen, [
      'GET',
      '1.1',
      { scheme: 'http', host: 'a', port: 8080, path: '/p', query: 'q', text: 'http://a:8080/p?q' },
      '1',
      false,
      ['1', '2'],
      '10.1.2.3:40000',
    ]);
  });

  it('waits for an async function and keeps what follows', () => {
    begun({ request: { GET: async () => Promise.resolve(accept()) } })
      .when(received('client', GET + GET))
      .expect(hold('client'), wait())
      .when(resolved(accept()))
      .expect(connect(WEB))
      .when(connected())
      .expect(send('server', GET))
      .when(received('server', OK))
      .expect(send('client', OK), release('client'), hold('client'), wait())
      .when(resolved(reject()))
      .expect(
        disconnect(),
        sendLike('client', page(403, 'http.request-refused')),
        release('client'),
        end('client'),
      );
  });

  it('answers 500 when a function fails or returns nonsense', () => {
    for (const outcome of [rejected(new Error('x')), resolved('nonsense')])
      begun({ request: { GET: async () => Promise.resolve(accept()) } })
        .given(received('client', GET))
        .when(outcome)
        .expect(sendLike('client', /^HTTP\/1\.1 500 /), release('client'), end('client'));
  });

  it('lets a function choose the server where the router permits', () => {
    const options: HttpOptions = {
      request: {
        GET: (request) => {
          request.server = { host: '192.0.2.9', port: 8000 };
          return accept();
        },
      },
    };
    begun(options, { targetAddressInband: true })
      .when(received('client', GET))
      .expect(hold('client'), connect({ host: '192.0.2.9', port: 8000 }));
    begun(options).when(received('client', GET)).expect(hold('client'), connect(WEB));
  });

  it('refuses what is no server, whatever it is', () => {
    for (const server of [
      null,
      'b.example',
      { host: 'b' },
      { host: ['b'], port: 80 },
      { host: 'b', port: '80' },
    ])
      begun(
        {
          request: {
            GET: (request) => {
              request.server = server as never;
              return accept();
            },
          },
        },
        { targetAddressInband: true },
      )
        .when(received('client', GET))
        .expect(sendLike('client', page(500, 'policy.invalid-result')), end('client'));
  });

  it('holds a server that throws when it is read against the function that set it', () => {
    const server = {
      port: 80,
      get host(): never {
        throw new Error('no host');
      },
    };
    const GET_IT = (request: HttpRequest): HttpAction => {
      request.server = server;
      return accept();
    };
    begun({ request: { GET: GET_IT } }, { targetAddressInband: true })
      .when(received('client', GET))
      .expect(sendLike('client', page(500, 'policy.function-failed')), end('client'));
  });

  it('applies the response policy, the most specific rule first', () => {
    const options: HttpOptions = {
      response: { GET: { '40': reject('Hidden'), '404': accept() }, '*': { '5': abort() } },
    };
    const answer = (status: string): string => `HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`;
    asked(GET, options)
      .when(received('server', answer('404')))
      .expect(send('client', answer('404')), release('client'));
    for (const status of ['403', '500'])
      asked(GET, options)
        .when(received('server', answer(status)))
        .expect(
          disconnect(),
          sendLike('client', page(403, 'http.response-refused')),
          release('client'),
          end('client'),
        );
  });

  it('waits for an async response function and keeps the body', () => {
    asked(GET, { response: { '*': { '*': async () => Promise.resolve(accept()) } } })
      .when(received('server', OK))
      .expect(wait())
      .when(resolved(accept()))
      .expect(send('client', OK), release('client'));
  });

  it('gives response functions the response and its request', () => {
    const seen: unknown[] = [];
    asked(GET, {
      response: {
        GET: {
          '*': (response, request) => {
            seen.push(response.status, response.version, response.headers.get('content-length'));
            seen.push(request.url.text);
            return accept();
          },
        },
      },
    })
      .when(received('server', OK))
      .expect(send('client', OK), release('client'));
    assert.deepEqual(seen, [200, '1.1', '2', 'http://web.example/a']);
  });
});
