import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parsedRequest } from '../../../../test/support/http-heads.ts';
import { PolicyFault } from '../../../proxy/violation.ts';
import { Draft } from './draft.ts';
import type { HttpField } from './http-field.ts';
import { HttpHeaders } from './http-headers.ts';

const TEXT = 'GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nBB: 2\r\na: 3\r\nContent-Type: b/c\r\n\r\n';

function headersOf(draft = new Draft()): HttpHeaders {
  return new HttpHeaders(parsedRequest(TEXT), draft);
}

describe('HttpHeaders', () => {
  it('give the first value, all values, or none', () => {
    const headers = headersOf();
    assert.equal(headers.get('a'), '1');
    assert.deepEqual(headers.getAll('A'), ['1', '3']);
    assert.equal(headers.has('bb'), true);
    assert.equal(headers.get('b'), undefined);
    assert.deepEqual(headers.getAll('constructor'), []);
    assert.deepEqual(headers.entries()[1], ['A', '1']);
    assert.equal(headers.entries().length, 5);
  });

  it('are changed in their place', () => {
    const draft = new Draft();
    const headers = headersOf(draft);
    headers.set('a', 'new');
    headers.set('X-New', '');
    headers.append('bB', 'second');
    assert.deepEqual(headers.entries(), [
      ['Host', 'a'],
      ['a', 'new'],
      ['BB', '2'],
      ['Content-Type', 'b/c'],
      ['X-New', ''],
      ['bB', 'second'],
    ]);
    assert.deepEqual([headers.get('A'), headers.has('x-new')], ['new', true]);
    assert.deepEqual(headers.getAll('BB'), ['2', 'second']);
    headers.delete('bb');
    assert.deepEqual([headers.has('BB'), headers.get('bb')], [false, undefined]);
    assert.deepEqual([draft.isChanged, draft.hasOwnHost], [true, false]);
  });

  it('are changed by no way round the checks', () => {
    const headers = headersOf();
    for (const change of [
      (): void => undefined,
      (): void => {
        headers.set('X-New', 'new');
      },
    ]) {
      change();
      const fields = headers.entries();
      const count = fields.length;
      for (const field of fields) assert.ok(!Reflect.set(field, 1, 'a\r\nX-Injected: b'));
      Reflect.set(fields, count, ['Content-Length', '100']);
      assert.equal(headers.entries().length, count);
    }
  });

  it('have one Host, which may be set', () => {
    const draft = new Draft();
    const headers = headersOf(draft);
    headers.set('host', 'b.example:8080');
    assert.equal(headers.get('Host'), 'b.example:8080');
    assert.equal(draft.hasOwnHost, true);
    for (const change of [
      () => headers.set('Host', 'b/c'),
      () => headers.append('Host', 'b'),
      () => headers.delete('HOST'),
    ])
      assert.throws(change, PolicyFault);
  });

  it('take nothing that is no field, or is the affair of the proxy', () => {
    const draft = new Draft();
    const headers = headersOf(draft);
    for (const [name, value] of [
      ['X A', 'b'],
      ['X-A', 'b\r\nSet-Cookie: c'],
      ['X-A', ' b'],
      ['X-A', '\u0151'],
      ['', 'b'],
      ['Content-Length', '5'],
      ['transfer-encoding', 'chunked'],
      ['Connection', 'close'],
    ] as const) {
      assert.throws(() => headers.set(name, value), PolicyFault, name + value);
      assert.throws(() => headers.append(name, value), PolicyFault, name + value);
    }
    assert.throws(() => headers.delete('Content-Length'), PolicyFault);
    assert.throws(() => headers.append('Content-Type', 'd/e'), /use set\(\)/);
    assert.equal(draft.isChanged, false);
    assert.equal(headers.entries().length, 5);
  });

  it('do the same as a plain list does', () => {
    const name = fc.constantFrom('A', 'a', 'BB', 'X', 'x', 'Content-Type');
    const value = fc.string({
      unit: fc.constantFrom('a', ' ', '\r', '\n', ':', '\xff'),
      maxLength: 3,
    });
    const step = fc.tuple(fc.constantFrom('set', 'append', 'delete'), name, value);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const headers = headersOf();
        let model = [...headers.entries()];
        for (const [what, field, text] of steps) {
          const isSame = ([other]: HttpField): boolean =>
            other.toLowerCase() === field.toLowerCase();
          try {
            if (what === 'delete') headers.delete(field);
            else headers[what](field, text);
          } catch {
            assert.deepEqual(headers.entries(), model);
            continue;
          }
          const first = model.findIndex(isSame);
          if (what === 'append' || (what === 'set' && first === -1)) model.push([field, text]);
          else if (what === 'delete') model = model.filter((one) => !isSame(one));
          else
            model = model.flatMap((one, index): HttpField[] =>
              index === first ? [[field, text]] : isSame(one) ? [] : [one],
            );
          assert.deepEqual(headers.entries(), model);
          assert.deepEqual(
            [headers.get(field), headers.getAll(field), headers.has(field)],
            [
              model.find(isSame)?.[1],
              model.filter(isSame).map(([, one]) => one),
              model.some(isSame),
            ],
          );
        }
        const lines = model.map(([one, text]) => `${one}: ${text}\r\n`).join('');
        const parsed = parsedRequest(`GET / HTTP/1.1\r\n${lines}\r\n`);
        assert.deepEqual(new HttpHeaders(parsed, new Draft()).entries(), model);
      }),
    );
  });

  it('are only read once they are decided about', () => {
    const draft = new Draft();
    const headers = headersOf(draft);
    draft.seal();
    assert.throws(() => headers.set('A', 'b'), /too late/);
    assert.equal(headers.get('A'), '1');
  });
});
