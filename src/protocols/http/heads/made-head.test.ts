import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { httpPlan, parsedRequest } from '../../../../test/support/http-heads.ts';
import { toText } from '../../../../test/support/latin1.ts';
import { FIELD_SLOTS } from './field-texts.ts';
import type { Head } from './head.ts';
import { HOST, UNKNOWN } from './header-table.ts';
import type { HttpField } from '../rules/http-field.ts';
import { makeHead } from './made-head.ts';
import type { RequestLine } from './request-line.ts';

describe('makeHead()', () => {
  it('makes the same head as the parser does', () => {
    const plan = httpPlan({ requestHeader: { 'X-A': () => ({ action: 'accept' }) } });
    const text = 'GET / HTTP/1.1\r\nHost: a\r\nx-a: \xff\r\nX-Other: 1, 2\r\nEmpty: \r\n\r\n';
    const parsed = parsedRequest(text, plan);
    const fields = [
      ['Host', 'a'],
      ['x-a', '\xff'],
      ['X-Other', '1, 2'],
      ['Empty', ''],
    ] as const;
    const made = makeHead(
      { line: parsed.line, lineText: 'GET / HTTP/1.1', fields },
      plan.requests.policy.names,
    );
    assert.equal(toText(made.bytes), text);
    assert.deepEqual([made.count, made.base, made.end], [4, 0, text.length]);
    for (let index = 0; index < FIELD_SLOTS - 1; index++)
      assert.deepEqual(
        [made.id(index), made.name(index), made.value(index), made.lineStart(index + 1)],
        [parsed.id(index), parsed.name(index), parsed.value(index), parsed.lineStart(index + 1)],
      );
  });

  it('gives exempt fields the id of unknown names', () => {
    const { requests } = httpPlan();
    const { line } = parsedRequest('GET / HTTP/1.1\r\n\r\n');
    const fields = [
      ['Host', 'a'],
      ['Via', 'b'],
    ] as const;
    const { names } = requests.policy;
    const content = { line, lineText: 'GET / HTTP/1.1', fields };
    const made = makeHead(content, names, ([name], id) => name === 'Via' && id >= 0);
    assert.deepEqual([made.id(0), made.id(1)], [HOST, UNKNOWN]);
  });

  it('makes none that is longer than any that is read', () => {
    const { requests } = httpPlan();
    const { line } = parsedRequest('GET / HTTP/1.1\r\n\r\n');
    const fieldsOf = (count: number): HttpField[] =>
      Array.from({ length: count }, () => ['X-A', 'v'.repeat(65_536)]);
    const make = (count: number): Head<RequestLine> =>
      makeHead(
        { line, lineText: 'GET / HTTP/1.1', fields: fieldsOf(count) },
        requests.policy.names,
      );
    assert.equal(make(15).count, 15);
    assert.throws(() => make(16), { code: 'policy.invalid-result', message: /are too long/ });
  });

  it('makes a head without fields', () => {
    const plan = httpPlan();
    const { line } = parsedRequest('GET / HTTP/1.1\r\n\r\n', plan);
    const made = makeHead(
      { line, lineText: 'GET / HTTP/1.1', fields: [] },
      plan.requests.policy.names,
    );
    assert.equal(toText(made.bytes), 'GET / HTTP/1.1\r\n\r\n');
    assert.equal(made.lineStart(0), 'GET / HTTP/1.1\r\n'.length);
  });
});
