import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsedRequest, httpPlan } from '../../../../test/support/http-heads.ts';
import { toText } from '../../../../test/support/latin1.ts';
import { testSession } from '../../../../test/support/playbook.ts';
import { abort, accept, drop } from '../../../proxy/policy-action.ts';
import { RequestDraft } from './draft.ts';
import type { HeaderRules } from './field-policy.ts';
import { FieldPolicy } from './field-policy.ts';
import type { Head } from '../heads/head.ts';
import { HeadWriter } from '../heads/head-writer.ts';
import { changeBoth, changeName, changeValue, insert, replace } from './header-action.ts';
import { HttpRequest } from './http-request.ts';
import type { RequestLine } from '../heads/request-line.ts';

const URL = { scheme: 'http', host: 'a', port: 80, authority: 'a', path: '/' } as const;

function requestOf(head: Head<RequestLine>): HttpRequest {
  return new HttpRequest(head, new RequestDraft('GET', URL), httpPlan().settings);
}

/** The fields that come out. */
function write(fields: string, rules: HeaderRules): string {
  const plan = httpPlan({ requestHeader: rules });
  const { policy } = plan.requests;
  const head = parsedRequest(`GET / HTTP/1.1\r\n${fields}\r\n`, plan);
  const exchange = { policyRequest: () => requestOf(head) };
  const context = { session: testSession(), exchange, strip: [] };
  const writer = new HeadWriter();
  writer.begin(head.bytes);
  for (let index = 0; index < head.count; index++) policy.writeField(head, index, context, writer);
  policy.writeAppended(context, writer);
  return toText(writer.finishOwned());
}

describe('FieldPolicy', () => {
  for (const [what, rules, fields, expected] of [
    ['nothing', {}, 'A: 1\r\nB: 2\r\n', 'A: 1\r\nB: 2\r\n'],
    ['accept()', { A: accept(), '*': drop() }, 'a: 1\r\nB: 2\r\n', 'a: 1\r\n'],
    ['drop()', { A: drop() }, 'a: 1\r\nB: 2\r\nA: 3\r\n', 'B: 2\r\n'],
    ['changeName()', { A: changeName('C') }, 'a: 1\r\n', 'C: 1\r\n'],
    ['changeValue()', { A: changeValue('x') }, 'a: 1\r\n', 'a: x\r\n'],
    ['changeBoth()', { A: changeBoth('C', 'x') }, 'a: 1\r\n', 'C: x\r\n'],
    ['insert()', { A: insert('x') }, 'a: 1\r\nB: 2\r\n', 'a: 1\r\nB: 2\r\nA: x\r\n'],
    ['replace()', { A: replace('x') }, 'a: 1\r\nB: 2\r\na: 3\r\n', 'B: 2\r\nA: x\r\n'],
    ['* on what is not framing', { '*': drop() }, 'Host: a\r\nCookie: b\r\n', 'Host: a\r\n'],
    ['a changed Host', { Host: changeValue('c:81') }, 'Host: a\r\n', 'Host: c:81\r\n'],
  ] as const)
    it(`obeys ${what}`, () => assert.equal(write(fields, rules), expected));

  it('knows whether a field may be of its own making', () => {
    const mayWrite = (rules: HeaderRules): boolean => new FieldPolicy(rules).mayWrite('a');
    const judged: readonly HeaderRules[] = [
      {},
      { '*': drop() },
      { '*': abort() },
      { B: insert('x') },
    ];
    const written: readonly HeaderRules[] = [
      ...[{ A: insert('x') }, { a: changeValue('x') }, { '*': changeValue('x') }],
      ...[{ B: changeName('A') }, { B: () => changeName('A') }, { '*': () => accept() }],
    ];
    for (const rules of judged) assert.equal(mayWrite(rules), false, JSON.stringify(rules));
    for (const rules of written) assert.equal(mayWrite(rules), true, JSON.stringify(rules));
  });

  it('knows which fields pass as they stand', () => {
    const passing = (rules: HeaderRules, names: readonly string[]): readonly string[] => {
      const policy = new FieldPolicy(rules);
      return names.filter((name) => policy.passes(policy.names.idOf(name)));
    };
    const names = [
      'Host',
      'Content-Length',
      'Expect',
      'Transfer-Encoding',
      'TE',
      'Cookie',
      'X',
      'Y',
    ];
    assert.deepEqual(passing({}, names), ['Cookie', 'X', 'Y']);
    assert.deepEqual(passing({ X: drop(), cookie: accept() }, names), ['Y']);
    assert.deepEqual(passing({ '*': drop() }, names), []);
  });

  it('asks functions', () => {
    const rules: HeaderRules = {
      A: ({ name, value }, session) =>
        value === '1' ? drop() : changeValue(`${name}@${session.clientAddress.port}`),
      B: replace((_, request) => request.method),
    };
    assert.equal(write('A: 1\r\nA: 2\r\nB: x\r\n', rules), 'A: A@40000\r\nB: GET\r\n');
  });

  it('adds fields to one head after the other, and asks a function each time', () => {
    let asked = 0;
    const policy = new FieldPolicy({ A: insert('x'), B: insert(() => String(++asked)) });
    const head = parsedRequest('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const context = {
      ...{ session: testSession(), strip: [] },
      exchange: { policyRequest: () => requestOf(head) },
    };
    const writer = new HeadWriter();
    const written = [1, 2].map(() => {
      writer.begin(head.bytes);
      policy.writeAppended(context, writer);
      return toText(writer.finishOwned());
    });
    assert.deepEqual(written, ['A: x\r\nB: 1\r\n', 'A: x\r\nB: 2\r\n']);
  });

  it('refuses for abort()', () => {
    assert.throws(() => write('A: 1\r\n', { A: abort('No') }), { name: 'Refused', message: 'No' });
  });

  const invalid: readonly (readonly [string, HeaderRules])[] = [
    ['a line break', { A: changeValue(() => 'x\r\ny') }],
    ['a name that is no text', { A: () => changeName(5 as never) }],
    ['a name that is no token', { A: () => changeName('a b') }],
    ['a reserved name', { A: () => changeName('Content-Length') }],
    ['a second Host', { A: () => changeName('Host') }],
    ['a Host that is no host', { Host: changeValue(() => 'a b') }],
    ['an action for tables only', { A: () => insert('x') as never }],
    ['a value that is no text', { A: changeValue(() => 5 as never) }],
  ];
  for (const [what, rules] of invalid)
    it(`never sends ${what}`, () => {
      assert.throws(() => write('A: 1\r\nHost: a\r\n', rules), { code: 'policy.invalid-result' });
    });

  it('drops a field for which a function answers with a promise, where nobody can wait', () => {
    const rules: HeaderRules = {
      A: () => Promise.resolve(accept()),
      B: changeValue(() => Promise.reject(new Error('no'))),
      C: insert(() => Promise.resolve('late')),
    };
    assert.equal(write('A: 1\r\nB: 2\r\nD: 3\r\n', rules), 'D: 3\r\n');
  });

  it('calls a failing function a fault', () => {
    const rules: HeaderRules = {
      A: () => {
        throw new Error('x');
      },
    };
    assert.throws(() => write('A: 1\r\n', rules), { code: 'policy.function-failed' });
  });
});
