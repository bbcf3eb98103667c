import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { begun, httpEngine, page } from '../../../../test/support/http-dialogue.ts';
import type { Playbook } from '../../../../test/support/playbook.ts';
import {
  connected,
  end,
  received,
  send,
  sendLike,
  started,
} from '../../../../test/support/playbook.ts';
import { accept } from '../../../proxy/policy-action.ts';
import type { HttpOptions } from '../http-options.ts';

const ALL: HttpOptions = {
  mode: 'explicit',
  request: { GET: accept(), OPTIONS: accept(), TRACE: accept() },
};

function ask(method: string, fields: string, uri = 'http://web.example/'): string {
  return `${method} ${uri} HTTP/1.1\r\nHost: web.example\r\n${fields}\r\n`;
}

function dialogue(options: HttpOptions = ALL): Playbook {
  return begun(options);
}

describe('Max-Forwards', () => {
  it('is answered by ourselves at zero', () => {
    dialogue()
      .when(received('client', ask('OPTIONS', 'Max-Forwards: 0\r\n')))
      .expect(
        send(
          'client',
          'HTTP/1.1 200 OK\r\nAllow: GET, OPTIONS, TRACE\r\nContent-Length: 0\r\n\r\n',
        ),
      );
  });

  it('tells no methods at zero where the policy does not list them all', () => {
    dialogue({ mode: 'explicit', request: { GET: accept(), '*': accept() } })
      .when(received('client', ask('OPTIONS', 'Max-Forwards: 0\r\n')))
      .expect(send('client', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  });

  it('is accounted as what the protocol wants, and not as an answer of the policy', () => {
    for (const method of ['OPTIONS', 'TRACE']) {
      const engine = httpEngine(ALL);
      engine.handle(started());
      const logs = engine
        .handle(received('client', ask(method, 'Max-Forwards: 0\r\n')))
        .filter((action) => action.type === 'log');
      assert.deepEqual(
        logs.map(({ code, fields }) => [code, fields?.['reason']]),
        [['http.request', 'http.max-forwards']],
      );
    }
  });

  it('ends a trace at zero, which shows nothing that is secret', () => {
    const shown = ask('TRACE', 'max-forwards: 0\r\nX-Seen: yes\r\n');
    const secrets = 'Cookie: a=b\r\nAuthorization: Basic x\r\n';
    dialogue()
      .when(received('client', shown.replace('X-Seen', `${secrets}X-Seen`)))
      .expect(
        send(
          'client',
          `HTTP/1.1 200 OK\r\nContent-Type: message/http\r\nContent-Length: ${shown.length}\r\n\r\n${shown}`,
        ),
      );
  });

  it('is counted down otherwise', () => {
    for (const method of ['OPTIONS', 'TRACE'])
      dialogue()
        .given(received('client', ask(method, 'Max-Forwards: 10\r\nA: b\r\n')))
        .when(connected())
        .expect(
          send(
            'server',
            `${method} / HTTP/1.1\r\nHost: web.example\r\nA: b\r\nMax-Forwards: 9\r\n\r\n`,
          ),
        );
    dialogue()
      .given(received('client', ask('OPTIONS', '', 'http://web.example')))
      .when(connected())
      .expect(send('server', 'OPTIONS * HTTP/1.1\r\nHost: web.example\r\n\r\n'));
  });

  it('is for these two methods, and for proxies that clients know', () => {
    const get = 'GET / HTTP/1.1\r\nHost: web.example\r\nMax-Forwards: 0\r\n\r\n';
    dialogue()
      .given(received('client', ask('GET', 'Max-Forwards: 0\r\n')))
      .when(connected())
      .expect(send('server', get));
    const options = get.replace('GET', 'OPTIONS');
    dialogue({ request: { OPTIONS: accept() } })
      .given(received('client', options))
      .when(connected())
      .expect(send('server', options));
  });

  it('is a number, and there is one', () => {
    for (const fields of ['Max-Forwards: -1\r\n', 'Max-Forwards: \r\n', 'Max-Forwards: 1, 2\r\n'])
      dialogue()
        .when(received('client', ask('TRACE', fields)))
        .expect(sendLike('client', page(400, 'http.bad-max-forwards')), end('client'));
    dialogue()
      .when(received('client', ask('TRACE', 'Max-Forwards: 1\r\nMax-Forwards: 1\r\n')))
      .expect(sendLike('client', page(400, 'http.duplicate-max-forwards')), end('client'));
  });

  it('does not make a body of a trace a request of its own', () => {
    dialogue()
      .when(received('client', ask('TRACE', 'Content-Length: 3\r\n')))
      .expect(sendLike('client', page(400, 'http.trace-with-body')), end('client'));
  });
});
