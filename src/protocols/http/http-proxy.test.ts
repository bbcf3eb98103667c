import { describe, it } from 'node:test';
import {
  asked,
  GET,
  OK,
  page,
  WEB,
  httpEngine,
  begun,
} from '../../../test/support/http-dialogue.ts';
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
  release,
  send,
  sendLike,
  started,
  timer,
} from '../../../test/support/playbook.ts';

describe('httpProxy, one request after the other', () => {
  it('takes the next request when the response is through', () => {
    playbook(httpEngine())
      .when(started())
      .expect(timer('http', 10_000))
      .when(received('client', GET + GET.replace('/a', '/b')))
      .expect(hold('client'), timer('http', undefined), connect(WEB))
      .when(connected())
      .expect(send('server', GET), timer('http', 300_000))
      .when(received('server', OK))
      .expect(
        send('client', OK),
        log('http.request'),
        timer('http', 10_000),
        release('client'),
        send('server', GET.replace('/a', '/b')),
        hold('client'),
        timer('http', 300_000),
      );
  });

  it('writes no line for each request where the policy wants none', () => {
    playbook(httpEngine({ logRequests: false }), { ignoring: ['timer'] })
      .given(started(), received('client', GET), connected())
      .when(received('server', OK))
      .expect(send('client', OK), release('client'));
  });

  it('ends when the client ends', () => {
    begun()
      .given(received('client', GET), connected(), received('server', OK))
      .when(ended('client'))
      .expect(close('accepted', 'http.finished'));
  });

  it('answers a client that has half-closed, and then ends', () => {
    asked(GET)
      .given(ended('client'))
      .when(received('server', OK))
      .expect(send('client', OK), release('client'), close('accepted', 'http.finished'));
  });

  it('says keep-alive to an HTTP/1.0 client that asked for it', () => {
    asked('GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n')
      .when(received('server', OK))
      .expect(
        send('client', OK.replace('\r\n\r\n', '\r\nConnection: keep-alive\r\n\r\n')),
        release('client'),
      );
  });
});

describe('httpProxy, time', () => {
  it('measures a body that does not come with its head, once', () => {
    playbook(httpEngine(), { ignoring: ['log'] })
      .given(started(), received('client', GET), connected())
      .when(received('server', OK.slice(0, -2)))
      .expect(
        ...[send('client', OK.slice(0, -2)), timer('http', 300_000, 'idle')],
        timer('http.rate', 20_000),
      )
      .when(received('server', 'h'))
      .expect(send('client', 'h'))
      .when(received('server', 'i'))
      .expect(
        ...[send('client', 'i'), timer('http', 10_000), release('client')],
        timer('http.rate', undefined),
      );
  });

  it('answers 408 when no whole request comes', () => {
    begun()
      .given(received('client', 'GET / HT'))
      .when(elapsed('http'))
      .expect(sendLike('client', page(408, 'http.request-timeout')), end('client'));
  });

  it('answers 504 when the server does not answer', () => {
    asked(GET)
      .when(elapsed('http'))
      .expect(
        disconnect(),
        sendLike('client', page(504, 'http.response-timeout')),
        release('client'),
        end('client'),
      );
  });

  it('cuts a response that stands still', () => {
    asked(GET)
      .given(received('server', OK.slice(0, -1)))
      .when(elapsed('http'))
      .expect(close('denied-by-connection-fail', 'http.transfer-timeout'));
  });
});
