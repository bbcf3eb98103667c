import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accept, drop, reject } from '../../../proxy/policy-action.ts';
import { answer, redirect } from './answer.ts';
import { changeRegexp } from './change-regexp.ts';
import { changeBoth, changeName, changeValue, insert, replace } from './header-action.ts';
import {
  needsService,
  requestFieldRules,
  requestRules,
  responseFieldRules,
  responseRules,
} from './rule-schema.ts';

/** What the schema says of a table; empty if it takes it. */
function messages(schema: typeof requestRules | typeof requestFieldRules, table: unknown): string {
  const { error } = schema.safeParse(table);
  const texts = error?.issues.map((issue) => {
    const [ofKey] = issue.code === 'invalid_key' ? issue.issues : [];
    return ofKey?.message ?? issue.message;
  });
  return texts?.join() ?? '';
}

describe('the rules of the tables', () => {
  it('take actions, answers and functions', () => {
    const table = { GET: accept(), POST: redirect('/'), PUT: () => accept(), '*': answer({}) };
    assert.equal(messages(requestRules, table), '');
    assert.equal(
      responseRules.safeParse({ GET: { '4': answer({}), '*': reject() } }).success,
      true,
    );
  });

  it('say what is wrong with an answer', () => {
    assert.match(
      messages(requestRules, { GET: answer({ status: 100 }) }),
      /^correct the answer: status: give a status/,
    );
    assert.match(messages(requestRules, { GET: { ...answer({}) } }), /^give accept\(\), reject/);
    assert.match(messages(requestRules, { GET: drop() }), /^give accept\(\), reject/);
  });

  it('have no text that no page could show', () => {
    for (const text of [5, 'x'.repeat(65_537)]) {
      const refusals = [
        messages(requestRules, { GET: { action: 'reject', text } }),
        messages(responseFieldRules, { A: { action: 'abort', text } }),
      ];
      for (const message of refusals)
        assert.equal(message, 'give a text of at most 65536 characters');
    }
    for (const text of [undefined, null, 'x'])
      assert.equal(messages(requestRules, { GET: { action: 'reject', text } }), '');
  });

  it('are for names, and for no patterns', () => {
    for (const name of ['X-*', '*-Token', '.*', 'X-A|X-B', '^X-A$'])
      for (const schema of [requestFieldRules, responseFieldRules])
        assert.match(messages(schema, { [name]: drop() }), /^write a header name, or \* for all/);
    assert.match(messages(requestRules, { 'PUT|DELETE': reject() }), /^write a method as it is/);
    assert.equal(messages(requestFieldRules, { $WSSN: drop(), X_User: drop() }), '');
    assert.equal(messages(requestRules, { 'M-SEARCH': accept(), BITS_POST: accept() }), '');
  });

  it('are for methods in the case in which they are sent', () => {
    const cure =
      'write DELETE: case counts, and a rule for delete is for no request that is sent as DELETE';
    assert.equal(messages(requestRules, { '*': accept(), delete: reject() }), cure);
    const { error } = responseRules.safeParse({ Get: { '*': reject() } });
    assert.match(error?.issues[0]?.message ?? '', /^write GET: case counts/);
    // Some clients do send "patch", and some servers have methods of their own.
    assert.equal(messages(requestRules, { PATCH: accept(), patch: accept(), mine: accept() }), '');
  });

  it('open no tunnel with an answer', () => {
    assert.match(messages(requestRules, { CONNECT: answer({}) }), /^give a status of 300 to 599/);
    assert.equal(messages(requestRules, { CONNECT: redirect('/') }), '');
    assert.equal(messages(requestRules, { '*': answer({}) }), '');
    assert.deepEqual(
      [undefined, reject(), redirect('/'), accept(), () => reject()].map(needsService),
      [false, false, false, true, true],
    );
  });

  it('say what is wrong with a change', () => {
    const good = changeRegexp('a', 'b');
    assert.equal(messages(responseFieldRules, { A: good }), '');
    assert.match(messages(responseFieldRules, { A: { ...good } }), /^give accept\(\), drop/);
    assert.match(
      messages(responseFieldRules, { A: changeRegexp('(', 'b') }),
      /^correct the pattern of changeRegexp\(\): correct it/,
    );
  });

  it('leave a message with one field of a name that may be there once', () => {
    for (const schema of [requestFieldRules, responseFieldRules])
      for (const name of ['Content-Type', 'authorization', 'Max-Forwards', 'EXPECT']) {
        assert.match(messages(schema, { [name]: insert('a') }), /^give replace\(\), or let/);
        assert.equal(messages(schema, { [name]: replace('a') }), '');
      }
    assert.equal(messages(requestFieldRules, { Cookie: insert('a=b') }), '');
  });

  it('leave a request with one Host', () => {
    for (const rule of [drop(), insert('a'), () => accept()])
      assert.match(messages(requestFieldRules, { host: rule }), /^for Host give/);
    for (const rule of [changeName('Host'), changeBoth('host', 'a')])
      assert.match(messages(requestFieldRules, { 'X-Host': rule }), /^for Host give/);
    for (const rule of [accept(), changeValue('a'), changeRegexp('^www\\.', '')])
      assert.equal(messages(requestFieldRules, { Host: rule }), '');
    for (const host of ['a b', '', 'a:0', '[::1'])
      assert.equal(
        messages(requestFieldRules, { Host: changeValue(host) }),
        'give a host, or a host and a port',
      );
  });

  it('have one rule for a field, however it is spelt', () => {
    for (const rules of [requestFieldRules, responseFieldRules])
      assert.match(
        messages(rules, { 'X-A': drop(), 'x-a': accept() }),
        /^remove it: another spell/,
      );
  });

  it('add no field without a name', () => {
    for (const rule of [insert('x'), replace('x')])
      assert.match(
        messages(responseFieldRules, { '*': rule }),
        /^give insert\(\) and replace\(\) to/,
      );
    for (const rule of [drop(), changeValue('x'), changeName('X-A')])
      assert.equal(messages(responseFieldRules, { '*': rule }), '');
  });

  it('take no value and no name that is no text', () => {
    for (const rule of [insert, replace, changeValue])
      for (const value of [5, undefined, null])
        assert.match(
          messages(requestFieldRules, { A: rule(value as never) }),
          /^give names that are/,
        );
    assert.match(messages(requestFieldRules, { A: changeName(undefined as never) }), /^give names/);
  });

  it('say what a table is', () => {
    for (const schema of [requestRules, requestFieldRules, responseFieldRules])
      assert.match(messages(schema, null), /^give a table by/);
    const { error } = responseRules.safeParse({ GET: null });
    assert.match(error?.message ?? '', /give a table by method and status/);
  });
});
