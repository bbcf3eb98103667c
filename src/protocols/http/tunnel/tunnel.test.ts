import { describe, it } from 'node:test';
import { begun, httpEngine, page, quiet } from '../../../../test/support/http-dialogue.ts';
import {
  close,
  connect,
  connectFailed,
  connected,
  contentVerdict,
  disconnect,
  elapsed,
  end,
  ended,
  hold,
  playbook,
  received,
  release,
  send,
  sendLike,
  stack,
  stackRefused,
  stackVerdict,
  stacked,
  started,
  timer,
  TUNNEL_OPENS,
} from '../../../../test/support/playbook.ts';
import { program } from '../../../policy/program.ts';
import type { StackableService } from '../../../proxy/engine.ts';
import { httpProxy } from '../index.ts';

describe('httpProxy, CONNECT', () => {
  const inner: StackableService = { kind: 'service', name: 'inner', proxy: httpProxy() };
  const ask = 'CONNECT web.example:443 HTTP/1.1\r\nHost: web.example:443\r\n\r\n';

  it('stacks a service on the tunnel and passes half-closes on', () => {
    begun({ mode: 'explicit', connect: inner })
      .when(received('client', `${ask}early`))
      .expect(hold('client'), connect({ host: 'web.example', port: 443 }))
      .when(connected())
      .expect(hold('server'), stack('inner'))
      .when(stacked())
      .expect(
        send('client', 'HTTP/1.1 200 Connection established\r\n\r\n'),
        send('stack-client', 'early'),
        ...TUNNEL_OPENS,
      )
      .when(ended('client'))
      .expect(end('stack-client'))
      .when(stackVerdict('denied-by-policy', 'inner.reason'))
      .expect(close('denied-by-policy', 'inner.reason'));
    begun({ mode: 'explicit', connect: inner })
      .given(received('client', ask), connected(), stacked())
      .when(stackVerdict('denied-by-unknown-fail', 'inner.reason', 'reset'))
      .expect(close('denied-by-unknown-fail', 'inner.reason', 'reset'));
  });

  it('is cut off when the child refuses the contents', () => {
    const open = [started(), received('client', ask), connected(), stacked()] as const;
    for (const word of ['reject', 'drop', 'error'] as const)
      quiet({ connect: inner })
        .given(...open)
        .when(contentVerdict(word, 'a virus'))
        .expect(close('denied-by-policy', 'http.content-refused', 'reset'));
    for (const word of ['accept', 'unspecified'] as const)
      quiet({ connect: inner })
        .given(...open)
        .when(contentVerdict(word))
        .expect()
        .when(stackVerdict('accepted', 'program.ended'))
        .expect(close('accepted', 'program.ended'));
  });

  describe('of which a side breaks off', () => {
    const open = [started(), received('client', ask), connected(), stacked()] as const;
    const broken = close('accepted', 'http.tunnel-broken', 'reset');

    it('ends as its service says, which hears of it and may have refused something before', () => {
      for (const side of ['client', 'server'] as const)
        quiet({ connect: inner })
          .given(...open)
          .when(ended(side, 'ECONNRESET'))
          .expect(disconnect(`stack-${side}`, 'reset'))
          .when(stackVerdict('denied-by-policy', 'inner.reason'))
          .expect(close('denied-by-policy', 'inner.reason'));
      quiet({ connect: inner })
        .given(...open, ended('client'), ended('client', 'ECONNRESET'))
        .when(contentVerdict('reject', 'a virus'))
        .expect(close('denied-by-policy', 'http.content-refused', 'reset'));
    });

    it('is broken if its service has nothing to say, or says nothing in time', () => {
      quiet({ connect: inner })
        .given(...open, ended('client', 'ECONNRESET'))
        .when(ended('stack-server', 'ECONNRESET'))
        .expect(disconnect('server', 'reset'))
        .when(stackVerdict('accepted', 'inner.reason', 'reset'))
        .expect(broken);
      playbook(httpEngine({ connect: inner }), { ignoring: ['log'] })
        .given(...open)
        .when(ended('client', 'ECONNRESET'))
        .expect(disconnect('stack-client', 'reset'), timer('http', 3_000, 'total'))
        .when(received('stack-server', 'late'))
        .expect()
        .when(ended('server', 'ETIMEDOUT'))
        .expect(disconnect('stack-server', 'reset'))
        .when(elapsed('http'))
        .expect(broken);
    });

    it('is broken if a program was between: that it ends then means nothing', () => {
      quiet({ connect: program('filter', { command: ['/bin/cat'] }) })
        .given(...open, ended('client', 'ECONNRESET'))
        .when(stackVerdict('denied-by-unknown-fail', 'program.killed'))
        .expect(broken);
    });

    it('is broken if that was its service, which lives on, or a program, which may have been killed', () => {
      const filter = program('filter', { command: ['/bin/cat'] });
      for (const [connect, port] of [
        [inner, 'stack-client'],
        [filter, 'stack-client'],
        [filter, 'stack-server'],
      ] as const)
        quiet({ connect })
          .given(...open)
          .when(ended(port, 'ECONNRESET'))
          .expect(broken);
    });

    it('goes on if its service drops the server: what it has for the client is heard out', () => {
      quiet({ connect: inner })
        .given(...open)
        .when(ended('stack-server', 'ECONNRESET'))
        .expect(disconnect('server', 'reset'))
        .when(ended('stack-client'))
        .expect(end('client'))
        .when(stackVerdict('accepted', 'inner.reason'))
        .expect(close('accepted', 'inner.reason'));
    });
  });

  it('tells when the service may not run or there is no connection', () => {
    begun({ connect: inner })
      .given(received('client', ask), connected())
      .when(stackRefused({ verdict: 'denied-by-limit', reason: 'some.limit' }))
      .expect(
        disconnect(),
        sendLike('client', page(503, 'some.limit')),
        release('client'),
        end('client'),
      );
    begun({ connect: inner })
      .given(received('client', ask))
      .when(connectFailed())
      .expect(sendLike('client', page(502, 'connect.refused')), release('client'), end('client'));
  });

  it('refuses other ports, bodies and a different Host', () => {
    for (const [request, status, code] of [
      [ask.replaceAll(':443', ':25'), 403, 'http.port-refused'],
      [ask.replace('\r\n\r\n', '\r\nContent-Length: 1\r\n\r\n'), 400, 'http.connect-with-body'],
      [ask.replace('Host: web', 'Host: other'), 400, 'http.host-mismatch'],
      [ask.replace('web.example:443 ', 'web.example '), 400, 'http.bad-target'],
    ] as const)
      begun({ connect: inner })
        .when(received('client', request))
        .expect(sendLike('client', page(status, code)), end('client'));
  });

  it('is not permitted without a service', () => {
    begun()
      .when(received('client', ask))
      .expect(sendLike('client', page(403, 'http.method-refused')), end('client'));
  });
});
