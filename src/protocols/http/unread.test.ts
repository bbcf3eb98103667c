import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes, toText } from '../../../test/support/latin1.ts';
import { Unread } from './unread.ts';

describe('Unread', () => {
  it('keeps a copy, and knows where in the stream it was', () => {
    const unread = new Unread();
    const bytes = toBytes('abcdef');
    assert.equal(unread.received(bytes), 0);
    unread.consumed = 2;
    unread.keep(bytes, 2);
    bytes.fill(0);
    assert.equal(unread.count, 4);
    const taken = unread.take();
    assert.deepEqual([toText(taken?.bytes ?? ''), taken?.offset], ['cdef', 2]);
    assert.equal(unread.take(), undefined);
  });

  it('does not copy the rest of what it gave', () => {
    const unread = new Unread();
    unread.received(toBytes('abc'));
    unread.keep(toBytes('abc'), 0);
    const first = unread.take();
    unread.keep(first?.bytes ?? new Uint8Array(), 1);
    const second = unread.take();
    assert.equal(second?.bytes.buffer, first?.bytes.buffer);
    assert.equal(second?.offset, 1);
  });

  it('puts further bytes behind, and counts relayed ones', () => {
    const unread = new Unread();
    for (const text of ['a', 'b']) {
      unread.received(toBytes(text));
      unread.keep(toBytes(text), 0);
    }
    unread.relayed(10);
    assert.equal(unread.count, 2);
    assert.equal(toText(unread.take()?.bytes ?? ''), 'ab');
  });
});
