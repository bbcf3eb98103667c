import { describe, it } from 'node:test';
import { asked, page, httpEngine, begun } from '../../../../test/support/http-dialogue.ts';
import {
  close,
  connected,
  disconnect,
  end,
  ended,
  hold,
  playbook,
  received,
  relay,
  relayed,
  release,
  send,
  sendLike,
  started,
  timer,
} from '../../../../test/support/playbook.ts';

describe('httpProxy, bodies of requests', () => {
  const head = 'POST / HTTP/1.1\r\nHost: web.example\r\nContent-Length: 5\r\n\r\n';

  it('passes a body and awaits the response', () => {
    playbook(httpEngine(), { ignoring: ['log'] })
      .given(started(), received('client', `${head}he`))
      .when(connected())
      .expect(
        send('server', head),
        timer('http', 300_000, 'idle'),
        release('client'),
        send('server', 'he'),
        timer('http.rate', 20_000),
      )
      .when(received('client', 'lloGET'))
      .expect(
        send('server', 'llo'),
        hold('client'),
        timer('http', 300_000),
        timer('http.rate', undefined),
      );
  });

  it('relays a long body', () => {
    asked('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n')
      .when(received('client', 'abc'))
      .expect(send('server', 'abc'), relay('client', 'server', 19_997))
      .when(relayed('client', 'server', 19_997))
      .expect(hold('client'));
  });

  it('writes a chunked body anew, without extensions and trailers', () => {
    asked('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n')
      .when(received('client', '005;a="b"\r\nhello\r\n0\r\nX-Trailer: y\r\n\r\n'))
      .expect(send('server', '5\r\nhello\r\n0\r\n\r\n'), hold('client'));
  });

  it('sends many chunks as one, whatever is changed in them', () => {
    const canonical = '1\r\nx\r\n'.repeat(100);
    asked('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
      .when(received('client', canonical))
      .expect(send('server', canonical))
      .when(
        received(
          'client',
          '001\r\nx\r\n1;e\r\nx\r\n1\r\nx\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n',
        ),
      )
      .expect(
        send('server', `${'1\r\nx\r\n'.repeat(3)}a\r\n0123456789\r\n0\r\n\r\n`),
        hold('client'),
      );
  });

  it('sends long data as it came', () => {
    const data = 'x'.repeat(5_000);
    asked('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
      .when(received('client', `0001388\r\n${data}\r\n00`))
      .expect(send('server', `1388\r\n`), send('server', `${data}\r\n`));
  });

  it('breaks off a malformed body so that the server does not take it for complete', () => {
    asked('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
      .when(received('client', '5\r\nhelloX'))
      .expect(
        send('server', '5\r\nhello'),
        disconnect(),
        sendLike('client', page(400, 'http.bad-chunk')),
        end('client'),
      );
  });

  it('resets when the client ends within a body', () => {
    asked(head)
      .given(received('client', 'he'))
      .when(ended('client'))
      .expect(close('accepted', 'http.client-gone', 'reset'));
  });

  it('refuses a body that is announced too long before anything is sent on', () => {
    begun({ maxBodyLength: 4 })
      .when(received('client', head))
      .expect(sendLike('client', page(413, 'http.body-too-long')), end('client'));
  });

  it('breaks off a chunked body that becomes too long', () => {
    asked('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n', { maxBodyLength: 4 })
      .when(received('client', '3\r\nabc\r\n2\r\n'))
      .expect(
        send('server', '3\r\nabc\r\n'),
        disconnect(),
        sendLike('client', page(413, 'http.body-too-long')),
        end('client'),
      );
  });

  it('ends the connection when the answer comes before the body is complete', () => {
    asked(head)
      .when(received('server', 'HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n'))
      .expect(
        send('client', 'HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
        disconnect(),
        end('client'),
      )
      .when(received('client', 'hello'))
      .expect()
      .when(ended('client'))
      .expect(close('accepted', 'http.finished'));
  });

  it('relays 100 to a client that waits for it, and drops other interim responses', () => {
    asked(head.replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n'))
      .when(received('server', 'HTTP/1.1 103 Early\r\nLink: x\r\n\r\n'))
      .expect()
      .when(received('server', 'HTTP/1.1 100 Go\r\nX: y\r\n\r\n'))
      .expect(send('client', 'HTTP/1.1 100 Continue\r\n\r\n'));
  });
});

describe('httpProxy, bodies that are cut at their limit', () => {
  const CUT = { maxBodyLength: 4, bodyTooLong: 'cut' } as const;
  const tooLong = [
    disconnect(),
    sendLike('client', page(413, 'http.body-too-long')),
    end('client'),
  ];
  const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\n';

  it('gives the server what is allowed, never the end, and tells the client', () => {
    asked(`${HEAD}Content-Length: 5\r\n\r\n`, CUT)
      .when(received('client', 'ab'))
      .expect(send('server', 'ab'))
      .when(received('client', 'cde'))
      .expect(send('server', 'cd'), ...tooLong);
  });

  it('cuts within a chunk', () => {
    asked(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`, CUT)
      .when(received('client', '3\r\nabc\r\n7\r\ndefghij\r\n'))
      .expect(send('server', '3\r\nabc\r\n7\r\nd'), ...tooLong);
  });

  it('cuts between chunks', () => {
    asked(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`, CUT)
      .when(received('client', '4\r\nabcd\r\n1\r\ne\r\n'))
      .expect(send('server', '4\r\nabcd\r\n'), ...tooLong);
  });

  it('lets pass what is exactly as long as allowed', () => {
    asked('GET / HTTP/1.1\r\nHost: a\r\n\r\n', CUT)
      .when(received('server', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd'))
      .expect(
        send('client', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd'),
        release('client'),
      );
  });

  it('closes before the announced end of an answer', () => {
    asked('GET / HTTP/1.1\r\nHost: a\r\n\r\n', CUT)
      .when(received('server', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcdefghi'))
      .expect(
        send('client', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcd'),
        close('denied-by-policy', 'http.body-too-long'),
      );
  });

  it('relays up to the limit, and cuts then', () => {
    const limit = { maxBodyLength: 50_000, bodyTooLong: 'cut' } as const;
    for (const [head, coding] of [
      ['Content-Length: 60000', ''],
      ['Transfer-Encoding: chunked', 'ea60\r\n'],
    ])
      asked('GET / HTTP/1.1\r\nHost: a\r\n\r\n', limit)
        .when(received('server', `HTTP/1.1 200 OK\r\n${head}\r\n\r\n${coding}`))
        .expect(
          send('client', `HTTP/1.1 200 OK\r\n${head}\r\n\r\n${coding}`),
          relay('server', 'client', 50_000),
        )
        .when(relayed('server', 'client', 50_000))
        .expect(close('denied-by-policy', 'http.body-too-long'));
  });
});
