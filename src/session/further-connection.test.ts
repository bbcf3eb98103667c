import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { welcomeFurther } from './further-connection.ts';

it('welcomeFurther() keeps the side alive that the service says, and notes the connection', () => {
  const service = serviceOf('ftp', { proxy: proxyOf(() => []), keepalive: 'server' });
  const session = new SessionWorld(revisionOf(service)).session();
  const address = SocketAddress.parse('203.0.113.1:20');
  for (const [port, calls] of [
    ['client#1', []],
    ['server#1', ['keep-alive']],
  ] as const) {
    const stream = new FakeStream();
    const connection = { stream, clientAddress: address, clientLocal: address };
    welcomeFurther(session, { connection, port, kind: 'related' });
    assert.deepEqual(stream.calls, calls);
  }
  assert.deepEqual(
    session.connection.related.map(({ port, peer }) => [port, peer.zone]),
    [
      ['client#1', 'elsewhere'],
      ['server#1', 'elsewhere'],
    ],
  );
});
