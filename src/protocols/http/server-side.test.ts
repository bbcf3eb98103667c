import { describe, it } from 'node:test';
import { begun, GET, OK, page, WEB } from '../../../test/support/http-dialogue.ts';
import type { Playbook } from '../../../test/support/playbook.ts';
import {
  connect,
  connectFailed,
  connected,
  disconnect,
  end,
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

describe('httpProxy, where requests go', () => {
  it('takes whole URLs in explicit mode only', () => {
    const whole = 'GET http://web.example/a HTTP/1.1\r\nHost: web.example\r\n\r\n';
    begun({ mode: 'explicit' })
      .when(received('client', whole))
      .expect(hold('client'), connect(WEB))
      .when(connected())
      .expect(send('server', GET));
    begun()
      .when(received('client', whole))
      .expect(sendLike('client', page(403, 'http.proxy-request-refused')), end('client'));
    begun({ mode: 'explicit' })
      .when(received('client', GET))
      .expect(sendLike('client', page(403, 'http.server-request-refused')), end('client'));
  });

  it('checks the port where the client chooses the server', () => {
    const odd = 'GET / HTTP/1.1\r\nHost: web.example:25\r\n\r\n';
    begun({}, { targetAddressInband: true })
      .when(received('client', odd))
      .expect(sendLike('client', page(403, 'http.port-refused')), end('client'));
    begun()
      .when(received('client', odd))
      .expect(hold('client'), connect({ host: 'web.example', port: 25 }));
  });

  it('names the original destination where Host may be missing', () => {
    begun({ requireHostHeader: false })
      .when(received('client', 'GET / HTTP/1.0\r\n\r\n'))
      .expect(hold('client'), connect())
      .when(connected())
      .expect(send('server', 'GET / HTTP/1.1\r\nHost: 192.0.2.80\r\nConnection: close\r\n\r\n'));
  });

  it('hears a server that is kept while the policy takes its time over a request', () => {
    const request = { GET: () => Promise.resolve(accept()) };
    const kept = (): Playbook =>
      begun({ request })
        .given(received('client', GET), resolved(accept()), connected())
        .given(received('server', OK));
    for (const event of [received('server', OK), ended('server'), ended('server', 'ECONNRESET')])
      kept()
        .when(received('client', GET))
        .expect(hold('client'), wait('server'))
        .when(event)
        .expect(disconnect())
        .when(resolved(accept()))
        .expect(connect(WEB))
        .when(connected())
        .expect(send('server', GET));
  });

  it('answers 502, 503 or 403 when there is no connection', () => {
    for (const [verdict, status] of [
      ['denied-by-connection-fail', 502],
      ['denied-by-limit', 503],
      ['denied-by-policy', 403],
    ] as const)
      begun()
        .given(received('client', GET))
        .when(connectFailed({ verdict, reason: 'some.reason' }))
        .expect(sendLike('client', page(status, 'some.reason')), release('client'), end('client'));
  });
});
