// The SOCKS engine: a request becomes a tunnel or a reply that says why not.
import { describe, it } from 'node:test';
import {
  close,
  connect,
  connected,
  connectFailed,
  disconnect,
  elapsed,
  end,
  ended,
  hold,
  received,
  release,
  send,
  stack,
  stacked,
  stackRefused,
  TUNNEL_OPENS,
} from '../../../test/support/playbook.ts';
import type { Playbook } from '../../../test/support/playbook.ts';
import { FakeAuthenticator } from '../../../test/support/fake-authenticator.ts';
import { socks } from '../../../test/support/socks-dialogue.ts';
import * as say from '../../../test/support/socks-messages.ts';
import { abort, reject } from '../../proxy/policy-action.ts';
import type { SocksOptions } from './index.ts';

const WEB = { host: 'www.example', port: 443 };

/** A request that the policy lets pass. */
function connecting(): Playbook {
  return socks()
    .when(received('client', say.greeting(0)))
    .expect(send('client', '\x05\0'))
    .when(received('client', say.named('www.example', 443)))
    .expect(hold('client'), connect(WEB));
}

describe('socksProxy()', () => {
  it('opens a tunnel, in which the first bytes of the client are not lost', () => {
    socks()
      .given(received('client', say.greeting(0)))
      .when(received('client', `${say.named('www.example', 443)}early`))
      .expect(hold('client'), connect(WEB))
      .when(connected())
      .expect(hold('server'), stack('tunnel'))
      .when(stacked())
      .expect(send('client', say.reply(0)), send('stack-client', 'early'), ...TUNNEL_OPENS)
      .when(ended('client'))
      .expect(end('stack-client'));
  });

  it('does so for SOCKS 4a', () => {
    socks()
      .when(received('client', say.socks4a('www.example', 443)))
      .expect(hold('client'), connect(WEB))
      .given(connected())
      .when(stacked())
      .expect(send('client', say.reply4(90)), ...TUNNEL_OPENS);
  });

  for (const [reason, code] of [
    ['connect.refused', 5],
    ['resolve.unknown', 4],
    ['connect.unreachable', 3],
    ['connect.timeout', 6],
  ] as const)
    it(`says that there is no connection: ${reason}`, () => {
      connecting()
        .when(connectFailed({ reason, verdict: 'denied-by-connection-fail' }))
        .expect(send('client', say.reply(code)), release('client'), end('client'))
        .when(received('client', 'GET / HTTP/1.1\r\nHost: www.example\r\n\r\n'))
        .expect()
        .when(ended('client'))
        .expect(close('denied-by-connection-fail', reason));
    });

  it('says that the service inside is refused', () => {
    connecting()
      .given(connected())
      .when(stackRefused({ reason: 'access.stack', verdict: 'denied-by-policy' }))
      .expect(disconnect(), send('client', say.reply(2)), release('client'), end('client'));
  });

  const refusals: readonly (readonly [string, Partial<SocksOptions>, string])[] = [
    ['by its port', { targetPorts: 80 }, 'http.port-refused'],
    [
      'by a list',
      { urlFilter: { blockHosts: (host) => host === 'www.example' } },
      'http.url-blocked',
    ],
    ['by a rule', { request: reject('No') }, 'http.request-refused'],
    ['by a function', { request: ({ url }) => reject(url.host) }, 'http.request-refused'],
  ];
  for (const [what, options, reason] of refusals)
    it(`refuses what the policy does not permit ${what}`, () => {
      for (const [greeting, request, reply] of [
        [say.greeting(0), say.named('www.example', 443), say.reply(2)],
        ['', say.socks4a('www.example', 443), say.reply4(91)],
      ] as const)
        socks(options)
          .given(received('client', greeting))
          .when(received('client', request))
          .expect(send('client', reply), end('client'))
          .when(elapsed('http'))
          .expect(close('denied-by-policy', reason));
    });

  it('says no also where the policy wants no word', () => {
    socks({ request: abort('No') })
      .given(received('client', say.greeting(0)))
      .when(received('client', say.named('www.example', 443)))
      .expect(send('client', say.reply(2)), end('client'));
  });

  it('refuses what is no request for a connection', () => {
    for (const [request, reply] of [
      [say.named('www.example', 443, 2), say.reply(7)],
      [say.named('www.example', 53, 3), say.reply(7)],
      ['\x05\x01\0\x02', say.reply(8)],
    ] as const)
      socks()
        .given(received('client', say.greeting(0)))
        .when(received('client', request))
        .expect(send('client', reply), end('client'));
    socks()
      .given(received('client', say.greeting(0)))
      .when(received('client', say.named('a b', 443)))
      .expect(send('client', say.reply(1)), end('client'));
  });

  it('says nothing to who does not speak SOCKS, leaves early or is too slow', () => {
    socks()
      .when(received('client', 'GET / HTTP/1.1\r\n'))
      .expect(end('client'))
      .when(received('client', 'Host: www.example\r\n\r\n'))
      .expect()
      .when(ended('client'))
      .expect(close('denied-by-policy', 'socks.bad-version'));
    socks()
      .given(received('client', '\x05'))
      .when(ended('client'))
      .expect(end('client'))
      .when(elapsed('http'))
      .expect(close('denied-by-policy', 'socks.incomplete-request'));
    socks().when(ended('client')).expect(close('accepted', 'http.finished'));
    socks()
      .given(received('client', '\x05'))
      .when(elapsed('http'))
      .expect(end('client'))
      .when(elapsed('http'))
      .expect(close('denied-by-policy', 'http.request-timeout'));
    socks()
      .given(received('client', say.greeting(0)))
      .when(ended('client', 'ECONNRESET'))
      .expect(close('accepted', 'http.client-gone', 'reset'));
  });
});

describe('socksProxy() where a user is wanted', () => {
  const asking = (isLate: boolean): Playbook =>
    socks({}, { authenticator: new FakeAuthenticator({ isLate }) })
      .when(received('client', say.greeting(0, 2)))
      .expect(send('client', '\x05\x02'));

  it('asks who it is, and connects for whom it knows', () => {
    asking(false)
      .when(received('client', say.credentials('alice', 'secret')))
      .expect(send('client', '\x01\0'))
      .when(received('client', say.named('www.example', 443)))
      .expect(hold('client'), connect(WEB));
  });

  it('refuses whom it does not know, or who says nothing', () => {
    asking(false)
      .given(received('client', say.credentials('alice', 'guess')))
      .when(received('client', say.named('www.example', 443)))
      .expect(send('client', say.reply(2)), end('client'))
      .when(ended('client'))
      .expect(close('denied-by-policy', 'socks.not-authenticated'));
    for (const [first, second, reply] of [
      [say.greeting(0), say.named('www.example', 443), say.reply(2)],
      ['', say.socks4a('www.example', 443, 'alice'), say.reply4(91)],
    ] as const)
      socks({}, { authenticator: new FakeAuthenticator() })
        .given(received('client', first))
        .when(received('client', second))
        .expect(send('client', reply), end('client'));
  });
});
