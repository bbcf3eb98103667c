import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { SocketAddress } from '../address/socket-address.ts';
import { MemoryLog } from '../../test/support/memory-log.ts';
import type { Accepted } from '../session/outside.ts';
import { realWorld } from './real-world.ts';

describe('realWorld()', () => {
  it('opens real ports, resolves literal addresses and joins links', async () => {
    const { outside, openListener } = realWorld(new MemoryLog());
    const { promise, resolve } = Promise.withResolvers<Accepted>();
    const socket = await openListener(SocketAddress.parse('127.0.0.1:0'), 1, resolve);
    const client = connect(socket.address.port, '127.0.0.1');
    const accepted = await promise;
    assert.equal(accepted.clientLocal.port, socket.address.port);
    accepted.stream.destroy();
    socket.close();
    await once(client.resume(), 'close');
    const resolved = Promise.withResolvers<unknown>();
    outside.resolver.resolve('192.0.2.1', 1000, resolved.resolve);
    assert.deepEqual(await resolved.promise, {
      ok: true,
      addresses: [SocketAddress.parse('192.0.2.1:1').address],
    });
    assert.equal(outside.linkPair().length, 2);
    assert.ok(outside.clock.now() > 0);
  });
});
