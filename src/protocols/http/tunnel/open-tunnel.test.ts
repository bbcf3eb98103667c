import { describe, it } from 'node:test';
import { begun, page, quiet, WEB } from '../../../../test/support/http-dialogue.ts';
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
  release,
  resolved,
  send,
  sendLike,
  stack,
  stacked,
  started,
  wait,
  TUNNEL_OPENS,
} from '../../../../test/support/playbook.ts';
import { service } from '../../../policy/service.ts';
import { reject } from '../../../proxy/policy-action.ts';
import { plugProxy } from '../../plug/index.ts';
import { sshDetector } from '../../ssh/index.ts';
import { tlsDetector } from '../../tls/index.ts';
import type { HttpOptions } from '../http-options.ts';
import { tunnelTarget } from './tunnel-target.ts';

const tls = service('tls', { proxy: plugProxy() });
const ssh = service('ssh', { proxy: plugProxy() });
const detect = [
  { detector: tlsDetector(), service: tls },
  { detector: sshDetector(), service: ssh },
];

const ASK = 'CONNECT web.example:443 HTTP/1.1\r\nHost: web.example:443\r\n\r\n';
const STANDS = 'HTTP/1.1 200 Connection established\r\n\r\n';
const HELLO = Buffer.from('1603010200010001fc0303', 'hex').toString('latin1');
const TARGET = { host: 'web.example', port: 443 };

describe('CONNECT, the choice of what gets the contents', () => {
  it('is made by port', () => {
    const connectTo = { 443: tls, '*': ssh };
    begun({ connect: connectTo })
      .given(received('client', ASK))
      .when(connected())
      .expect(hold('server'), stack('tls'));
    begun({ connect: connectTo, targetPorts: '22' })
      .given(received('client', ASK.replaceAll('443', '22')))
      .when(connected())
      .expect(hold('server'), stack('ssh'));
  });

  it('is made by a function, which may take its time, and may refuse', () => {
    const options: HttpOptions = {
      stacks: [tls],
      connect: ({ host }) => (host === 'web.example' ? tls : reject('Not there')),
    };
    begun(options)
      .when(received('client', ASK))
      .expect(hold('client'), connect(TARGET))
      .when(connected())
      .expect(hold('server'), stack('tls'));
    begun(options)
      .when(received('client', ASK.replaceAll('web', 'other')))
      .expect(sendLike('client', page(403, 'http.tunnel-refused')), end('client'));
    begun({ ...options, connect: () => Promise.resolve(tls) })
      .when(received('client', ASK))
      .expect(hold('client'), wait())
      .when(resolved(tls))
      .expect(connect(TARGET));
    for (const answer of ['tls', { detect: 'tls' }, { detect: [] }, { detect, service: 'ssh' }])
      begun({ ...options, connect: () => answer as never })
        .when(received('client', ASK))
        .expect(sendLike('client', page(500, 'policy.invalid-result')), end('client'));
  });

  it('is refused with the status of reject()', () => {
    for (const [status, code, shown] of [
      [451, 'http.tunnel-refused', 451],
      [200, 'policy.invalid-result', 500],
    ] as const)
      begun({ connect: () => reject('Not there', status) })
        .when(received('client', ASK))
        .expect(sendLike('client', page(shown, code)), end('client'));
  });

  it('is no way to a port that the table does not have', () => {
    begun({ connect: { 80: tls } })
      .when(received('client', ASK))
      .expect(sendLike('client', page(403, 'http.tunnel-refused')), end('client'));
  });
});

describe('CONNECT, the first bytes of the contents', () => {
  const open = [started(), received('client', ASK)] as const;

  it('choose the service, which then hears them', () => {
    quiet({ connect: { detect } })
      .given(...open)
      .when(connected())
      .expect(hold('server'), send('client', STANDS), release('client'))
      .when(received('client', HELLO.slice(0, 3)))
      .expect()
      .when(received('client', `${HELLO.slice(3)}more`))
      .expect(hold('client'), hold('server'), stack('tls'))
      .when(stacked())
      .expect(send('stack-client', `${HELLO}more`), ...TUNNEL_OPENS)
      .when(ended('server'))
      .expect(end('stack-server'));
  });

  it('may have come with the request', () => {
    begun({ stacks: [tls], connect: () => ({ detect }) })
      .given(received('client', ASK + HELLO))
      .when(connected())
      .expect(
        hold('server'),
        send('client', STANDS),
        release('client'),
        hold('client'),
        hold('server'),
        stack('tls'),
      );
  });

  it('are those of the server if the client waits for them', () => {
    const banner = 'SSH-2.0-OpenSSH_9.2\r\n';
    quiet({ connect: { detect } })
      .given(...open, connected())
      .when(elapsed('http'))
      .expect(release('server'))
      .when(received('server', banner))
      .expect(hold('client'), hold('server'), stack('ssh'))
      .when(stacked())
      .expect(send('stack-server', banner), ...TUNNEL_OPENS);
  });

  it('are no secret way: what no detector knows is cut off', () => {
    quiet({ connect: { detect } })
      .given(...open, connected())
      .when(received('client', 'GET / HTTP/1.1\r\n'))
      .expect(close('denied-by-policy', 'http.unknown-contents', 'reset'));
    quiet({ connect: { detect } })
      .given(...open, connected())
      .when(elapsed('http'))
      .expect(release('server'))
      .when(elapsed('http'))
      .expect(close('denied-by-policy', 'http.unknown-contents', 'reset'));
    quiet({ connect: { detect: detect.slice(0, 1), service: ssh } })
      .given(...open, connected())
      .when(received('client', 'GET / HTTP/1.1\r\n'))
      .expect(hold('client'), hold('server'), stack('ssh'));
  });

  it('may be all that there is', () => {
    quiet({ connect: { detect, service: tls } })
      .given(...open, connected())
      .when(ended('client'))
      .expect(hold('client'), hold('server'), stack('tls'))
      .when(stacked())
      .expect(
        end('stack-client'),
        relay('stack-client', 'client'),
        relay('server', 'stack-server'),
        relay('stack-server', 'server'),
        release('client'),
        release('server'),
      );
    quiet({ connect: { detect } })
      .given(...open, connected())
      .when(ended('client', 'ECONNRESET'))
      .expect(close('accepted', 'http.tunnel-broken', 'reset'));
  });
});

describe('HTTP inside a tunnel', () => {
  const inner = service('inner', { proxy: plugProxy() });

  it('is for the server of the tunnel', () => {
    const get = (key: unknown): never => (key === tunnelTarget ? WEB : undefined) as never;
    const session = { isStacked: true, get };
    const ask = 'GET / HTTP/1.1\r\nHost: web.example\r\n\r\n';
    begun({}, session).when(received('client', ask)).expect(hold('client'), connect(WEB));
    for (const host of ['other.example', 'web.example:81'])
      begun({}, session)
        .when(received('client', ask.replace('web.example', host)))
        .expect(sendLike('client', page(421, 'http.tunnel-host-mismatch')), end('client'));
    begun({ requireHostHeader: false }, session)
      .when(received('client', 'GET / HTTP/1.0\r\n\r\n'))
      .expect(hold('client'), connect());
  });

  it('is told what the tunnel was asked for', () => {
    let told: unknown;
    begun({ connect: inner }, { set: (_, value) => (told = value) })
      .when(received('client', ASK))
      .expect(hold('client'), connect(TARGET));
    if (JSON.stringify(told) !== JSON.stringify(TARGET)) throw new Error('it was not told');
  });

  it('drops the connection that stood before', () => {
    begun({ connect: inner })
      .given(received('client', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'), connected())
      .given(received('server', 'HTTP/1.1 204 No\r\n\r\n'))
      .when(received('client', ASK))
      .expect(hold('client'), disconnect(), connect(TARGET));
  });
});
