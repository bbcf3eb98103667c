import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { decide } from '../policy/decide.ts';
import { arrivalOf, masterOf } from './arrival.ts';

describe('an arrival', () => {
  it('becomes a session of what was decided, with the next number of its service', () => {
    const world = new SessionWorld(revisionOf(serviceOf('web', { proxy: proxyOf(() => []) })));
    const clientAddress = SocketAddress.parse('10.1.2.3:40000');
    const clientLocal = SocketAddress.parse('192.0.2.254:8080');
    const accepted = { stream: world.stream(), clientAddress, clientLocal };
    const arrival = arrivalOf(world.runtime, world.revision, world.listener, accepted);
    const decision = decide(world.revision.policy, arrival.facts);
    const sessions = [masterOf(arrival, decision), masterOf(arrival, decision)];
    assert.deepEqual(
      sessions.map(({ sessionId, clientZone }) => [sessionId, clientZone?.name]),
      [
        ['svc/zorp/web:0', 'intranet'],
        ['svc/zorp/web:1', 'intranet'],
      ],
    );
    assert.equal(sessions[0]?.connection.facts.loaded, world.revision);
  });
});
