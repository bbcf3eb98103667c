import { describe, it } from 'node:test';
import { asked, begun, GET, page } from '../../../../test/support/http-dialogue.ts';
import {
  connected,
  end,
  received,
  release,
  send,
  sendLike,
} from '../../../../test/support/playbook.ts';
import { abort, accept, drop } from '../../../proxy/policy-action.ts';
import { changeRegexp } from '../rules/change-regexp.ts';
import { changeValue, insert } from '../rules/header-action.ts';
import type { HttpOptions } from '../http-options.ts';

describe('httpProxy, headers', () => {
  it('removes what speaks of one connection, both ways', () => {
    asked(
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\nProxy-Authorization: Basic x\r\nA: b\r\n\r\n',
    )
      .when(
        received(
          'server',
          'HTTP/1.1 200 OK\r\nTrailer: x\r\nKeep-Alive: 9\r\nContent-Length: 0\r\n\r\n',
        ),
      )
      .expect(send('client', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'), release('client'));
  });

  it('changes the Host that it makes as one that came', () => {
    for (const [rule, host] of [
      [changeValue('set.example:81'), 'set.example:81'],
      [changeValue((_, { url }) => `x.${url.host}`), 'x.www.example'],
      [changeRegexp('^www\\.', ''), 'example'],
      [accept(), 'www.example'],
      [abort(), 'www.example'],
    ] as const)
      begun({ mode: 'explicit', requestHeader: { Host: rule } })
        .given(received('client', 'GET http://www.example/ HTTP/1.0\r\n\r\n'))
        .when(connected())
        .expect(send('server', `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`));
  });

  it('writes fields, Host, request line and length in one canonical form', () => {
    begun({ mode: 'explicit' })
      .given(
        received(
          'client',
          'POST http://WEB.example:80/%7ea/../b%2fc HTTP/1.0\r\nhost:Web.Example.\r\nX:1 \r\nY:\r\nContent-Length: 007\r\n\r\n',
        ),
      )
      .when(connected())
      .expect(
        send(
          'server',
          'POST /b%2Fc HTTP/1.1\r\nHost: web.example\r\nX: 1\r\nY: \r\nContent-Length: 7\r\nConnection: close\r\n\r\n',
        ),
        release('client'),
      );
  });

  it('leaves out of a whole URL what is before its path, with a user and a query too', () => {
    for (const [target, path] of [
      ['http://a/x', '/x'],
      ['http://A:80/?q=/x', '/?q=/x'],
      ['http://u:p@a/x//y', '/x//y'],
      ['http://a', '/'],
    ] as const)
      begun({ mode: 'explicit', permitUserInfo: true })
        .given(received('client', `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`))
        .when(connected())
        .expect(send('server', `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`));
  });

  it('applies the policy to fields', () => {
    const options: HttpOptions = {
      requestHeader: {
        'User-Agent': changeValue('browser'),
        Secret: drop(),
        'X-Client': insert((session) => session.clientAddress.address.toString()),
      },
      responseHeader: { '*': drop(), 'Content-Type': accept() },
    };
    begun(options)
      .given(received('client', 'GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: x\r\nSECRET: 1\r\n\r\n'))
      .when(connected())
      .expect(
        send(
          'server',
          'GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: browser\r\nX-Client: 10.1.2.3\r\n\r\n',
        ),
      )
      .when(
        received(
          'server',
          'HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: t\r\nContent-Length: 0\r\n\r\n',
        ),
      )
      .expect(
        send('client', 'HTTP/1.1 200 OK\r\nContent-Type: t\r\nContent-Length: 0\r\n\r\n'),
        release('client'),
      );
  });

  it('refuses a request for a field that the policy aborts', () => {
    begun({ requestHeader: { 'X-Bad': abort() } })
      .when(received('client', 'GET / HTTP/1.1\r\nHost: a\r\nX-Bad: 1\r\n\r\n'))
      .expect(sendLike('client', page(403, 'http.header-refused')), end('client'));
  });

  it('never sends a value that would begin another field', () => {
    begun({ requestHeader: { 'X-New': insert(() => 'a\r\nHost: evil') } })
      .when(received('client', GET))
      .expect(sendLike('client', page(500, 'policy.invalid-result')), end('client'));
  });
});
