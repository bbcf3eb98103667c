// One attempt a port, nothing of one that was given up, and as many claimed connections as were asked for.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NOBODY_CAME, SERVER_DOWN } from '../../test/support/playbook-events.ts';
import {
  act,
  CLIENT_ADDRESSES,
  Deferred,
  PumpWorld,
  SERVER_ADDRESS,
} from '../../test/support/pump-world.ts';
import type { ProxyEvent } from '../proxy/engine.ts';
import { PortOpenings } from './port-openings.ts';
import { PumpPort } from './pump-port.ts';
import { PumpPorts } from './pump-ports.ts';

/** Openings whose ports and events are kept here. */
class Owner {
  readonly host = new PumpWorld({});
  readonly ports = new PumpPorts();
  events: ProxyEvent[] = [];
  readonly openings = new PortOpenings(this.host, this.ports, {
    attach: (name, stream) => this.ports.add(new PumpPort(name, stream, this.host.pump)),
    post: (event) => this.events.push(event),
    unpost: (port, isOver) => (this.events = this.events.filter((event) => !isOver(event, port))),
  });

  connect(port: 'server' | 'server#1'): void {
    this.openings.connect({ type: 'connect', port });
  }

  expect(port: 'client#1' | 'server#1'): void {
    this.openings.expect({ type: 'expect', port, timeoutMs: 1000 });
  }

  claim(max: number): void {
    this.openings.claim({ type: 'claim', side: 'client', max });
  }

  heard(): string[] {
    return this.events.map((event) => ('port' in event ? `${event.type} ${event.port}` : ''));
  }
}

describe('connects of a pump', () => {
  it('tell what came of them, once', () => {
    const owner = new Owner();
    owner.connect('server');
    owner.host.connectFails();
    owner.host.connectFails();
    assert.deepEqual(owner.events, [
      { type: 'connect-failed', port: 'server', failure: SERVER_DOWN },
    ]);
  });

  it('give an earlier attempt for the same port up, and take back what was said of it', () => {
    const owner = new Owner();
    owner.connect('server');
    owner.connect('server');
    owner.connect('server#1');
    owner.host.connectFails();
    owner.expect('server#1');
    assert.deepEqual(
      owner.host.connects.map(({ isGivenUp }) => isGivenUp),
      [true, false, false],
    );
    const late = owner.host.stream();
    owner.host.connects[0]?.done({ ok: true, stream: late, address: SERVER_ADDRESS });
    assert.deepEqual(late.calls, ['destroy']);
    assert.deepEqual(owner.events, []);
  });

  it('are given up one by one, or all', () => {
    const owner = new Owner();
    for (const port of ['server', 'server#1'] as const) owner.connect(port);
    owner.openings.giveUp('server#1');
    owner.openings.giveUp('server#7');
    assert.deepEqual(
      owner.host.connects.map(({ isGivenUp }) => isGivenUp),
      [false, true],
    );
    owner.openings.giveUpAll();
    assert.ok(owner.host.connects.every(({ isGivenUp }) => isGivenUp));
    for (const { done } of owner.host.connects) done({ ok: false, failure: SERVER_DOWN });
    assert.deepEqual(owner.events, []);
  });
});

describe('expectations of a pump', () => {
  it('tell where they wait and who came', () => {
    const owner = new Owner();
    owner.expect('client#1');
    owner.host.expects[0]?.watcher.listening(SERVER_ADDRESS);
    owner.host.met();
    const { clientAddress, clientLocal } = CLIENT_ADDRESSES;
    assert.deepEqual(owner.events, [
      { type: 'listening', port: 'client#1', address: SERVER_ADDRESS },
      { type: 'accepted', port: 'client#1', address: clientAddress, local: clientLocal },
    ]);
    assert.ok(owner.ports.get('client#1'));
  });

  it('tell nothing more once they are given up', () => {
    const owner = new Owner();
    owner.expect('client#1');
    owner.openings.giveUp('client#1');
    assert.equal(owner.host.expects[0]?.isGivenUp, true);
    owner.host.expects[0].watcher.listening(SERVER_ADDRESS);
    owner.host.expects[0].watcher.failed(NOBODY_CAME);
    assert.deepEqual(owner.host.met().calls, ['destroy']);
    assert.deepEqual(owner.events, []);
  });

  it('fail once', () => {
    const owner = new Owner();
    owner.expect('client#1');
    owner.host.expects[0]?.watcher.failed(NOBODY_CAME);
    owner.host.expects[0]?.watcher.failed(NOBODY_CAME);
    assert.deepEqual(owner.heard(), ['expect-failed client#1']);
  });
});

describe('the claim of a pump', () => {
  it('takes as many connections as it may, and a number again when its port is gone', () => {
    const owner = new Owner();
    owner.claim(2);
    owner.host.claimed();
    owner.host.claimed();
    assert.equal(owner.host.claimed(), undefined);
    const first = owner.ports.get('client#1');
    assert.ok(first);
    owner.ports.letGo(first);
    owner.host.claimed();
    assert.deepEqual(owner.heard(), [
      'accepted client#1',
      'accepted client#2',
      'accepted client#1',
    ]);
  });

  it('leaves the numbers of what is expected alone', () => {
    const owner = new Owner();
    owner.claim(2);
    owner.expect('client#1');
    owner.host.claimed();
    assert.deepEqual(owner.heard(), ['accepted client#2']);
  });

  it('may be widened, and ends with 0 or with the session', () => {
    const owner = new Owner();
    owner.claim(1);
    owner.claim(3);
    assert.equal(owner.host.claims.length, 1);
    owner.claim(0);
    owner.claim(0);
    owner.claim(1);
    owner.openings.giveUpAll();
    assert.deepEqual(
      owner.host.claims.map(({ isOver }) => isOver),
      [true, true],
    );
  });

  it('of no number takes nothing', () => {
    const owner = new Owner();
    owner.claim(NaN);
    assert.equal(owner.host.claimed(), undefined);
  });
});

describe('the pump', () => {
  it('tells of a connection that came while it waited in order: where, who, what it said', () => {
    const deferred = new Deferred();
    const world = new PumpWorld({ started: [act.expect(), act.wait(deferred)] }).start();
    world.expects[0]?.watcher.listening(SERVER_ADDRESS);
    world.met().says('early').ends();
    world.settle();
    assert.equal(world.heard().length, 1);
    deferred.resolve();
    world.settle();
    const types = world.heard().map((line) => line.split(' ', 1)[0]);
    assert.deepEqual(types, ['resolved', 'listening', 'accepted', 'received', 'ended']);
  });

  it('takes back what it has not told of an expectation that the engine drops', () => {
    const deferred = new Deferred();
    const world = new PumpWorld({
      started: [act.expect(), act.wait(deferred)],
      resolved: [act.disconnect('client#1')],
    }).start();
    world.expects[0]?.watcher.listening(SERVER_ADDRESS);
    const stream = world.met().says('early');
    deferred.resolve();
    world.settle();
    assert.deepEqual(stream.calls, ['destroy']);
    assert.deepEqual(
      world.heard().map((line) => line.split(' ', 1)[0]),
      ['started', 'resolved'],
    );
  });

  it('ends expectations and claims with the session, and resets what came', () => {
    const world = new PumpWorld({ started: [act.expect(), act.claim(1)] }).start();
    world.claimed();
    world.pump.abort('accepted', 'over');
    world.settle();
    assert.equal(world.expects[0]?.isGivenUp, true);
    assert.equal(world.claimed(), undefined);
    assert.deepEqual(world.leftovers(), []);
  });
});
