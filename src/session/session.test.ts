// The session hierarchy: what falls through, what is copied, and what stays where it was written.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SocketAddress } from '../address/socket-address.ts';
import { SubnetTree } from '../address/subnet-tree.ts';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { wrong } from '../../test/support/policy-samples.ts';
import { attribute } from '../proxy/proxy-session.ts';
import { MasterSession, StackedSession } from './session.ts';

const NOTHING = proxyOf(() => [], { name: 'http' });
const testservice = serviceOf('testservice', { proxy: NOTHING });
const server = SocketAddress.parse('198.51.100.7:80');
const other = SocketAddress.parse('203.0.113.7:80');

function world(instance = 'zorp'): SessionWorld {
  return new SessionWorld(revisionOf(testservice), instance);
}

describe('a master session', () => {
  it('is seen through the sessions on it', () => {
    const session = world().session();
    assert.equal(session.clientZone?.name, 'intranet');
    assert.equal(String(session.clientAddress), '10.1.2.3:40000');
    assert.equal(String(session.clientLocal), '192.0.2.254:8080');
    assert.equal(session.master, session.owner);
    assert.equal(session.connection.verdict, 'accepted');
  });

  it('of a connection without a service has an id all the same', () => {
    const { facts } = world().session().connection;
    assert.equal(new MasterSession({ ...facts, service: undefined }).sessionId, 'svc/zorp/:0');
  });

  it('finds zones in the policy as its revision has it now', () => {
    const { facts } = world().session().connection;
    const loaded = { ...facts.loaded };
    const session = new StackedSession(new MasterSession({ ...facts, loaded }), 'http');
    assert.equal(session.zoneOf(server.address)?.name, 'internet');
    loaded.policy = { ...loaded.policy, zoneTree: new SubnetTree() };
    assert.equal(session.zoneOf(server.address), undefined);
  });
});

describe('what functions of the policy see of a session', () => {
  it('is shared with other sessions, and cannot be changed', () => {
    const session = world().session();
    const flags = { isInband: false, localLoose: false, localRandom: false };
    session.setRoute({ targets: [server], local: undefined, ...flags });
    const { groups, targetAddress, clientAddress, clientZone } = session;
    const [subnet] = clientZone?.subnets ?? [];
    const shared = [groups, targetAddress[0], targetAddress[0]?.address, subnet];
    for (const thing of [...shared, clientAddress, clientAddress.address])
      assert.ok(thing !== undefined && Object.isFrozen(thing));
  });

  it('takes no warning that a record could not have', () => {
    const session = world().session();
    for (const code of [7, 10n, Symbol('w'), undefined, 'x'.repeat(101)])
      assert.throws(() => session.warn(wrong(code)), /session.warn\(\) takes a reason code/);
    assert.equal(session.warn('odd-name'), true);
  });
});

describe('a stacked session', () => {
  it('has the id of its proxy', () => {
    assert.equal(world('').session('http').sessionId, 'svc//testservice:0//http');
    const numbered = world();
    numbered.session();
    assert.equal(numbered.session('http').sessionId, 'svc/zorp/testservice:1/zorp/http');
    const child = new StackedSession(numbered.session('tls'), 'http');
    assert.equal(child.sessionId, 'svc/zorp/testservice:2/zorp/http');
  });

  it('copies five fields when it is made, and sees all others as they are now', () => {
    const parent = world().session();
    const flags = { isInband: false, localLoose: false, localRandom: false };
    parent.setRoute({ targets: [server], local: server, ...flags });
    const child = new StackedSession(parent, 'child');
    parent.setServerAddress(other);
    parent.setServerLocal(other);
    parent.setRoute({
      targets: [other],
      isInband: true,
      local: other,
      localLoose: true,
      localRandom: true,
    });
    assert.deepEqual(child.targetAddress, [server]);
    assert.equal(child.targetLocal, server);
    assert.deepEqual(
      [child.serverAddress, child.serverLocal, child.serverZone],
      [undefined, undefined, undefined],
    );
    assert.equal(child.targetAddressInband, true);
    assert.equal(child.targetLocalRandom, true);
  });

  it('keeps to itself what it writes', () => {
    const parent = world().session();
    const route = { local: undefined, localLoose: false, localRandom: false };
    parent.setRoute({ ...route, targets: [server], isInband: false });
    const child = new StackedSession(parent, 'child');
    child.setRoute({ ...route, targets: [other], isInband: true });
    assert.deepEqual(parent.targetAddress, [server]);
    assert.equal(parent.targetAddressInband, false);
    assert.equal(parent.isStacked, false);
    assert.equal(child.isStacked, true);
    assert.equal(child.owner, parent);
  });

  it('stores the server and its zone on the master too', () => {
    const parent = world().session();
    const child = new StackedSession(parent, 'child');
    child.setServerAddress(server);
    child.setServerLocal(other);
    for (const session of [child, child.master]) {
      assert.equal(session.serverAddress, server);
      assert.equal(session.serverZone?.name, 'internet');
      assert.equal(session.serverLocal, other);
    }
    assert.equal(parent.serverAddress, undefined, 'it had copied what was there');
  });

  it('reads the attributes of those above it, as they are now; its own stay below', () => {
    const sender = attribute<string>('sender');
    const parent = world().session();
    const child = new StackedSession(new StackedSession(parent, 'middle'), 'child');
    assert.equal(child.get(sender), undefined);
    parent.set(sender, 'a@example.org');
    assert.equal(child.get(sender), 'a@example.org');
    child.set(sender, 'b@example.org');
    assert.equal(parent.get(sender), 'a@example.org');
    assert.equal(child.get(attribute<string>('sender')), undefined, 'another key of the same name');
  });

  it('takes over a route', () => {
    const session = world().session();
    session.setRoute({
      targets: [server],
      isInband: true,
      local: other,
      localLoose: true,
      localRandom: true,
    });
    assert.deepEqual(session.targetAddress, [server]);
    assert.deepEqual(
      [
        session.targetAddressInband,
        session.targetLocal,
        session.targetLocalLoose,
        session.targetLocalRandom,
      ],
      [true, other, true, true],
    );
    assert.equal(session.master.targetAddressInband, false);
  });
});
