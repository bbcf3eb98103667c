import { describe, it } from 'node:test';
import { asked, page, quiet, httpEngine } from '../../../test/support/http-dialogue.ts';
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
} from '../../../test/support/playbook.ts';

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
      )
      .when(received('client', 'lloGET'))
      .expect(send('server', 'llo'), hold('client'), timer('http', 300_000));
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
    quiet({ maxBodyLength: 4 })
      .given(started())
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
