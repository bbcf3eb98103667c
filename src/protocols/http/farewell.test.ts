import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { begun, GET, httpEngine } from '../../../test/support/http-dialogue.ts';
import { toText } from '../../../test/support/latin1.ts';
import {
  close,
  connected,
  disconnect,
  end,
  ended,
  handleBorrowed,
  playbook,
  received,
  relayed,
  sendLike,
  stacked,
  started,
  testContext,
} from '../../../test/support/playbook.ts';
import { accept } from '../../proxy/policy-action.ts';
import { httpProxy } from './index.ts';

describe('httpProxy, refusing', () => {
  it('drains the client after a page, for a while', () => {
    begun()
      .given(received('client', 'bad\r\n'))
      .when(received('client', 'x'.repeat(40_000)))
      .expect()
      .when(received('client', 'x'.repeat(1_000)))
      .expect(close('denied-by-policy', 'http.bad-request-line'));
  });

  it('sends no body in answer to HEAD', () => {
    begun({ request: {} })
      .when(received('client', GET.replace('GET', 'HEAD')))
      .expect(sendLike('client', /^HTTP\/1\.1 403 [^]*\r\n\r\n$/), end('client'));
  });

  it('sends no body in answer to HEAD of which only the first line was understood', () => {
    const head = /^HTTP\/1\.1 400 [^]*\r\n\r\n$/;
    for (const bytes of ['HEAD / HTTP/1.1\r\n\r\n', 'HEAD / HTTP/1.1\r\nHost : a\r\n\r\n'])
      begun().when(received('client', bytes)).expect(sendLike('client', head), end('client'));
    begun()
      .given(received('client', 'HEAD / HTTP/1.1\r\nHo'))
      .when(received('client', 'st : a\r\n'))
      .expect(sendLike('client', head), end('client'));
  });

  it('has a page for what is no request, whatever was asked before', () => {
    begun()
      .given(
        received('client', GET.replace('GET', 'HEAD')),
        connected(),
        received('server', 'HTTP/1.1 204 No Content\r\n\r\n'),
      )
      .when(received('client', 'bad\r\n'))
      .expect(
        disconnect('server'),
        sendLike('client', /^HTTP\/1\.1 400 [^]*<\/html>\n$/),
        end('client'),
      );
  });

  it('closes without a page if told so', () => {
    begun({ errorSilent: true })
      .when(received('client', 'bad\r\n'))
      .expect(close('denied-by-policy', 'http.bad-request-line'));
  });

  it('speaks German and Hungarian', () => {
    for (const [language, word] of [
      ['de', 'Grund'],
      ['hu', 'Ok'],
    ] as const)
      begun({ language })
        .when(received('client', 'bad\r\n'))
        .expect(
          sendLike('client', new RegExp(`<html lang="${language}">[^]*<p>${word}: `)),
          end('client'),
        );
  });

  it('says in the accounting line why an answer was cut off', () => {
    const engine = httpEngine();
    const actions = [
      started(),
      received('client', GET),
      connected(),
      received('server', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'),
      ended('server'),
    ].flatMap((event) => handleBorrowed(engine, event));
    const lines = actions.filter((action) => action.type === 'log');
    const facts = { method: 'GET', url: 'http://web.example/a', status: 200, bytes: 3 };
    assert.deepEqual(lines.at(-1)?.fields, { ...facts, reason: 'http.server-closed' });
  });

  it('says in the accounting line how long the body of a page is', () => {
    for (const method of ['GET', 'HEAD']) {
      const engine = httpEngine({ request: {} });
      engine.handle(started());
      const actions = engine.handle(received('client', GET.replace('GET', method)));
      const line = actions.find((one) => one.type === 'log' && one.code === 'http.request');
      const page = actions.find((one) => one.type === 'send');
      assert.ok(line?.type === 'log' && page?.type === 'send');
      const [, body = ''] = toText(page.bytes).split('\r\n\r\n');
      assert.equal(line.fields?.['bytes'], body.length);
      assert.equal(body === '', method === 'HEAD');
    }
  });

  it('has an accounting line for a request whose client went away', () => {
    const upload = 'POST /a HTTP/1.1\r\nHost: web.example\r\nContent-Length: 9\r\n\r\n';
    const half = received('server', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
    for (const [method, head, more, status, bytes] of [
      ['GET', GET, [], 0, 0],
      ['GET', GET, [half], 200, 3],
      ['POST', upload, [received('client', 'abc')], 0, 0],
    ] as const) {
      const engine = httpEngine({ request: { '*': accept() } });
      const actions = [
        started(),
        received('client', head),
        connected(),
        ...more,
        ended('client', 'ECONNRESET'),
      ].flatMap((event) => handleBorrowed(engine, event));
      const [line, end] = actions.slice(-2);
      assert.ok(line?.type === 'log' && line.code === 'http.request');
      const facts = { method, url: 'http://web.example/a', status, bytes };
      assert.deepEqual(line.fields, { ...facts, reason: 'http.client-gone' });
      assert.ok(end?.type === 'close' && end.how === 'reset');
    }
  });

  it('has an accounting line for what is in work when others end the session', () => {
    const connect = 'CONNECT web.example:443 HTTP/1.1\r\nHost: web.example:443\r\n\r\n';
    const half = received('server', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
    const inside = [connected(), stacked(), relayed('stack-client', 'client', 4)];
    const inner = { kind: 'service', name: 'inner', proxy: httpProxy() } as const;
    for (const [bytes, more, facts] of [
      [GET, [], { method: 'GET', url: 'http://web.example/a', status: 0, bytes: 0 }],
      [
        GET,
        [connected(), half],
        { method: 'GET', url: 'http://web.example/a', status: 200, bytes: 3 },
      ],
      [connect, [], { method: 'CONNECT', url: 'web.example:443', status: 0, bytes: 0 }],
      [connect, inside, { method: 'CONNECT', url: 'web.example:443', status: 200, bytes: 4 }],
    ] as const) {
      const engine = httpEngine({
        mode: 'explicit',
        connect: inner,
        permitServerRequests: true,
      });
      for (const event of [started(), received('client', bytes), ...more])
        handleBorrowed(engine, event);
      const lines = engine.lastWords?.('instance.stopped') ?? [];
      assert.deepEqual(
        lines.map(({ code, fields }) => [code, fields]),
        [['http.request', { ...facts, reason: 'instance.stopped' }]],
      );
      assert.deepEqual(engine.lastWords?.('instance.stopped'), []);
    }
  });

  it('has none twice, and none where nothing is in work', () => {
    const done = [connected(), received('server', 'HTTP/1.1 204 No Content\r\n\r\n')];
    for (const events of [
      [],
      [received('client', GET), ...done],
      [received('client', GET), received('client', GET), connected(), ended('server')],
      [received('client', 'bad\r\n')],
    ]) {
      const engine = httpEngine();
      for (const event of [started(), ...events]) handleBorrowed(engine, event);
      assert.deepEqual(engine.lastWords?.('instance.stopped'), []);
    }
  });

  it('tells a refused client why and never connects', () => {
    const refusal = {
      reason: 'access.outbound',
      verdict: 'denied-by-policy',
      message: 'Not from your zone',
    } as const;
    const refused = httpProxy().create({ ...testContext(), refusal });
    playbook(refused, { ignoring: ['timer', 'log'] })
      .given(started())
      .when(received('client', GET))
      .expect(
        sendLike('client', /^HTTP\/1\.1 403 [^]*Not from your zone[^]*access\.outbound/),
        end('client'),
      )
      .when(ended('client'))
      .expect(close('denied-by-policy', 'access.outbound'));
  });
});
