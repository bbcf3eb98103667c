// TCP sockets by system calls; the rest of it is shown by the listener and the connector.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { tcpDescriptors, testShare } from '../../test/support/driver-pair.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { incomingInterface, localAddress, originalDestination, setOptions } from './tcp-socket.ts';

describe('a TCP socket', needsDriver(), () => {
  const share = testShare();

  it('does not say what nobody asked the kernel to remember, or what never happened', () => {
    const [near, far] = tcpDescriptors(share);
    const local = localAddress(share, far) ?? assert.fail();
    assert.equal(incomingInterface(share, far, local), undefined);
    assert.equal(originalDestination(share, far, local), undefined);
    const six = SocketAddress.parse('[::1]:1');
    assert.equal(incomingInterface(share, far, six), undefined);
    assert.equal(originalDestination(share, far, six), undefined);
    for (const descriptor of [near, far]) share.libc.close(descriptor);
  });

  it('has no address, and takes no option, once it is closed', () => {
    assert.equal(localAddress(share, -1), undefined);
    assert.equal(setOptions(share, -1, [[[1, 9], 1]]), false);
    assert.equal(setOptions(share, -1, [[[1, 9], undefined]]), true);
  });
});
