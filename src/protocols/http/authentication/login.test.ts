import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsedRequest } from '../../../../test/support/http-heads.ts';
import { AUTHORIZATION, HOST } from '../heads/header-table.ts';
import { Refused } from '../problem.ts';
import { acceptedOf, placeOf } from './login.ts';

describe('acceptedOf()', () => {
  it('is the identity, nothing, or a refusal', () => {
    const identity = { user: 'alice', groups: [] };
    const text = { reason: 'a.b', message: 'No' };
    assert.equal(acceptedOf({ type: 'accepted', identity }), identity);
    assert.equal(acceptedOf({ type: 'rejected', ...text }), undefined);
    assert.throws(() => acceptedOf({ type: 'denied', ...text }), Refused);
    assert.throws(() => acceptedOf({ type: 'failed', ...text }), Refused);
  });
});

describe('placeOf()', () => {
  it('finds a field', () => {
    const head = parsedRequest('GET / HTTP/1.1\r\nX: y\r\nHost: a\r\n\r\n');
    assert.equal(placeOf(head, HOST), 1);
    assert.equal(placeOf(head, AUTHORIZATION), -1);
  });
});
