import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GET, httpEngine, OK, page } from '../../../../test/support/http-dialogue.ts';
import { toBytes, toText } from '../../../../test/support/latin1.ts';
import { connected, ended, received, started } from '../../../../test/support/playbook.ts';
import { accept, reject } from '../../../proxy/policy-action.ts';
import type { HttpOptions } from '../http-options.ts';
import { ResponseOpening } from './response-opening.ts';

const HEAD = 'HTTP/1.0 200 OK\r\n\r\n';
const OLD: HttpOptions = { rechunk: false, permitHttp09Responses: true };

/** What comes of an answer in pieces of this size. */
function opened(text: string, size: number): string {
  const opening = new ResponseOpening();
  let all = '';
  for (let at = 0; at < text.length; at += size)
    all += toText(opening.take(toBytes(text.slice(at, at + size))));
  return all;
}

function bytewise(text: string): string[] {
  return Array.from({ length: text.length }, (_, at) => text.charAt(at));
}

/** What the client gets for an answer, and how the session ends. */
function answered(options: HttpOptions, request: string, pieces: readonly string[]): string {
  const engine = httpEngine({ logRequests: false, ...options });
  const events = [
    ...[started(), received('client', request), connected()],
    ...[...pieces.map((text) => received('server', text)), ended('server')],
  ];
  return events
    .flatMap((event) => engine.handle(event))
    .map((action) => {
      if (action.type === 'close') return `[${action.verdict}]`;
      return action.type === 'send' && action.to === 'client' ? toText(action.bytes) : '';
    })
    .join('');
}

describe('ResponseOpening', () => {
  for (const [text, expected] of [
    ['HTTP/1.1 200 OK\r\n\r\nhi', 'HTTP/1.1 200 OK\r\n\r\nhi'],
    ['<html>', `${HEAD}<html>`],
    ['HTTP-ish', `${HEAD}HTTP-ish`],
    ['http/1.1 200 OK', `${HEAD}http/1.1 200 OK`],
    ['\r\nHTTP/1.1', `${HEAD}\r\nHTTP/1.1`],
    ['HTT', ''],
  ] as const)
    it(`makes ${JSON.stringify(expected)} of ${JSON.stringify(text)}`, () => {
      for (const size of [100, 1, 2, 3, 4, 5]) assert.equal(opened(text, size), expected);
    });
});

describe('an answer without a status line', () => {
  const page502 = page(502, 'http.bad-status-line');

  it('is refused by default', () => {
    assert.match(answered({}, GET, ['<html>\r\nold']), page502);
  });

  it('passes as a 200 that ends with the connection, if the policy permits it', () => {
    const expected = 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nHTold[accepted]';
    assert.equal(answered(OLD, GET, ['HTold']), expected);
    // What follows the first bytes of the body is relayed.
    assert.equal(answered(OLD, GET, ['H', 'T', 'old']), expected);
  });

  it('passes in chunks otherwise', () => {
    const expected = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHTold\r\n0\r\n\r\n';
    assert.equal(answered({ permitHttp09Responses: true }, GET, ['HTold']), expected);
  });

  it('is an answer to a GET only', () => {
    assert.match(answered(OLD, GET.replace('GET', 'HEAD'), ['<html>\r\n']), /^HTTP\/1\.1 502 /);
  });

  it('obeys the rules for a 200', () => {
    const options = { ...OLD, response: { '*': { 200: reject('Not here') } } };
    assert.match(answered(options, GET, ['<html>']), page(403, 'http.response-refused'));
  });

  it('is none behind another answer of the same connection', () => {
    const engine = httpEngine({ ...OLD, logRequests: false });
    for (const event of [started(), received('client', GET), connected()]) engine.handle(event);
    engine.handle(received('server', OK));
    engine.handle(received('client', GET));
    const actions = engine.handle(received('server', '<html>\r\n'));
    const sent = actions.map((one) => (one.type === 'send' ? toText(one.bytes) : '')).join('');
    assert.match(sent, page502);
  });

  it('leaves answers of HTTP/1 as they are', () => {
    assert.equal(answered(OLD, GET, bytewise(OK)), answered({}, GET, bytewise(OK)));
  });
});

describe('an answer that ends within its head', () => {
  const NULL: HttpOptions = { rechunk: false, permitNullResponse: true };
  const HALF = 'HTTP/1.1 200 OK\r\nServer: x\r\n';

  it('is refused by default', () => {
    assert.match(answered({}, GET, [HALF]), page(502, 'http.incomplete-response'));
  });

  it('passes behind a whole line, if the policy permits it', () => {
    const expected = `${HALF}Connection: close\r\n\r\n[accepted]`;
    assert.equal(answered(NULL, GET, [HALF]), expected);
    assert.equal(answered(NULL, GET, bytewise(HALF)), expected);
    const chunked = `${HALF}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
    assert.equal(answered({ permitNullResponse: true }, GET, [HALF]), chunked);
  });

  it('is refused within a line, whoever permits what', () => {
    for (const text of ['HTTP/1.1 200 OK', `${HALF}Content-Le`, `${HALF}A: b`])
      assert.match(answered(NULL, GET, [text]), /^HTTP\/1\.1 502 /);
  });

  it('is cut off if it has announced a body', () => {
    const text = answered(NULL, GET, [`${HALF}Content-Length: 5\r\n`]);
    assert.match(text, /\[denied-by-connection-fail\]$/);
  });

  it('waits for an async function of the policy', async () => {
    const engine = httpEngine({
      ...{ ...NULL, logRequests: false },
      response: { '*': { '*': () => Promise.resolve(accept()) } },
    });
    for (const event of [started(), received('client', GET), connected()]) engine.handle(event);
    engine.handle(received('server', HALF));
    const waiting = engine.handle(ended('server')).find(({ type }) => type === 'wait');
    assert.ok(waiting?.type === 'wait');
    const value = await waiting.promise;
    const last = engine.handle({ type: 'resolved', outcome: { ok: true, value } });
    assert.ok(last.some((action) => action.type === 'close' && action.verdict === 'accepted'));
  });
});
