import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { httpPlan, parsedRequest } from '../../../../test/support/http-heads.ts';
import type { EditedValue } from './head-edit.ts';
import { editHead } from './head-edit.ts';
import { latin1 } from './byte-text.ts';
import type { Head } from './head.ts';

const WIRE =
  'GET /a HTTP/1.1\r\nHost: a\r\nCookie:  t=9; u=1 \r\nAuthorization: x\r\nX-\xe4: \xe4\r\n\r\n';

function fieldsOf(head: Head<unknown>): readonly (readonly [string, string, number])[] {
  return Array.from({ length: head.count }, (_field, index) => [
    head.name(index),
    head.value(index),
    head.id(index),
  ]);
}

/** What a parser makes of the bytes of a head must be what the head says. */
function assertSound(head: Head<unknown>): void {
  const text = latin1(head.bytes, head.base, head.end);
  assert.deepEqual(fieldsOf(head), fieldsOf(parsedRequest(text)));
}

function edited(edits: Readonly<Record<string, EditedValue>>): Head<unknown> {
  const plan = httpPlan();
  const head = parsedRequest(WIRE.replace('X-\xe4', 'X-a'), plan);
  return editHead(head, (index) => edits[head.name(index)]);
}

describe('editHead()', () => {
  it('is the head itself where nothing changes', () => {
    const head = parsedRequest('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal(
      editHead(head, () => undefined),
      head,
    );
  });

  it('leaves fields out', () => {
    for (const name of ['Host', 'Cookie', 'Authorization', 'X-a']) {
      const head = edited({ [name]: null });
      assert.equal(head.count, 3);
      assert.ok(!fieldsOf(head).some(([other]) => other === name));
      assertSound(head);
    }
    const none = edited({ Host: null, Cookie: null, Authorization: null, 'X-a': null });
    assert.equal(latin1(none.bytes, none.base, none.end), 'GET /a HTTP/1.1\r\n\r\n');
  });

  it('gives fields other values, and leaves the others byte by byte', () => {
    const head = edited({ Cookie: 'u=1', Authorization: null });
    assert.equal(
      latin1(head.bytes, head.base, head.end),
      'GET /a HTTP/1.1\r\nHost: a\r\nCookie: u=1\r\nX-a: \xe4\r\n\r\n',
    );
    assertSound(head);
  });

  it('is a copy: what it was made of may be overwritten', () => {
    const bytes = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nCookie: t\r\n\r\n');
    const head = parsedRequest(bytes);
    const copy = editHead(head, (index) => (index === 1 ? null : undefined));
    bytes.fill(0);
    assert.deepEqual([copy.name(0), copy.value(0), copy.end], ['Host', 'a', copy.bytes.length]);
  });
});
