import { describe, it } from 'node:test';
import { asked, GET, page, WEB } from '../../../test/support/http-dialogue.ts';
import {
  close,
  connect,
  disconnect,
  end,
  ended,
  hold,
  received,
  relay,
  relayed,
  release,
  send,
  sendLike,
} from '../../../test/support/playbook.ts';
import { TRUNCATED } from '../../proxy/truncation.ts';

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('httpProxy, answers without a length', () => {
  it('pass in chunks, and the client connection stays', () => {
    asked(GET)
      .when(received('server', 'HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nabc'))
      .expect(send('client', `${CHUNKED}3\r\nabc\r\n`))
      .when(received('server', 'a'.repeat(5_000)))
      .expect(send('client', `1388\r\n${'a'.repeat(5_000)}\r\n`))
      .when(ended('server'))
      .expect(send('client', '0\r\n\r\n'), disconnect(), release('client'))
      .when(received('client', GET))
      .expect(hold('client'), connect(WEB));
  });

  it('may be empty', () => {
    asked(GET)
      .when(received('server', 'HTTP/1.1 200 OK\r\n\r\n'))
      .expect(send('client', CHUNKED))
      .when(ended('server'))
      .expect(send('client', '0\r\n\r\n'), disconnect(), release('client'));
  });

  it('end the connection all the same, where the client wants that', () => {
    asked(GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
      .when(received('server', 'HTTP/1.1 200 OK\r\n\r\nabc'))
      .expect(send('client', `${CHUNKED.slice(0, -2)}Connection: close\r\n\r\n3\r\nabc\r\n`))
      .when(ended('server'))
      .expect(send('client', '0\r\n\r\n'), disconnect(), close('accepted', 'http.finished'));
  });

  it('have no last chunk when they break off, or become too long', () => {
    asked(GET)
      .given(received('server', 'HTTP/1.1 200 OK\r\n\r\nabc'))
      .when(ended('server', 'ECONNRESET'))
      .expect(close('denied-by-connection-fail', 'http.server-closed'));
    asked(GET, { maxBodyLength: 4 })
      .when(received('server', 'HTTP/1.1 200 OK\r\n\r\nabcde'))
      .expect(
        send('client', `${CHUNKED}4\r\nabcd\r\n`),
        close('denied-by-policy', 'http.body-too-long'),
      );
  });

  it('end with the connection of a client of HTTP/1.0', () => {
    asked('GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n')
      .when(received('server', 'HTTP/1.1 200 OK\r\n\r\nabc'))
      .expect(
        send('client', 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc'),
        relay('server', 'client'),
      );
  });
});

describe('httpProxy, bodies of responses', () => {
  it('passes a body without length until the server closes, where the policy wants that', () => {
    asked(GET, { rechunk: false })
      .when(received('server', 'HTTP/1.1 200 OK\r\n\r\nabc'))
      .expect(
        send('client', 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc'),
        relay('server', 'client'),
      )
      .when(relayed('server', 'client', 7, 'cut-short'))
      .expect()
      .when(ended('server'))
      .expect(disconnect(), close('accepted', 'http.finished'));
  });

  it('tells an answer that breaks off in its head from none', () => {
    for (const [bytes, code] of [
      ['HTTP/1.1 200 OK\r\nX: ', 'http.incomplete-response'],
      ['HTTP/1.1 100 Continue\r\n\r\nH', 'http.incomplete-response'],
      ['HTTP/1.1 100 Continue\r\n\r\n', 'http.server-closed'],
    ] as const)
      for (const error of [undefined, 'ECONNRESET'])
        asked(GET)
          .given(received('server', bytes))
          .when(ended('server', error))
          .expect(
            disconnect(),
            sendLike('client', page(502, code)),
            release('client'),
            end('client'),
          );
  });

  it('resets when a body without length breaks off', () => {
    asked(GET, { rechunk: false })
      .given(received('server', 'HTTP/1.1 200 OK\r\n\r\nabc'))
      .when(ended('server', 'ECONNRESET'))
      .expect(close('denied-by-connection-fail', 'http.server-closed', 'reset'));
  });

  it('resets when nobody can tell whether a body without length is whole', () => {
    asked(GET, { rechunk: false })
      .given(received('server', 'HTTP/1.1 200 OK\r\n\r\nabc'))
      .when(ended('server', TRUNCATED))
      .expect(close('denied-by-connection-fail', 'http.server-truncated', 'reset'));
  });

  it('closes without the last chunk when a chunked body breaks off', () => {
    asked(GET)
      .when(received('server', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'))
      .expect(send('client', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'))
      .when(ended('server'))
      .expect(close('denied-by-connection-fail', 'http.server-closed'));
  });

  it('unwraps chunks for an HTTP/1.0 client and ends', () => {
    asked('GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n')
      .when(
        received(
          'server',
          'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
        ),
      )
      .expect(
        send('client', 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc'),
        close('accepted', 'http.finished'),
      );
  });

  it('sends no body for HEAD, 204 and 304', () => {
    for (const [request, response] of [
      [GET.replace('GET', 'HEAD'), 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'],
      [GET, 'HTTP/1.1 204 No Content\r\n\r\n'],
      [GET, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n'],
    ] as const)
      asked(request)
        .when(received('server', response))
        .expect(send('client', response), release('client'));
  });

  it('drops the length of a 204', () => {
    asked(GET)
      .when(received('server', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n'))
      .expect(send('client', 'HTTP/1.1 204 No Content\r\n\r\n'), release('client'));
  });

  it('cuts a body without length that becomes too long', () => {
    asked(GET, { maxBodyLength: 4, rechunk: false })
      .when(received('server', 'HTTP/1.1 200 OK\r\n\r\nabcde'))
      .expect(
        send('client', 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcd'),
        close('denied-by-policy', 'http.body-too-long', 'reset'),
      );
  });

  for (const [what, response, code] of [
    ['another protocol', 'SSH-2.0-x\r\n\r\n', 'http.bad-status-line'],
    [
      'a switch of protocols',
      'HTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\n',
      'http.upgrade-refused',
    ],
    [
      'a length twice',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n',
      'http.duplicate-content-length',
    ],
    [
      'length and coding',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      'http.length-and-coding',
    ],
    [
      'a coding in HTTP/1.0',
      'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
      'http.coding-in-http10',
    ],
    ['a body for 204', 'HTTP/1.1 204 OK\r\nContent-Length: 1\r\n\r\n', 'http.body-not-allowed'],
    ['a bare LF', 'HTTP/1.1 200 OK\nContent-Length: 1\r\n\r\n', 'http.bare-lf'],
    [
      'interim responses without end',
      'HTTP/1.1 102 Wait\r\n\r\n'.repeat(17),
      'http.too-many-interim',
    ],
  ] as const)
    it(`answers ${what} with 502`, () => {
      asked(GET)
        .when(received('server', response))
        .expect(
          disconnect(),
          sendLike('client', page(502, code)),
          release('client'),
          end('client'),
        );
    });
});
