import { describe, it } from 'node:test';
import { asked, begun, GET, OK, WEB } from '../../../test/support/http-dialogue.ts';
import {
  close,
  connect,
  connected,
  disconnect,
  ended,
  hold,
  received,
  release,
  resolved,
  send,
  sendLike,
  wait,
} from '../../../test/support/playbook.ts';
import { accept } from '../../proxy/policy-action.ts';
import type { HttpOptions } from './http-options.ts';

const OPTIONS: HttpOptions = { response: { '*': { '*': () => Promise.resolve(accept()) } } };
const UNTIL_CLOSE = 'HTTP/1.1 200 OK\r\n\r\n';
const HEAD = OK.slice(0, -2);

describe('httpProxy, a server while the policy is asked about its response', () => {
  it('gives no further request to one that ends or goes on, whenever its body comes', () => {
    for (const event of [received('server', OK), ended('server'), ended('server', 'ECONNRESET')])
      for (const pieces of [[OK], [HEAD, 'hi'], [HEAD, 'h', 'i']]) {
        const [first = '', ...rest] = pieces;
        let book = asked(GET, OPTIONS).when(received('server', first)).expect(wait('server'));
        for (const piece of rest) book = book.when(received('server', piece)).expect();
        book
          .when(event)
          .expect()
          .when(resolved(accept()))
          .expect(send('client', OK), disconnect(), release('client'))
          .when(received('client', GET))
          .expect(hold('client'), connect(WEB));
      }
  });

  it('passes on all that came of a response before its server ended', () => {
    asked(GET, OPTIONS)
      .given(received('server', UNTIL_CLOSE), received('server', 'hi'), ended('server'))
      .when(resolved(accept()))
      .expect(
        sendLike('client', /\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n$/),
        disconnect(),
        release('client'),
      );
    asked(GET, OPTIONS)
      .given(received('server', HEAD), received('server', 'h'), ended('server'))
      .when(resolved(accept()))
      .expect(send('client', `${HEAD}h`), close('denied-by-connection-fail', 'http.server-closed'));
  });

  it('tells the client of a tunnel that it was the last one', () => {
    const told = OK.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
    begun(OPTIONS, { isStacked: true })
      .given(received('client', GET), connected())
      .given(received('server', OK), ended('server'))
      .when(resolved(accept()))
      .expect(send('client', told), disconnect(), close('accepted', 'http.finished'));
  });

  it('hears nobody who sends a long body, and keeps a bounded part of others', () => {
    asked(GET, OPTIONS)
      .when(received('server', 'HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n'))
      .expect(wait());
    const piece = `4000\r\n${'x'.repeat(16_384)}\r\n`;
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    asked(GET, OPTIONS)
      .when(received('server', chunked))
      .expect(wait('server'))
      .given(received('server', piece), received('server', piece), received('server', piece))
      .when(received('server', piece))
      .expect(hold('server'))
      .when(received('server', piece))
      .expect()
      .when(resolved(accept()))
      .expect(send('client', chunked), release('server'), send('client', piece.repeat(5)));
    const slow = asked(GET, OPTIONS).given(received('server', HEAD));
    for (let count = 1; count < 63; count++) slow.when(received('server', '')).expect();
    slow.when(received('server', 'h')).expect(hold('server'));
  });
});
