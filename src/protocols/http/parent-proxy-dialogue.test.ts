// Dialogues with a parent proxy: whole URLs, one connection for all hosts, tunnels through it, and what it refuses.
import { describe, it } from 'node:test';
import { CHILD } from '../../../test/support/child-dialogue.ts';
import { begun, OK, page } from '../../../test/support/http-dialogue.ts';
import {
  close,
  connect,
  connected,
  disconnect,
  end,
  ended,
  hold,
  received,
  release,
  send,
  sendLike,
  stack,
  stacked,
  TUNNEL_OPENS,
} from '../../../test/support/playbook.ts';
import type { Playbook } from '../../../test/support/playbook.ts';
import { TUNNEL } from '../../../test/support/socks-dialogue.ts';
import * as say from '../../../test/support/socks-messages.ts';
import { accept } from '../../proxy/policy-action.ts';
import type { HttpOptions } from './http-options.ts';

const PARENT = { host: 'proxy.example', port: 3128 };
const CREDENTIALS = { user: 'zorp', password: 'secret' };
const PAIR = Buffer.from('zorp:secret').toString('base64');
/** The router lets the protocol choose. */
const INBAND = { targetAddressInband: true };

function explicit(options: HttpOptions = {}): Playbook {
  const parentProxy = { ...PARENT, credentials: CREDENTIALS };
  return begun({ mode: 'explicit', connect: TUNNEL, socks: true, parentProxy, ...options }, INBAND);
}

function get(host: string, path = '/'): string {
  return `GET http://${host}${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
}

function whole(host: string, path = '/'): string {
  return `GET http://${host}${path} HTTP/1.1\r\nHost: ${host}\r\nProxy-Authorization: Basic ${PAIR}\r\n\r\n`;
}

describe('parentProxy', () => {
  it('gets whole URLs with its credentials, and all hosts on one connection', () => {
    explicit()
      .when(received('client', get('a.example', '/x?y')))
      .expect(hold('client'), connect(PARENT))
      .when(connected())
      .expect(send('server', whole('a.example', '/x?y')))
      .when(received('server', OK))
      .expect(send('client', OK), release('client'))
      .when(received('client', get('b.example:8080')))
      .expect(disconnect(), sendLike('client', page(403, 'http.port-refused')), end('client'));
    explicit()
      .given(received('client', get('a.example')), connected(), received('server', OK))
      .when(received('client', get('b.example')))
      .expect(send('server', whole('b.example')), hold('client'));
  });

  it('gets whole URLs also of clients that do not know any proxy', () => {
    begun({ parentProxy: PARENT }, INBAND)
      .when(received('client', 'GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n'))
      .expect(hold('client'), connect(PARENT))
      .when(connected())
      .expect(send('server', 'GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n'));
  });

  it('gets no credentials of clients', () => {
    explicit({ parentProxy: PARENT })
      .given(
        received(
          'client',
          'GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\nProxy-Authorization: Basic YTpi\r\nProxy-Connection: keep-alive\r\n\r\n',
        ),
      )
      .when(connected())
      .expect(send('server', get('a.example')));
  });

  it('gets no credentials with a trace, which its answer would tell the client', () => {
    for (const method of ['TRACE', 'trace']) {
      const request = `${method} http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n`;
      explicit({ request: { '*': accept(), CONNECT: accept() } })
        .given(received('client', request))
        .when(connected())
        .expect(send('server', request));
    }
  });

  it('asks for the whole server as a proxy is asked for it', () => {
    explicit({ request: { OPTIONS: accept(), CONNECT: accept() }, parentProxy: PARENT })
      .given(received('client', 'OPTIONS http://a.example HTTP/1.1\r\nHost: a.example\r\n\r\n'))
      .when(connected())
      .expect(send('server', 'OPTIONS http://a.example HTTP/1.1\r\nHost: a.example\r\n\r\n'));
  });

  it('is passed by for hosts that are excepted, or as a function says', () => {
    for (const parentProxy of [
      { ...PARENT, except: (host: string) => host === 'a.example' },
      ({ url }: { url: { host: string } }) => (url.host === 'a.example' ? undefined : PARENT),
    ])
      explicit({ parentProxy })
        .when(received('client', get('a.example')))
        .expect(hold('client'), connect({ host: 'a.example', port: 80 }))
        .given(connected(), received('server', OK))
        .when(received('client', get('b.example')))
        .expect(hold('client'), disconnect(), connect(PARENT));
  });

  it('is none where a function of the policy names the server', () => {
    const request = {
      GET: (asked: { server: unknown }) => {
        asked.server = { host: 'c.example', port: 81 };
        return accept();
      },
      CONNECT: accept(),
    };
    explicit({ request })
      .when(received('client', get('a.example')))
      .expect(hold('client'), connect({ host: 'c.example', port: 81 }))
      .when(connected())
      .expect(send('server', 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'));
  });

  it('must be what a function may choose, and where the router lets it be', () => {
    explicit({ parentProxy: () => ({ host: 'a b' }) })
      .when(received('client', get('a.example')))
      .expect(sendLike('client', page(500, 'policy.invalid-result')), end('client'));
    // So must be what throws when it is read, and what takes no promise.
    const fails = (): never => {
      throw new Error('not now');
    };
    const odd = [
      Object.defineProperty({ port: 80 }, 'host', { enumerable: true, get: fails }),
      Promise.reject(new Error('later')),
    ];
    for (const answer of odd)
      explicit({ parentProxy: () => answer as never })
        .when(received('client', get('a.example')))
        .expect(sendLike('client', page(500, 'policy.invalid-result')), end('client'));
    // A text may have a password in it, and is not shown.
    explicit({ parentProxy: () => 'http://user:secret@c.example' as never })
      .when(received('client', get('a.example')))
      .expect(sendLike('client', /^HTTP\/1\.1 500 (?![^]*secret)/), end('client'));
    begun({ parentProxy: PARENT }, { targetAddressInband: false })
      .when(received('client', 'GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n'))
      .expect(sendLike('client', page(403, 'http.parent-not-inband')), end('client'));
  });

  it('is not what a proxy inside or beside another one has for its server: that gets no credentials', () => {
    const parentProxy = { ...PARENT, credentials: CREDENTIALS };
    begun({ parentProxy }, { ...INBAND, isStacked: true })
      .when(received('client', 'GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n'))
      .expect(sendLike('client', page(403, 'http.parent-not-inband')), end('client'));
  });

  it('is told who we are, and not the child that looks at a body', () => {
    const post = 'POST http://a.example/ HTTP/1.1\r\nHost: a.example\r\n';
    explicit({ requestStack: { POST: { mime: CHILD } } })
      .given(received('client', `${post}Content-Length: 2\r\n\r\nhi`), connected())
      .when(stacked())
      .expect(
        end('stack-server'),
        send('stack-client', 'Host: a.example\r\n\r\nhi'),
        end('stack-client'),
        release('client'),
        hold('client'),
      )
      .when(received('stack-server', '\r\nho'))
      .expect(
        hold('stack-server'),
        send(
          'server',
          `${post}Proxy-Authorization: Basic ${PAIR}\r\nTransfer-Encoding: chunked\r\n\r\n`,
        ),
        release('stack-server'),
        send('server', '2\r\nho\r\n'),
        hold('client'),
      );
  });

  it('may not know us', () => {
    explicit()
      .given(received('client', get('a.example')), connected())
      .when(
        received(
          'server',
          'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n',
        ),
      )
      .expect(
        disconnect(),
        sendLike('client', page(502, 'http.parent-authentication')),
        release('client'),
        end('client'),
      );
  });

  const ask = 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n';
  const asked = `CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nProxy-Authorization: Basic ${PAIR}\r\n\r\n`;

  it('opens a tunnel, and no byte of it is lost', () => {
    explicit()
      .when(received('client', `${ask}early`))
      .expect(hold('client'), connect(PARENT))
      .when(connected())
      .expect(send('server', asked))
      .when(received('server', 'HTTP/1.1 200 OK\r\nX: y\r\n\r\ngreeting'))
      .expect(hold('server'), stack('tunnel'))
      .when(stacked())
      .expect(
        send('client', 'HTTP/1.1 200 Connection established\r\n\r\n'),
        send('stack-server', 'greeting'),
        send('stack-client', 'early'),
        ...TUNNEL_OPENS,
      )
      .when(ended('client'))
      .expect(end('stack-client'));
  });

  it('is told by Via which way a tunnel has come, so that none goes round for ever', () => {
    const first = 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n';
    const came = `${first}Via: 1.1 other\r\nUser-Agent: x\r\n\r\n`;
    const ours = { pseudonym: 'zorp-1' };
    for (const [via, sent] of [
      ['keep', 'Via: 1.1 other\r\n'],
      ['drop', ''],
      [ours, 'Via: 1.1 other\r\nVia: 1.1 zorp-1\r\n'],
      [{ ...ours, received: 'drop' }, 'Via: 1.1 zorp-1\r\n'],
    ] as const)
      explicit({ via, parentProxy: PARENT })
        .given(received('client', came))
        .when(connected())
        .expect(send('server', `${first}${sent}\r\n`));
    explicit({ via: ours })
      .when(received('client', `${first}Via: 1.1 zorp-1\r\n\r\n`))
      .expect(sendLike('client', page(508, 'http.via-loop')), end('client'));
  });

  it('opens it for clients of SOCKS', () => {
    explicit()
      .when(received('client', say.socks4a('a.example', 443)))
      .expect(hold('client'), connect(PARENT))
      .when(connected())
      .expect(send('server', asked))
      .given(received('server', 'HTTP/1.0 200 OK\r\n\r\n'))
      .when(stacked())
      .expect(send('client', say.reply4(90)), ...TUNNEL_OPENS);
    // A 401 of it is no question of ours: nobody has to prove here who he is.
    for (const status of [401, 403])
      explicit()
        .given(received('client', say.socks4a('a.example', 443)), connected())
        .when(received('server', `HTTP/1.1 ${status} No\r\nContent-Length: 2\r\n\r\nno`))
        .expect(send('client', say.reply4(91)), close('accepted', 'http.finished'));
  });

  it('opens it for clients of SOCKS, whom hints before it are not for', () => {
    explicit({ earlyHints: 'pass' })
      .given(received('client', say.socks4a('a.example', 443)), connected())
      .given(received('server', 'HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'))
      .when(stacked())
      .expect(send('client', say.reply4(90)), ...TUNNEL_OPENS);
  });

  it('may refuse it: its answer is passed on, and the connection ended', () => {
    explicit()
      .given(received('client', ask), connected())
      .when(received('server', 'HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno'))
      .expect(
        send('client', 'HTTP/1.1 403 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno'),
        close('accepted', 'http.finished'),
      );
    explicit()
      .given(received('client', ask), connected())
      .when(received('server', 'HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n'))
      .expect(
        disconnect(),
        sendLike('client', /^HTTP\/1\.1 502 [^]*not be reached[^]*administrator of the firewall/),
        release('client'),
        end('client'),
      );
    explicit()
      .given(received('client', ask), connected())
      .when(ended('server'))
      .expect(
        disconnect(),
        sendLike('client', page(502, 'http.server-closed')),
        release('client'),
        end('client'),
      );
  });
});
