import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isRequest, readRequest } from './whois-request.ts';

describe('readRequest()', () => {
  it('takes a line as it is', () => {
    for (const line of ['', 'example.org', ' -T dn,ace caf\xe9.example ', 'domain =a*'])
      assert.deepEqual(readRequest(line), { query: line });
    assert.ok(Object.isFrozen(readRequest('a')));
  });

  it('refuses control characters', () => {
    for (const line of ['a\rb', 'a\tb', '\u001b[2J', 'a\x7f', '\0'])
      assert.throws(() => readRequest(line), { code: 'whois.control-character', side: 'client' });
  });
});

describe('isRequest()', () => {
  it('is true for what can be written as a line', () => {
    assert.ok(isRequest({ query: 'example.org' }));
    for (const value of [
      undefined,
      'a',
      {},
      { query: 1 },
      { query: 'a\r\nb' },
      { query: '\u0100' },
    ])
      assert.ok(!isRequest(value));
  });
});
