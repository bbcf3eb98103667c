import { describe, it } from 'node:test';
import { asked, begun, GET, OK, page, WEB } from '../../../../test/support/http-dialogue.ts';
import {
  connect,
  connected,
  disconnect,
  end,
  hold,
  received,
  release,
  resolved,
  send,
  sendLike,
  wait,
} from '../../../../test/support/playbook.ts';
import { accept, drop } from '../../../proxy/policy-action.ts';
import type { HttpOptions } from '../http-options.ts';
import type { HttpRequest, HttpResponse } from './http-request.ts';

/** A policy whose function changes requests. */
function changing(change: (request: HttpRequest) => void, more: HttpOptions = {}): HttpOptions {
  const rule = (request: HttpRequest): ReturnType<typeof accept> => {
    change(request);
    return accept();
  };
  return { request: { '*': rule }, ...more };
}

/** A policy whose function changes responses. */
function changingBack(change: (response: HttpResponse) => void, more?: HttpOptions): HttpOptions {
  const rule = (response: HttpResponse): ReturnType<typeof accept> => {
    change(response);
    return accept();
  };
  return { response: { '*': { '*': rule } }, ...more };
}

/** What the server gets of a request. */
function sent(request: string, options: HttpOptions, expected: string, server = WEB): void {
  begun(options)
    .when(received('client', request))
    .expect(hold('client'), connect(server))
    .when(connected())
    .expect(send('server', expected));
}

describe('a request that the policy changes', () => {
  it('leaves changed', () => {
    sent(
      'GET /a HTTP/1.1\r\nHost: web.example\r\nA: 1\r\nCookie: x\r\n\r\n',
      changing((request) => {
        request.method = 'SEARCH';
        request.url = { path: '/b', query: 'c' };
        request.headers.set('A', '2');
        request.headers.append('B', '3');
        request.headers.delete('Cookie');
      }),
      'SEARCH /b?c HTTP/1.1\r\nHost: web.example\r\nA: 2\r\nB: 3\r\n\r\n',
    );
  });

  it('goes where it leads now, with the Host of its URL', () => {
    const other = changing((request) => {
      request.url = 'http://other.example:443/x';
    });
    sent(GET, other, 'GET /x HTTP/1.1\r\nHost: other.example:443\r\n\r\n', {
      host: 'other.example',
      port: 443,
    });
    sent(
      'GET / HTTP/1.0\r\n\r\n',
      { ...other, requireHostHeader: false },
      'GET /x HTTP/1.1\r\nHost: other.example:443\r\nConnection: close\r\n\r\n',
      { host: 'other.example', port: 443 },
    );
  });

  it('keeps its Host where that is not rewritten, or was set', () => {
    const elsewhere = (request: HttpRequest): void => {
      request.url = { host: '192.0.2.5' };
    };
    const server = { host: '192.0.2.5', port: 80 };
    sent(GET, changing(elsewhere, { rewriteHostHeader: false }), GET, server);
    sent(
      GET,
      changing((request) => {
        elsewhere(request);
        request.headers.set('Host', 'public.example');
      }),
      GET.replace('web', 'public'),
      server,
    );
  });

  it('keeps the form of its URL where only fields change', () => {
    sent(
      'GET http://web.example/%7e?%7e HTTP/1.1\r\nHost: web.example\r\n\r\n',
      changing(({ headers }) => headers.set('A', 'b'), {
        permitProxyRequests: true,
        useCanonicalizedUrls: false,
      }),
      'GET /%7e?%7e HTTP/1.1\r\nHost: web.example\r\nA: b\r\n\r\n',
    );
  });

  it('keeps its body and what frames it', () => {
    const head = 'POST / HTTP/1.1\r\nHost: web.example\r\n';
    const options = changing(({ headers }) => headers.set('A', 'b'));
    begun(options)
      .given(received('client', `${head}Content-Length: 5\r\n\r\nhello`))
      .when(connected())
      .expect(
        send('server', `${head}Content-Length: 5\r\nA: b\r\n\r\n`),
        release('client'),
        send('server', 'hello'),
        hold('client'),
      );
    begun(options)
      .given(received('client', `${head}Transfer-Encoding: chunked\r\n\r\n`))
      .when(connected())
      .expect(
        send('server', `${head}A: b\r\nTransfer-Encoding: chunked\r\n\r\n`),
        release('client'),
      );
  });

  it('still loses what Connection names, and obeys the header table', () => {
    sent(
      'GET / HTTP/1.1\r\nHost: web.example\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n',
      changing(({ headers }) => headers.set('X-Secret', '1'), {
        requestHeader: { 'X-Secret': drop() },
      }),
      'GET / HTTP/1.1\r\nHost: web.example\r\n\r\n',
    );
  });

  it('keeps the fields of the policy, whatever Connection names', () => {
    sent(
      'GET / HTTP/1.1\r\nHost: web.example\r\nConnection: X-Zone, X-B\r\nX-Zone: 1\r\nX-B: 2\r\n\r\n',
      changing(({ headers }) => {
        headers.set('X-Zone', 'office');
        headers.append('X-B', '3');
      }),
      'GET / HTTP/1.1\r\nHost: web.example\r\nX-Zone: office\r\nX-B: 3\r\n\r\n',
    );
  });

  it('may tell the server of the client, although what comes about that does not pass', () => {
    sent(
      'GET / HTTP/1.1\r\nHost: web.example\r\nX-Real-IP: 1\r\nX-Forwarded-For: 2\r\n\r\n',
      changing(({ headers }) => headers.set('X-Real-IP', '192.0.2.9')),
      'GET / HTTP/1.1\r\nHost: web.example\r\nX-Real-IP: 192.0.2.9\r\n\r\n',
    );
    sent(
      GET,
      changing(({ headers }) => headers.set('X-Real-IP', '192.0.2.9'), {
        requestHeader: { 'X-Real-IP': drop() },
      }),
      GET,
    );
  });

  it('is changed by an async function, too', () => {
    begun({
      request: {
        GET: (request) => {
          request.url = { path: '/later' };
          return Promise.resolve(accept());
        },
      },
    })
      .when(received('client', GET))
      .expect(hold('client'), wait())
      .when(resolved(accept()))
      .expect(connect(WEB))
      .when(connected())
      .expect(send('server', GET.replace('/a', '/later')));
  });

  it('is checked again: lists of URLs, ports', () => {
    const blocked = changing(
      (request) => {
        request.url = { path: '/blocked' };
      },
      { urlFilter: { block: (url) => url.endsWith('/blocked') } },
    );
    begun(blocked)
      .when(received('client', GET))
      .expect(sendLike('client', page(403, 'http.url-blocked')), end('client'));
    const port = changing(
      (request) => {
        request.url = { port: 25 };
      },
      { mode: 'explicit', permitServerRequests: true },
    );
    begun(port)
      .when(received('client', GET))
      .expect(sendLike('client', page(403, 'http.port-refused')), end('client'));
  });

  it('stays what it was when a value is refused or comes too late', () => {
    begun(changing(({ headers }) => headers.set('A', 'b\r\nc')))
      .when(received('client', GET))
      .expect(sendLike('client', page(500, 'policy.invalid-result')), end('client'));
    begun({
      requestHeader: {
        'X-A': {
          action: 'insert',
          value: (_session, request) => {
            request.headers.set('A', 'b');
            return 'c';
          },
        },
      },
    })
      .when(received('client', GET))
      .expect(sendLike('client', page(500, 'policy.invalid-result')), end('client'));
  });

  it('is what functions over the response see', () => {
    const seen: string[] = [];
    asked(
      GET,
      changing(
        (request) => {
          request.url = { path: '/b' };
          request.headers.set('A', 'b');
        },
        {
          response: {
            '*': {
              '*': (_response, { url, headers }) => {
                seen.push(url.path, headers.get('a') ?? '');
                return seen.join() === '/b,b' ? accept() : drop();
              },
            },
          } as NonNullable<HttpOptions['response']>,
        },
      ),
    )
      .when(received('server', OK))
      .expect(send('client', OK), release('client'));
  });
});

describe('a response that the policy changes', () => {
  it('leaves changed', () => {
    asked(
      GET,
      changingBack((response) => {
        response.status = 404;
        response.headers.set('Server', 'web');
        response.headers.delete('X-Powered-By');
      }),
    )
      .when(received('server', OK.replace('\r\n', '\r\nX-Powered-By: x\r\nServer: y/1.2\r\n')))
      .expect(
        send('client', 'HTTP/1.1 404 Not Found\r\nServer: web\r\nContent-Length: 2\r\n\r\nhi'),
        release('client'),
      );
  });

  it('is changed by an async function, too, and keeps the connection', () => {
    asked(GET, {
      response: {
        '*': {
          '*': (response) => {
            response.reason = 'Fine';
            return Promise.resolve(accept());
          },
        },
      },
    })
      .when(received('server', OK))
      .expect(wait())
      .when(resolved(accept()))
      .expect(send('client', OK.replace('OK', 'Fine')), release('client'));
  });

  it('keeps chunks, and the close of a server', () => {
    const change = changingBack(({ headers }) => headers.append('A', 'b'));
    asked(GET, change)
      .when(received('server', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'))
      .expect(
        send('client', 'HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
        release('client'),
      );
    asked(GET, change)
      .when(received('server', OK.replace('\r\n', '\r\nConnection: close\r\n')))
      .expect(
        send('client', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nA: b\r\n\r\nhi'),
        disconnect(),
        release('client'),
      );
  });

  it('keeps the fields of the policy, whatever Connection names', () => {
    const change = changingBack(({ headers }) => headers.set('X-A', 'policy'));
    asked(GET, change)
      .when(
        received('server', OK.replace('\r\n', '\r\nConnection: X-A, X-B\r\nX-A: 1\r\nX-B: 2\r\n')),
      )
      .expect(
        send('client', 'HTTP/1.1 200 OK\r\nX-A: policy\r\nContent-Length: 2\r\n\r\nhi'),
        release('client'),
      );
  });

  it('is refused with a value that is none', () => {
    asked(
      GET,
      changingBack((response) => {
        response.status = 204;
      }),
    )
      .when(received('server', OK))
      .expect(
        disconnect(),
        sendLike('client', page(500, 'policy.invalid-result')),
        release('client'),
        end('client'),
      );
  });
});
