// The constants that Node knows too are the same; the others are shown by the calls that take them, in libc.test.ts.
import assert from 'node:assert/strict';
import { constants as files } from 'node:fs';
import { describe, it } from 'node:test';
import { constants as system } from 'node:os';
import { needsDriver } from '../../test/support/driver-needs.ts';
import * as linux from './linux-constants.ts';

describe('the constants of Linux', needsDriver(), () => {
  it('agree with those of Node', () => {
    assert.equal(linux.EAGAIN, system.errno.EAGAIN);
    assert.equal(linux.EINTR, system.errno.EINTR);
    assert.equal(linux.EINPROGRESS, system.errno.EINPROGRESS);
    assert.equal(linux.O_NONBLOCK, files.O_NONBLOCK);
    assert.equal(linux.SOCK_NONBLOCK, files.O_NONBLOCK);
    assert.equal(linux.EFD_NONBLOCK, files.O_NONBLOCK);
  });

  it('name different bits of one event', () => {
    const { EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP, EPOLLRDHUP, EPOLLET } = linux;
    const bits = [EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP, EPOLLRDHUP, EPOLLET];
    assert.equal(new Set(bits).size, bits.length);
    assert.ok(bits.every((bit) => (bit & (bit - 1)) === 0));
  });
});
