import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsedRequest } from '../../../../test/support/http-heads.ts';

describe('Head', () => {
  it('gives a copy that outlives the bytes', () => {
    const bytes = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\nrest');
    const head = parsedRequest(bytes);
    const copy = head.snapshot();
    bytes.fill(0);
    assert.deepEqual(
      [copy.name(0), copy.value(0), copy.name(1), copy.value(1)],
      ['Host', 'a', 'X', 'y'],
    );
    assert.equal(copy.line.method, 'GET');
    assert.equal(copy.end, copy.bytes.length);
    assert.equal(copy.lineStart(2), copy.end - 2);
  });

  it('compares values without making texts of them', () => {
    const head = parsedRequest('GET / HTTP/1.1\r\nHost: a\r\nX: Close\r\nY: \xe4\r\n\r\n');
    assert.deepEqual(
      ['Close', 'close', 'Clos', 'Closed'].map((text) => head.hasValue(1, text)),
      [true, false, false, false],
    );
    assert.deepEqual(
      ['close', 'clos', 'closed', 'clone'].map((token) => head.hasToken(1, token)),
      [true, false, false, false],
    );
    assert.deepEqual(
      ['x', 'y', 'hos', 'hosts', 'host'].map((name) => head.hasName(name === 'x' ? 1 : 0, name)),
      [true, false, false, false, true],
    );
    assert.equal(head.hasValue(2, '\xe4'), true);
    assert.equal(head.hasToken(2, '\xe4'), false);
  });
});
