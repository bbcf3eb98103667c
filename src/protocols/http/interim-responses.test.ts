import { describe, it } from 'node:test';
import { asked, begun, GET, OK, page } from '../../../test/support/http-dialogue.ts';
import {
  close,
  connected,
  disconnect,
  end,
  hold,
  received,
  release,
  send,
  sendLike,
} from '../../../test/support/playbook.ts';
import { accept, drop } from '../../proxy/policy-action.ts';
import type { HttpRequest } from './rules/http-request.ts';

describe('httpProxy, interim responses', () => {
  const post = 'POST /a HTTP/1.1\r\nHost: web.example\r\nContent-Length: 2\r\n';
  const goOn = 'HTTP/1.1 100 Continue\r\n\r\n';

  it('lets one 100 pass to who asked for it, and to nobody else', () => {
    asked(`${post}Expect: 100-continue\r\n\r\n`)
      .when(received('server', 'HTTP/1.1 100 Go on\r\nServer: x\r\n\r\n'))
      .expect(send('client', goOn))
      .when(received('server', goOn))
      .expect();
    asked(`${post}\r\n`).when(received('server', goOn)).expect();
  });

  it('keep the server: without one it may take a body that came all the same for a request', () => {
    const polite = `${post}Expect: 100-continue\r\n\r\nhi`;
    asked(polite)
      .when(received('server', OK))
      .expect(send('client', OK), disconnect(), release('client'));
    asked(polite)
      .when(received('server', goOn + OK))
      .expect(send('client', goOn), send('client', OK), release('client'));
    asked(polite, { requestHeader: { Expect: drop() } })
      .when(received('server', OK))
      .expect(send('client', OK), release('client'));
    // In a tunnel there is no other one, and the client is told.
    begun({}, { isStacked: true })
      .given(received('client', polite), connected())
      .when(received('server', OK))
      .expect(
        sendLike('client', /\r\nConnection: close\r\n\r\nhi$/),
        disconnect(),
        close('accepted', 'http.finished'),
      );
  });

  it('are said by the proxy where the policy takes the expectation out', () => {
    const polite = `${post}Expect: 100-continue\r\n\r\n`;
    for (const options of [
      { requestHeader: { Expect: drop() } },
      { requestHeader: { expect: () => drop() } },
      {
        request: {
          POST: ({ headers }: HttpRequest) => {
            headers.delete('Expect');
            return accept();
          },
        },
      },
    ])
      begun(options)
        .given(received('client', polite))
        .when(connected())
        .expect(send('server', `${post}\r\n`), send('client', goOn), release('client'))
        .when(received('server', goOn))
        .expect();
  });

  it('counts them up to the response, whatever they are', () => {
    const waits = 'HTTP/1.1 102 Wait\r\n\r\n';
    asked(GET)
      .when(received('server', waits.repeat(16) + OK))
      .expect(send('client', OK), release('client'))
      .when(received('client', GET))
      .expect(send('server', GET), hold('client'))
      .when(received('server', waits.repeat(17)))
      .expect(
        disconnect(),
        sendLike('client', page(502, 'http.too-many-interim')),
        release('client'),
        end('client'),
      );
  });
});

describe('httpProxy, early hints', () => {
  const hints =
    'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nServer: x\r\nConnection: x-hop\r\nX-Hop: 1\r\n' +
    'Content-Length: 0\r\n\r\n';

  it('are dropped by default', () => {
    asked(GET)
      .when(received('server', hints + OK))
      .expect(send('client', OK), release('client'));
  });

  it('pass with the fields that the policy lets pass, and with nothing of one connection', () => {
    const passed = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n';
    asked(GET, { earlyHints: 'pass', responseHeader: { Server: drop() } })
      .when(received('server', hints + hints))
      .expect(send('client', passed + passed))
      .when(received('server', OK))
      .expect(send('client', OK), release('client'));
  });

  it('do not reach clients of HTTP/1.0, who would take them for the answer', () => {
    asked(GET.replace('1.1', '1.0'), { earlyHints: 'pass' })
      .when(received('server', hints))
      .expect();
  });

  it('are bounded', () => {
    asked(GET, { earlyHints: 'pass', errorSilent: true })
      .when(received('server', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(17)))
      .expect(
        send('client', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(16)),
        disconnect(),
        close('denied-by-policy', 'http.too-many-interim'),
      );
  });
});

describe('httpProxy, an expectation of HTTP/1.0', () => {
  it('means nothing: the field is removed, and no 100 comes back', () => {
    const post = 'POST /a HTTP/1.0\r\nHost: web.example\r\nContent-Length: 2\r\n';
    asked(`${post}Expect: 100-continue\r\n\r\nhi`)
      .when(received('server', `HTTP/1.1 100 Continue\r\n\r\n${OK}`))
      .expect(sendLike('client', /^HTTP\/1\.1 200 OK/), close('accepted', 'http.finished'));
    begun()
      .given(received('client', `${post}Expect: anything\r\n\r\nhi`))
      .when(connected())
      .expect(
        send(
          'server',
          'POST /a HTTP/1.1\r\nHost: web.example\r\nContent-Length: 2\r\nConnection: close\r\n\r\n',
        ),
        release('client'),
        send('server', 'hi'),
        hold('client'),
      );
  });
});
