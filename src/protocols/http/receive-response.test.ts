import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  asked,
  begun,
  GET,
  httpEngine,
  OK,
  page,
  WEB,
} from '../../../test/support/http-dialogue.ts';
import {
  close,
  connect,
  connected,
  disconnect,
  end,
  ended,
  hold,
  received,
  relay,
  relayed,
  release,
  resolved,
  send,
  sendLike,
  started,
} from '../../../test/support/playbook.ts';
import { accept } from '../../proxy/policy-action.ts';
import type { HttpOptions } from './http-options.ts';
import { answer } from './rules/answer.ts';

describe('httpProxy, what comes from the server', () => {
  it('drops an idle server connection that ends, and connects for the next request', () => {
    asked(GET)
      .given(received('server', OK))
      .when(ended('server'))
      .expect(disconnect())
      .when(received('client', GET))
      .expect(hold('client'), connect(WEB));
  });

  it('drops an idle server connection on which something comes', () => {
    asked(GET)
      .given(received('server', OK))
      .when(received('server', 'HTTP/1.1 200 OK\r\n'))
      .expect(disconnect());
  });

  it('drops the server connection when bytes follow a response', () => {
    asked(GET)
      .when(received('server', `${OK}x`))
      .expect(send('client', OK), disconnect(), release('client'));
  });

  it('reads the end of a long response, and sends nothing more to a server that has bytes behind it', () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n';
    const unseen = relayed('server', 'client', 19_998);
    asked(GET + GET)
      .when(received('server', `${head}a`))
      .expect(send('client', `${head}a`), relay('server', 'client', 19_998))
      .when(unseen)
      .expect()
      .when(received('server', `z${OK}`))
      .expect(send('client', 'z'), disconnect(), release('client'), hold('client'), connect(WEB));
    asked(GET + GET)
      .given(received('server', `${head}a`), unseen)
      .when(received('server', 'z'))
      .expect(send('client', 'z'), release('client'), send('server', GET), hold('client'));
  });

  it('sends nothing more to a server of which more has come, or may have come before the next request', () => {
    asked(GET)
      .when(received('server', OK, 'more'))
      .expect(send('client', OK), disconnect(), release('client'));
    asked(GET + GET)
      .when(received('server', OK, 'more'))
      .expect(send('client', OK), disconnect(), release('client'), hold('client'), connect(WEB));
    asked(GET + GET)
      .when(received('server', OK, 'unknown'))
      .expect(send('client', OK), disconnect(), release('client'), hold('client'), connect(WEB));
    asked(GET)
      .given(received('server', OK, 'unknown'))
      .when(received('client', GET))
      .expect(send('server', GET), hold('client'));
    asked(GET + GET)
      .given(received('server', OK.slice(0, -1), 'more'))
      .when(received('server', 'i'))
      .expect(send('client', 'i'), release('client'), send('server', GET), hold('client'));
  });

  it('takes another server connection for a request that is here before the server was heard after a wait', () => {
    const options: HttpOptions = { response: { '*': { '*': () => Promise.resolve(accept()) } } };
    asked(GET + GET, options)
      .given(received('server', OK))
      .when(resolved(accept()))
      .expect(send('client', OK), disconnect(), release('client'), hold('client'), connect(WEB));
    asked(GET + GET, options)
      .given(received('server', OK.slice(0, -1)), resolved(accept()))
      .when(received('server', 'i'))
      .expect(send('client', 'i'), release('client'), send('server', GET), hold('client'));
    asked(GET + GET, options)
      .given(received('server', OK.slice(0, -1)), received('server', 'i'))
      .when(resolved(accept()))
      .expect(send('client', OK), release('client'), send('server', GET), hold('client'));
    asked(GET, options)
      .given(received('server', OK), resolved(accept()))
      .when(received('client', GET))
      .expect(send('server', GET), hold('client'));
  });

  it('tells of bytes behind a response, whether they come with it or later', () => {
    const told = (pieces: readonly string[]): readonly string[] => {
      const engine = httpEngine({ logRequests: false });
      for (const event of [started(), received('client', GET), connected()]) engine.handle(event);
      return pieces
        .flatMap((text) => engine.handle(received('server', text)))
        .flatMap((action) => (action.type === 'log' ? [action.code] : []));
    };
    assert.deepEqual(told([`${OK}x`]), ['http.bytes-after-response']);
    assert.deepEqual(told([OK, 'x']), ['http.bytes-after-response']);
    assert.deepEqual(told([OK]), []);
    // Its connection would have been closed anyway.
    const last = OK.replace('\r\n', '\r\nConnection: close\r\n');
    assert.deepEqual([told([`${last}x`]), told([last, 'x'])], [[], []]);
  });

  it('retries once when a kept server connection dies before the response', () => {
    asked(GET)
      .given(received('server', OK), received('client', GET))
      .when(ended('server', 'ECONNRESET'))
      .expect(disconnect(), connect(WEB))
      .when(connected())
      .expect(send('server', GET))
      .when(ended('server'))
      .expect(
        disconnect(),
        sendLike('client', page(502, 'http.server-closed')),
        release('client'),
        end('client'),
      );
  });

  it('does not retry a request with a body', () => {
    const post = 'POST / HTTP/1.1\r\nHost: web.example\r\nContent-Length: 1\r\n\r\nx';
    asked(GET)
      .given(received('server', OK), received('client', post))
      .when(ended('server'))
      .expect(
        disconnect(),
        sendLike('client', page(502, 'http.server-closed')),
        release('client'),
        end('client'),
      );
  });
});

describe('httpProxy inside another proxy, which has one server connection', () => {
  const inside = { isStacked: true } as const;

  it('ends with its server', () => {
    begun({}, inside)
      .given(received('client', GET), connected(), received('server', OK))
      .when(ended('server'))
      .expect(disconnect(), close('accepted', 'http.finished'));
    begun({}, inside)
      .given(received('client', GET), connected())
      .when(received('server', OK.replace('OK\r\n', 'OK\r\nConnection: close\r\n')))
      .expect(
        send('client', OK.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')),
        disconnect(),
        close('accepted', 'http.finished'),
      );
  });

  it('ends, too, when it drops its server', () => {
    begun({}, inside)
      .given(received('client', GET), connected())
      .when(received('server', `${OK}x`))
      .expect(
        send('client', OK),
        disconnect(),
        release('client'),
        close('accepted', 'http.finished'),
      );
    const instead = answer({ status: 404, body: 'none' });
    begun({ response: { '*': { '*': instead } } }, inside)
      .given(received('client', GET), connected())
      .when(received('server', OK))
      .expect(
        disconnect(),
        sendLike('client', /^HTTP\/1\.1 404 [^]*\r\nConnection: close\r\n\r\nnone$/),
        close('accepted', 'http.finished'),
      );
  });

  it('has no second attempt, and says that the server has closed', () => {
    const closed = [
      sendLike('client', page(502, 'http.server-closed')),
      release('client'),
      end('client'),
    ];
    for (const rerequestAttempts of [0, 3])
      begun({ rerequestAttempts }, inside)
        .given(received('client', GET), connected(), received('server', OK))
        .given(received('client', GET))
        .when(ended('server', 'ECONNRESET'))
        .expect(disconnect(), ...closed);
    begun({}, inside)
      .given(received('client', GET + GET), connected())
      .when(received('server', `${OK}x`))
      .expect(send('client', OK), disconnect(), release('client'), hold('client'), ...closed);
  });
});
