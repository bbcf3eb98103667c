import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exchangeOf } from '../../../test/support/http-heads.ts';
import type { ProxyAction } from '../../proxy/engine.ts';

describe('Exchange', () => {
  it('knows what may be sent twice', () => {
    for (const [line, fields, expected] of [
      ['GET /', '', true],
      ['DELETE /', '', true],
      ['POST /', '', false],
      ['PATCH /', '', false],
      ['PUT /', 'Content-Length: 1\r\n', true],
      ['BREW /', '', false],
    ] as const)
      assert.equal(
        exchangeOf(`${line} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`).isRepeatable,
        expected,
        line,
      );
  });

  it('gives functions the same request each time', () => {
    const exchange = exchangeOf('GET /a HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal(exchange.chosenServer, undefined);
    exchange.policyRequest().server = { host: 'b', port: 1 };
    assert.deepEqual(exchange.chosenServer, { host: 'b', port: 1 });
    exchange.keepHead();
    assert.equal(exchange.head.base, 0);
  });

  it('has one accounting line, unless requests are not logged', () => {
    const text = 'GET /a?b HTTP/1.1\r\nHost: A.example:8080\r\n\r\n';
    const out: ProxyAction[] = [];
    exchangeOf(text, { logRequests: false }).log(200, 5, out);
    assert.equal(out.length, 0);
    exchangeOf(text).log(200, 5, out);
    const [line] = out;
    assert.equal(out.length, 1);
    assert.ok(line?.type === 'log');
    assert.deepEqual([line.level, line.code], ['accounting', 'http.request']);
    const url = 'http://a.example:8080/a?b';
    assert.deepEqual(line.fields, { method: 'GET', url, status: 200, bytes: 5 });
  });
});
