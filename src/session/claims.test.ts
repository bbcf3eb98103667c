// Who is asked about a connection, and in which order.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { Claims, PRIORITIES } from './claims.ts';
import type { Claimant } from './claims.ts';
import type { Accepted } from './outside.ts';

const CLIENT = SocketAddress.parse('10.1.2.3:40000');
const LOCAL = SocketAddress.parse('192.0.2.254:21');

function connection(
  clientAddress = CLIENT,
  clientLocal = LOCAL,
  stream = new FakeStream(),
): Accepted {
  return { stream, clientAddress, clientLocal };
}

/** A registry, and who was asked. */
class Asked {
  readonly claims = new Claims();
  readonly names: string[] = [];

  join(name: string, priority: Claimant['priority'], takes: boolean): () => void {
    const take = (): boolean => {
      this.names.push(name);
      return takes;
    };
    return this.claims.join(
      CLIENT.address,
      { protocol: 'tcp', port: LOCAL.port },
      { priority, take },
    );
  }
}

describe('claims', () => {
  it('have the priorities of the original', () => {
    assert.deepEqual(PRIORITIES, { related: -100, normal: 0, listen: 100 });
  });

  it('are asked by priority, then by age, until one takes the connection', () => {
    const asked = new Asked();
    asked.join('normal', 'normal', false);
    asked.join('related', 'related', false);
    asked.join('related too', 'related', false);
    asked.join('taker', 'normal', true);
    asked.join('too late', 'normal', true);
    assert.equal(asked.claims.offer('door', connection()), true);
    assert.deepEqual(asked.names, ['related', 'related too', 'normal', 'taker']);
  });

  it('leave a connection that nobody takes', () => {
    const asked = new Asked();
    asked.join('no', 'related', false);
    assert.equal(asked.claims.offer('door', connection()), false);
    assert.equal(new Claims().offer('door', connection()), false);
  });

  it('are asked for their own peer and port only', () => {
    const asked = new Asked();
    asked.join('waits', 'related', true);
    const stranger = SocketAddress.parse('10.1.2.4:40000');
    assert.equal(asked.claims.offer('door', connection(stranger)), false);
    assert.equal(asked.claims.offer('door', connection(CLIENT, LOCAL.withPort(22))), false);
    const datagrams = new FakeStream({ framing: 'datagrams' });
    assert.equal(asked.claims.offer('door', connection(CLIENT, LOCAL, datagrams)), false);
    assert.deepEqual(asked.names, []);
  });

  it('end one by one and leave nothing', () => {
    const asked = new Asked();
    const first = asked.join('first', 'related', true);
    const second = asked.join('second', 'normal', true);
    first();
    first();
    asked.claims.offer('door', connection());
    assert.deepEqual(asked.names, ['second']);
    second();
    assert.equal(asked.claims.size, 0);
  });
});
