// Dialogues with clients of HTTP/0.9.
import { describe, it } from 'node:test';
import { begun } from '../../../../test/support/http-dialogue.ts';
import type { Playbook } from '../../../../test/support/playbook.ts';
import {
  close,
  connect,
  connected,
  disconnect,
  elapsed,
  end,
  ended,
  hold,
  received,
  relay,
  send,
  sendLike,
} from '../../../../test/support/playbook.ts';
import { accept, reject } from '../../../proxy/policy-action.ts';
import { answer } from '../rules/answer.ts';
import type { HttpOptions } from '../http-options.ts';

const OLD: HttpOptions = { permitHttp09Requests: true, requireHostHeader: false };
const SENT = 'GET /a HTTP/1.1\r\nHost: 192.0.2.80\r\nConnection: close\r\n\r\n';
const PAGE = /^<!DOCTYPE html>[^]*<\/html>\n$/;

function old(options: HttpOptions = {}): Playbook {
  return begun({ ...OLD, ...options });
}

/** A dialogue up to a request that the server has got: for the address that the client wanted to reach. */
function asked(options: HttpOptions = {}, rest = ''): Playbook {
  return old(options)
    .when(received('client', `GET /a\r\n${rest}`))
    .expect(hold('client'), connect())
    .when(connected())
    .expect(send('server', SENT));
}

describe('a request of HTTP/0.9', () => {
  it('is refused by default', () => {
    begun({ requireHostHeader: false })
      .when(received('client', 'GET /a\r\n'))
      .expect(sendLike('client', /^HTTP\/1\.1 505 [^]*http\.bad-version/), end('client'));
  });

  it('goes on in canonical form, and its client gets the body alone', () => {
    asked()
      .when(received('server', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'))
      .expect(send('client', 'hi'), close('accepted', 'http.finished'));
  });

  it('may come in pieces, and nothing is read behind it', () => {
    old()
      .when(received('client', 'GET /'))
      .expect()
      .when(received('client', 'a\r'))
      .expect()
      .when(received('client', '\nGET /b HTTP/1.1\r\nHost: b\r\n\r\n'))
      .expect(hold('client'), connect())
      .when(connected())
      .expect(send('server', SENT))
      .when(received('server', 'HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno'))
      .expect(send('client', 'no'), close('accepted', 'http.finished'));
    asked({}, 'Host: other.example\r\n\r\n');
  });

  it('is answered in chunks that are unwrapped, or until the server ends', () => {
    asked()
      .when(received('server', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n'))
      .expect(send('client', 'hi'))
      .when(received('server', '0\r\n\r\n'))
      .expect(close('accepted', 'http.finished'));
    asked()
      .when(received('server', 'HTTP/1.0 200 OK\r\n'))
      .expect()
      .when(received('server', '\r\nhi'))
      .expect(send('client', 'hi'), relay('server', 'client', Infinity))
      .when(ended('server'))
      .expect(disconnect(), close('accepted', 'http.finished'));
  });

  it('gets a reset where its answer breaks off', () => {
    asked()
      .given(received('server', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi'))
      .when(ended('server'))
      .expect(close('denied-by-connection-fail', 'http.server-closed', 'reset'));
  });

  it('is decided by the policy, whose words come without a head, too', () => {
    old({ request: { GET: reject('No') } })
      .when(received('client', 'GET /a\r\n'))
      .expect(sendLike('client', PAGE), end('client'))
      .when(ended('client'))
      .expect(close('denied-by-policy', 'http.request-refused'));
    old({ request: { GET: answer({ body: 'from here' }) } })
      .when(received('client', 'GET /a\r\n'))
      .expect(send('client', 'from here'), close('accepted', 'http.finished'));
    old({ request: { GET: accept() }, errorSilent: true, permitServerRequests: false })
      .when(received('client', 'GET /a\r\n'))
      .expect(close('denied-by-policy', 'http.server-request-refused', 'reset'));
  });

  it('is the only one of its connection, and of its kind', () => {
    const page505 = /^HTTP\/1\.1 505 [^]*http\.bad-version/;
    for (const text of ['HEAD /a\r\n', 'GET http://web.example/\r\n', '\r\nGET /a\r\n'])
      old().when(received('client', text)).expect(sendLike('client', page505), end('client'));
    old({ request: { GET: answer({ status: 204 }) } })
      .when(received('client', 'GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /a\r\n'))
      .expect(sendLike('client', /^HTTP\/1\.1 204 [^]*HTTP\/1\.1 505 /), end('client'));
  });

  it('that does not come whole is told so, as one of HTTP/1', () => {
    for (const [event, code] of [
      [ended('client'), '400 [^]*http\\.incomplete-head'],
      [elapsed('http'), '408 [^]*http\\.request-timeout'],
    ] as const)
      old()
        .given(received('client', 'GET /a'))
        .when(event)
        .expect(sendLike('client', new RegExp(`^HTTP/1\\.1 ${code}`)), end('client'));
  });
});
