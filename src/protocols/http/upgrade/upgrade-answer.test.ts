import { describe, it } from 'node:test';
import { begun, httpEngine, OK, page } from '../../../../test/support/http-dialogue.ts';
import type { Playbook } from '../../../../test/support/playbook.ts';
import {
  close,
  connected,
  disconnect,
  elapsed,
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
  stack,
  stacked,
  stackRefused,
  stackVerdict,
  started,
  timer,
  TUNNEL_OPENS,
} from '../../../../test/support/playbook.ts';
import { service } from '../../../policy/service.ts';
import { accept, drop, reject } from '../../../proxy/policy-action.ts';
import { webSocketProxy } from '../../websocket/index.ts';
import type { HttpOptions } from '../http-options.ts';

const chat = service('chat', { proxy: webSocketProxy() });

const ASK =
  'GET / HTTP/1.1\r\nHost: web.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Protocol: chat, other\r\n\r\n';
const ACCEPTS = 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n';
const SWITCH = 'Upgrade: websocket\r\nConnection: Upgrade\r\n';

function answer(fields: string, line = 'HTTP/1.1 101 Switching Protocols'): string {
  return `${line}\r\n${fields}\r\n`;
}

function asked(options: HttpOptions = { upgrade: { websocket: accept() } }): Playbook {
  return begun(options).given(received('client', ASK), connected());
}

describe('a 101', () => {
  it('makes a tunnel that nobody looks into', () => {
    asked()
      .when(received('server', `${answer(SWITCH + ACCEPTS)}hello`))
      .expect(
        send('client', answer(ACCEPTS + SWITCH)),
        send('client', 'hello'),
        relay('client', 'server'),
        relay('server', 'client'),
        release('client'),
      )
      .when(relayed('server', 'client', 10, 'cut-short'))
      .expect()
      .when(ended('server'))
      .expect(end('client'))
      .when(ended('client'))
      .expect(end('server'), close('accepted', 'http.tunnel-ended'));
    const open = received('server', answer(SWITCH + ACCEPTS));
    asked().given(open).when(elapsed('http')).expect(close('accepted', 'http.tunnel-idle'));
    asked()
      .given(open)
      .when(ended('server', 'ECONNRESET'))
      .expect(close('accepted', 'http.tunnel-broken', 'reset'));
  });

  it('makes a tunnel that ends after its own time without a byte', () => {
    const options: HttpOptions = { upgrade: { websocket: accept() }, timeoutTunnelMs: 5_000 };
    playbook(httpEngine(options), { ignoring: ['log', 'send', 'relay', 'release'] })
      .given(started(), received('client', ASK), connected())
      .when(received('server', answer(SWITCH + ACCEPTS)))
      .expect(timer('http', undefined), timer('http', 5_000, 'idle'));
  });

  it('passes what the client has said too early behind it', () => {
    begun({ upgrade: { websocket: accept() } })
      .given(received('client', `${ASK}early`), connected())
      .when(received('server', answer(SWITCH + ACCEPTS)))
      .expect(
        send('client', answer(ACCEPTS + SWITCH)),
        send('server', 'early'),
        relay('client', 'server'),
        relay('server', 'client'),
        release('client'),
      );
  });

  it('reaches the client when the service runs that gets what follows', () => {
    const options = { upgrade: { websocket: chat } };
    asked(options)
      .when(received('server', `${answer(SWITCH + ACCEPTS)}hello`))
      .expect(hold('server'), stack('chat'))
      .when(stacked())
      .expect(
        send('client', answer(ACCEPTS + SWITCH)),
        send('stack-server', 'hello'),
        ...TUNNEL_OPENS,
      )
      .when(stackVerdict('denied-by-policy', 'websocket.message-refused'))
      .expect(close('denied-by-policy', 'websocket.message-refused'));
    asked(options)
      .given(received('server', answer(SWITCH + ACCEPTS)))
      .when(stackRefused({ verdict: 'denied-by-limit', reason: 'some.limit' }))
      .expect(
        disconnect(),
        sendLike('client', page(503, 'some.limit')),
        release('client'),
        end('client'),
      );
  });

  it('goes through the tables of the policy', () => {
    asked({ upgrade: { websocket: accept() }, responseHeader: { Server: drop() } })
      .when(received('server', answer(`${SWITCH}${ACCEPTS}Server: x\r\nContent-Length: 0\r\n`)))
      .expect(
        send('client', answer(ACCEPTS + SWITCH)),
        relay('client', 'server'),
        relay('server', 'client'),
        release('client'),
      );
    asked({ upgrade: { websocket: accept() }, response: { '*': { 101: reject() } } })
      .when(received('server', answer(SWITCH + ACCEPTS)))
      .expect(
        disconnect(),
        sendLike('client', page(403, 'http.response-refused')),
        release('client'),
        end('client'),
      );
  });

  it('need not come: the request is answered as any other', () => {
    asked().when(received('server', OK)).expect(send('client', OK), release('client'));
  });

  it('has no extension that was taken out of the request, because a service looks at the frames', () => {
    const fields = 'Sec-WebSocket-Extensions: permessage-deflate\r\n';
    const compressing = received('client', ASK.replace('\r\n\r\n', `\r\n${fields}\r\n`));
    const chosen = received('server', answer(`${SWITCH}${ACCEPTS}${fields}`));
    begun({ upgrade: { websocket: chat } })
      .given(compressing, connected())
      .when(chosen)
      .expect(
        disconnect(),
        sendLike('client', page(502, 'http.bad-websocket-answer')),
        release('client'),
        end('client'),
      );
    begun({ upgrade: { websocket: accept() } })
      .given(compressing, connected())
      .when(chosen)
      .expect(
        send('client', answer(`${ACCEPTS}${fields}${SWITCH}`)),
        relay('client', 'server'),
        relay('server', 'client'),
        release('client'),
      );
  });

  const bad: readonly (readonly [string, string, HttpOptions?])[] = [
    ['http.upgrade-refused', answer(SWITCH + ACCEPTS), {}],
    ['http.bad-switch', answer(ACCEPTS)],
    ['http.bad-switch', answer(`Upgrade: websocket\r\n${ACCEPTS}`)],
    ['http.bad-switch', answer(`Upgrade: irc\r\nConnection: Upgrade\r\n${ACCEPTS}`)],
    ['http.bad-switch', answer(`Upgrade: irc, websocket\r\nConnection: Upgrade\r\n${ACCEPTS}`)],
    ['http.bad-switch', answer(SWITCH + ACCEPTS, 'HTTP/1.0 101 Switching')],
    ['http.bad-websocket-answer', answer(SWITCH)],
    ['http.bad-websocket-answer', answer(SWITCH + ACCEPTS.replace('s3p', 'S3p'))],
    ['http.bad-websocket-answer', answer(`${SWITCH}${ACCEPTS}Sec-WebSocket-Protocol: mine\r\n`)],
    ['http.body-not-allowed', answer(`${SWITCH}${ACCEPTS}Content-Length: 1\r\n`)],
  ];
  for (const [code, text, options] of bad)
    it(`is refused: ${code}, ${JSON.stringify(text.slice(0, 60))}`, () => {
      asked(options)
        .when(received('server', text))
        .expect(
          disconnect(),
          sendLike('client', page(502, code)),
          release('client'),
          end('client'),
        );
    });
});
