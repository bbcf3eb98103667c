// Options are set, read and refused.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { tcpDescriptors, testShare } from '../../test/support/driver-pair.ts';
import { SO_KEEPALIVE, SOL_SOCKET, SOL_TCP, TCP_NODELAY } from './linux-constants.ts';
import { getOption, resetOnClose, setOption, takeError } from './socket-option.ts';

describe('options of sockets', needsDriver(), () => {
  const share = testShare();

  it('are set and read', () => {
    const [near, far] = tcpDescriptors(share);
    for (const option of [
      [SOL_TCP, TCP_NODELAY],
      [SOL_SOCKET, SO_KEEPALIVE],
    ] as const) {
      assert.equal(getOption(share, near, option), 0);
      assert.ok(setOption(share, near, option, 1));
      assert.equal(getOption(share, near, option), 1);
    }
    for (const descriptor of [near, far]) share.libc.close(descriptor);
  });

  it('fail without an exception', () => {
    assert.equal(setOption(share, -1, [SOL_TCP, TCP_NODELAY], 1), false);
    assert.equal(getOption(share, -1, [SOL_TCP, TCP_NODELAY]), undefined);
    assert.equal(takeError(share, -1), undefined);
  });

  it('tell of a reset once', () => {
    const [near, far] = tcpDescriptors(share);
    assert.equal(takeError(share, near), undefined);
    resetOnClose(share, far);
    share.libc.close(far);
    assert.equal(takeError(share, near), 'ECONNRESET');
    assert.equal(takeError(share, near), undefined);
    share.libc.close(near);
  });
});
