import { describe, it } from 'node:test';
import { GET, page, quiet, WEB } from '../../../test/support/http-dialogue.ts';
import {
  connect,
  connectFailed,
  connected,
  end,
  hold,
  received,
  release,
  send,
  sendLike,
  started,
} from '../../../test/support/playbook.ts';

describe('httpProxy, where requests go', () => {
  it('takes whole URLs in explicit mode only', () => {
    const whole = 'GET http://web.example/a HTTP/1.1\r\nHost: web.example\r\n\r\n';
    quiet({ mode: 'explicit' })
      .given(started())
      .when(received('client', whole))
      .expect(hold('client'), connect(WEB))
      .when(connected())
      .expect(send('server', GET));
    quiet()
      .given(started())
      .when(received('client', whole))
      .expect(sendLike('client', page(403, 'http.proxy-request-refused')), end('client'));
    quiet({ mode: 'explicit' })
      .given(started())
      .when(received('client', GET))
      .expect(sendLike('client', page(403, 'http.server-request-refused')), end('client'));
  });

  it('checks the port where the client chooses the server', () => {
    const odd = 'GET / HTTP/1.1\r\nHost: web.example:25\r\n\r\n';
    quiet({}, { targetAddressInband: true })
      .given(started())
      .when(received('client', odd))
      .expect(sendLike('client', page(403, 'http.port-refused')), end('client'));
    quiet()
      .given(started())
      .when(received('client', odd))
      .expect(hold('client'), connect({ host: 'web.example', port: 25 }));
  });

  it('names the original destination where Host may be missing', () => {
    quiet({ requireHostHeader: false })
      .given(started())
      .when(received('client', 'GET / HTTP/1.0\r\n\r\n'))
      .expect(hold('client'), connect())
      .when(connected())
      .expect(send('server', 'GET / HTTP/1.1\r\nHost: 192.0.2.80\r\nConnection: close\r\n\r\n'));
  });

  it('answers 502, 503 or 403 when there is no connection', () => {
    for (const [verdict, status] of [
      ['denied-by-connection-fail', 502],
      ['denied-by-limit', 503],
      ['denied-by-policy', 403],
    ] as const)
      quiet()
        .given(started(), received('client', GET))
        .when(connectFailed({ verdict, reason: 'some.reason' }))
        .expect(sendLike('client', page(status, 'some.reason')), release('client'), end('client'));
  });
});
