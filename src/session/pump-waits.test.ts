// What an engine is told of promises, time and server connections.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SERVER_DOWN } from '../../test/support/playbook-events.ts';
import {
  act,
  connectedWorld,
  Deferred,
  PumpWorld,
  SERVER_ADDRESS,
} from '../../test/support/pump-world.ts';
import { failed, settled } from '../../test/support/settled.ts';

const { send, connect, disconnect, relay, hold, release, wait, timer, log } = act;

describe('a wait', () => {
  it('holds everything, and what it came to is told first', () => {
    const deferred = new Deferred();
    const { world, server } = connectedWorld({
      connected: ({ port }) => (port === 'server' ? [timer('tick', 10)] : []),
      received: ({ bytes }) => (bytes.length === 3 ? [wait(deferred), connect('server#1')] : []),
    });
    world.client.says('ask').says('more');
    world.client.step();
    server.says('unasked');
    assert.deepEqual(world.client.holds, ['waiting']);
    assert.deepEqual(server.holds, ['waiting']);
    const other = world.connected();
    world.clock.advance(10);
    other.says('from the other');
    world.settle();
    assert.deepEqual(world.heard(), ['received from=client "ask"']);
    deferred.resolve('yes');
    deferred.resolve('twice');
    world.settle();
    const heard = world.heard().map((line) => line.split(' ').slice(0, 2).join(' '));
    assert.deepEqual(heard, [
      'resolved outcome={"ok":true,"value":"yes"}',
      'connected port=server#1',
      'elapsed timer=tick',
      'received from=client',
      'received from=server',
      'received from=server#1',
    ]);
    assert.deepEqual(world.client.holds, []);
  });

  it('tells of the port that is heard all the same, and of nothing else', () => {
    const deferred = new Deferred();
    const { world, server } = connectedWorld({
      connected: [timer('tick', 10)],
      received: ({ from }) => (from === 'client' ? [wait(deferred, 'server')] : []),
    });
    world.client.says('ask');
    world.client.step();
    world.client.says('more');
    world.clock.advance(10);
    assert.deepEqual(server.holds, []);
    server.says('unasked').says('again').ends();
    world.settle();
    assert.deepEqual(world.heard(), [
      'received from=client "ask"',
      'received from=server "unasked"',
      'received from=server "again"',
      'ended from=server',
    ]);
    deferred.resolve();
    world.settle();
    const heard = world.heard().map((line) => line.split(' ').slice(0, 2).join(' '));
    assert.deepEqual(heard, [
      'resolved outcome={"ok":true}',
      'elapsed timer=tick',
      'received from=client',
    ]);
  });

  it('takes promises that are settled already, or only look like promises', () => {
    const broken: PromiseLike<unknown> = {
      then() {
        throw new Error('no promise');
      },
    };
    for (const [promise, expected] of [
      [settled(1), 'resolved outcome={"ok":true,"value":1}'],
      [failed(new Error('no')), 'resolved outcome={"ok":false,"error":"no"}'],
      [broken, 'resolved outcome={"ok":false,"error":"no promise"}'],
    ] as const) {
      const world = new PumpWorld({
        started: [wait(promise), log('after')],
        resolved: [log('resolved')],
      }).start();
      assert.deepEqual(world.heard(), ['started', expected]);
      assert.deepEqual(world.logged, ['info after', 'info resolved']);
      assert.equal(world.client.holds.length, 0);
    }
  });

  it('takes real promises', async () => {
    const world = new PumpWorld({ started: [wait(Promise.resolve(7))] }).start();
    await Promise.resolve();
    assert.deepEqual(world.heard(), ['started', 'resolved outcome={"ok":true,"value":7}']);
  });

  it('fails after its time, and what comes later is nothing', () => {
    const deferred = new Deferred();
    const world = new PumpWorld({ started: [wait(deferred)] }).start();
    world.clock.advance(29_999);
    assert.deepEqual(world.heard(), ['started']);
    world.clock.advance(1);
    assert.match(world.heard().join(), /^resolved outcome={"ok":false.*30 seconds/);
    deferred.resolve();
    assert.deepEqual(world.heard(), []);
    assert.equal(world.clock.armed, 0);
  });

  it('is given up when the client is lost, and the session ends', () => {
    const deferred = new Deferred();
    const { world } = connectedWorld({ connected: [act.wait(deferred)] });
    world.lastWords = ['asked'];
    world.client.breaks();
    world.settle();
    assert.deepEqual(world.closings, ['accepted session.client-lost']);
    assert.deepEqual(world.logged, ['info asked session.client-lost']);
    deferred.resolve();
    world.settle();
    assert.deepEqual(world.leftovers(), []);
  });

  it('that is settled after the close is nothing', () => {
    const deferred = new Deferred();
    const world = new PumpWorld({ started: [wait(deferred)] }).start();
    world.pump.abort('accepted', 'enough');
    deferred.reject(new Error('late'));
    world.settle();
    assert.deepEqual(world.heard(), ['started']);
    assert.deepEqual(world.leftovers(), []);
  });
});

describe('timers', () => {
  it('tell the traffic so far', () => {
    const { world, server } = connectedWorld({
      connected: [relay('client', 'server'), timer('tick', 10)],
    });
    world.client.says('12345');
    server.says('123');
    world.settle();
    world.heard();
    world.clock.advance(10);
    assert.match(world.heard().join(), /elapsed timer=tick .*"fromClient":5.*"fromServer":3/);
  });

  it('tell whether the client waits: for room, or for the engine to read it', () => {
    const slow = { isEager: false, highWaterMark: 4 };
    const handlers = {
      connected: [timer('one', 5), timer('two', 6), timer('three', 7), timer('four', 8)],
      received: [send('server', '12345678')],
      elapsed: ({ timer: name }: { readonly timer: string }) => [
        name === 'two' ? hold('client') : release('client'),
      ],
    };
    const { world, server } = connectedWorld(handlers, slow);
    world.client.says('12345');
    world.settle();
    world.clock.advance(5);
    server.take();
    world.settle();
    world.clock.advance(3);
    const told = world.heard().flatMap((line) => /"clientWaits":([a-z]*)/.exec(line)?.[1] ?? []);
    assert.deepEqual(told, ['true', 'false', 'true', 'false']);
  });

  it('that were disarmed or set anew are not told, though they had run out during a wait', () => {
    const deferred = new Deferred();
    const world = new PumpWorld({
      started: [timer('one', 5), timer('two', 5), timer('three', 5), wait(deferred)],
      resolved: [timer('one'), timer('two', 100)],
    }).start();
    world.clock.advance(50);
    world.heard();
    deferred.resolve();
    assert.deepEqual(
      world.heard().map((line) => line.split(' ').slice(0, 2).join(' ')),
      ['resolved outcome={"ok":true}', 'elapsed timer=three'],
    );
    world.clock.advance(100);
    assert.match(world.heard().join(), /timer=two/);
  });

  it('for idleness start anew with bytes in and out', () => {
    const world = new PumpWorld(
      {
        started: [timer('idle', 100, 'idle')],
        received: [send('client', '0123456789')],
      },
      { isEager: false, highWaterMark: 4 },
    ).start();
    world.clock.advance(60);
    world.client.says('x');
    world.settle();
    world.clock.advance(60);
    world.client.take();
    world.settle();
    world.clock.advance(99);
    assert.equal(world.heard().length, 2);
    world.clock.advance(1);
    assert.match(world.heard().join(), /elapsed timer=idle/);
  });
});

describe('connects', () => {
  it('come to a port, or to a failure', () => {
    const world = new PumpWorld({
      started: [connect('server', { host: 'www', port: 80 })],
      'connect-failed': [connect()],
      connected: [send('server', 'hello')],
    }).start();
    assert.deepEqual(world.connects[0]?.target, { host: 'www', port: 80 });
    world.connectFails();
    assert.equal(world.connected().output, 'hello');
  });

  it('are given up by disconnect, by another connect and by the close', () => {
    const world = new PumpWorld({
      started: [connect(), connect(), disconnect(), connect(), connect('server#1')],
    }).start();
    assert.deepEqual(
      world.connects.map(({ isGivenUp }) => isGivenUp),
      [true, true, false, false],
    );
    const late = world.stream();
    world.connects[0]?.done({ ok: false, failure: SERVER_DOWN });
    assert.deepEqual(world.heard(), ['started']);
    world.pump.abort('accepted', 'enough');
    assert.ok(world.connects.every(({ isGivenUp }) => isGivenUp));
    world.connects[3]?.done({ ok: true, stream: late, address: SERVER_ADDRESS });
    assert.deepEqual(late.calls, ['destroy']);
  });

  it('that the engine dropped before it knew are not told', () => {
    const deferred = new Deferred();
    const world = new PumpWorld({
      started: [connect(), wait(deferred)],
      resolved: [disconnect(), connect()],
    }).start();
    const first = world.connected();
    deferred.resolve();
    world.settle();
    assert.deepEqual(world.heard(), ['started', 'resolved outcome={"ok":true}']);
    assert.deepEqual(first.calls, ['destroy']);
  });

  it('may follow a disconnect: nothing more comes from the old connection', () => {
    const { world, server } = connectedWorld({
      received: ({ from }) => (from === 'server' ? [disconnect(), connect()] : []),
    });
    server.says('a').says('never heard').ends();
    world.settle();
    const second = world.connected();
    second.says('b');
    world.settle();
    assert.deepEqual(
      world.heard().filter((line) => !line.startsWith('connected')),
      ['received from=server "a"', 'received from=server "b"'],
    );
    assert.equal(server.isClosed, true);
  });

  it('drop the rest of a chunk whose port the engine disconnects in the middle', () => {
    const { world, server } = connectedWorld({
      connected: [relay('server', 'client', 1)],
      relayed: [disconnect()],
    });
    server.says('ab');
    world.settle();
    assert.deepEqual(world.heard(), ['relayed from=server to=client bytes=1 complete=true']);
    assert.equal(world.client.output, 'a');
  });

  it('may be dropped after the port was lost', () => {
    const { world, server } = connectedWorld({
      connected: [hold('server'), relay('server', 'client', 1), timer('drop', 5)],
      elapsed: [disconnect()],
    });
    server.says('ab');
    world.settle();
    server.destroy(); // closes without an error, with bytes still kept
    world.settle();
    world.clock.advance(5);
    world.pump.abort('accepted', 'enough');
    world.settle();
    assert.deepEqual(world.leftovers(), []);
    assert.equal(world.finishings[0]?.fromServer, 2);
  });
});
