import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { InterfaceTable } from '../address/interface-table.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { decide } from '../policy/decide.ts';
import { ruleListener } from '../policy/rule-listener.ts';
import { arrivalOf, masterOf } from './arrival.ts';

describe('an arrival', () => {
  it('becomes a session of what was decided, with the next number of its service', () => {
    const world = new SessionWorld(revisionOf(serviceOf('web', { proxy: proxyOf(() => []) })));
    const clientAddress = SocketAddress.parse('10.1.2.3:40000');
    const clientLocal = SocketAddress.parse('192.0.2.254:8080');
    const accepted = { stream: world.stream(), clientAddress, clientLocal };
    const arrival = arrivalOf(world.runtime, world.revision, world.listener, accepted);
    const decision = decide(world.revision.policy, arrival);
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

  it('came in by the interface that the policy says of its listener, whatever the system says', () => {
    const world = new SessionWorld(revisionOf(serviceOf('web', { proxy: proxyOf(() => []) })));
    const address = SocketAddress.parse('10.1.2.3:40000');
    world.interfaces.table = new InterfaceTable([
      { index: 1, name: 'lo', group: 0, isUp: true, addresses: [] },
    ]);
    const door = ruleListener('192.0.2.1:80', { interface: { name: 'eth7' } });
    const ends = { stream: world.stream(), clientAddress: address, clientLocal: address };
    const { incoming } = arrivalOf(world.runtime, world.revision, door, {
      ...ends,
      interfaceIndex: 1,
    });
    assert.equal(incoming, door.incoming);
  });

  it('came in by an interface that is looked up, the very object; or nobody knows by which', () => {
    const world = new SessionWorld(revisionOf(serviceOf('web', { proxy: proxyOf(() => []) })));
    const address = SocketAddress.parse('10.1.2.3:40000');
    const eth0 = { index: 7, name: 'eth0', group: 5, isUp: true, addresses: [address.address] };
    const ends = { stream: world.stream(), clientAddress: address, clientLocal: address };
    const arrive = (interfaceIndex?: number): ReturnType<typeof arrivalOf> =>
      arrivalOf(world.runtime, world.revision, world.listener, { ...ends, interfaceIndex });
    world.interfaces.table = new InterfaceTable([eth0]);
    assert.equal(arrive(7).incoming, eth0);
    assert.equal(arrive(7).interfaces, world.interfaces.table);
    for (const unknown of [undefined, 0, 8]) assert.equal(arrive(unknown).incoming, undefined);
  });
});
