// Which events of epoll(7) say that reading may bring something, and which that a short read is not the last one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP } from './linux-constants.ts';
import { MORE_TO_READ, READABLE } from './stream-state.ts';

describe('the events of a stream', () => {
  it('have a read follow whatever may bring bytes, an end or an error', () => {
    for (const event of [EPOLLIN, EPOLLRDHUP, EPOLLHUP, EPOLLERR])
      assert.notEqual(READABLE & event, 0);
    assert.equal(READABLE & EPOLLOUT, 0);
  });

  it('have a short read followed by another one where an end comes with the bytes', () => {
    for (const event of [EPOLLRDHUP, EPOLLHUP, EPOLLERR]) assert.notEqual(MORE_TO_READ & event, 0);
    assert.equal(MORE_TO_READ & EPOLLIN, 0);
  });
});
