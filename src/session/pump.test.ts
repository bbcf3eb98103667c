// What an engine is told of bytes, relays and ends, and in which order.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { act, connectedWorld, Deferred, PumpWorld } from '../../test/support/pump-world.ts';

const { send, end, connect, disconnect, relay, hold, release, wait, timer, close } = act;

describe('the start of a pump', () => {
  it('gives the engine its client before it starts', () => {
    const world = new PumpWorld({ started: [send('client', '220 hello'), hold('client')] });
    world.client.says('early');
    world.start().settle();
    assert.equal(world.client.output, '220 hello');
    assert.deepEqual(world.client.holds, ['engine']);
    assert.deepEqual(world.heard(), ['started']);
  });

  it('destroys a client that comes after an abort', () => {
    const world = new PumpWorld({});
    world.pump.abort('accepted', 'too early');
    assert.equal(world.finishings.length, 1);
    world.start();
    assert.deepEqual(world.client.calls, ['destroy']);
    assert.deepEqual(world.heard(), []);
  });
});

describe('bytes', () => {
  it('come in order, and what is lent is valid while the engine handles it', () => {
    const seen: string[] = [];
    const world = new PumpWorld({
      received: ({ bytes }) => {
        seen.push(Buffer.from(bytes).toString());
        return [{ type: 'send', to: 'client', bytes: bytes.subarray(1) }];
      },
    }).start();
    world.client.says('abc').says('def');
    world.settle();
    assert.deepEqual(seen, ['abc', 'def']);
    assert.equal(world.client.output, 'bcef');
  });

  it('wait in order while the engine holds their port', () => {
    const { world, server } = connectedWorld({
      received: ({ from }) => (from === 'server' ? [release('client')] : [hold('client')]),
    });
    world.client.says('a').says('b');
    world.settle();
    assert.deepEqual(world.heard(), ['received from=client "a"']);
    server.says('go');
    world.settle();
    assert.deepEqual(world.heard(), ['received from=server "go"', 'received from=client "b"']);
  });

  it('are counted on both sides, over all connections', () => {
    const { world, server } = connectedWorld({
      received: ({ from, bytes }) =>
        from === 'client'
          ? [{ type: 'send', to: 'server', bytes }]
          : [send('client', 'xyz'), disconnect(), connect()],
    });
    world.client.says('12345');
    world.settle();
    server.says('answer');
    world.settle();
    world.connected().says('again');
    world.settle();
    world.pump.abort('accepted', 'enough');
    world.settle();
    assert.deepEqual(world.finishings, [
      { fromClient: 5, toClient: 6, fromServer: 11, toServer: 5 },
    ]);
  });

  it('for a port that is not there, or has ended, are dropped and not counted', () => {
    const world = new PumpWorld({
      started: [send('server', 'nobody'), end('server'), end('client'), send('client', 'late')],
      ended: [close()],
    }).start();
    world.client.ends();
    world.settle();
    assert.equal(world.client.output, '');
    assert.deepEqual(world.finishings, [
      { fromClient: 0, toClient: 0, fromServer: 0, toServer: 0 },
    ]);
  });
});

describe('back-pressure', () => {
  const slow = { isEager: false, highWaterMark: 4 };

  it('holds the source until the full port drains', () => {
    const { world, server } = connectedWorld(
      { received: ({ bytes }) => [{ type: 'send', to: 'server', bytes }] },
      slow,
    );
    world.client.says('12345').says('67890');
    world.settle();
    assert.equal(server.queuedBytes, 5);
    assert.deepEqual(world.client.holds, ['full:server']);
    server.take();
    world.settle();
    assert.equal(server.queuedBytes, 5);
    server.take();
    world.settle();
    assert.deepEqual(world.client.holds, []);
    assert.equal(server.output, '1234567890');
  });

  it('holds a client that fills itself', () => {
    const world = new PumpWorld(
      { received: ({ bytes }) => [{ type: 'send', to: 'client', bytes }] },
      slow,
    ).start();
    world.client.says('12345');
    world.settle();
    assert.deepEqual(world.client.holds, ['full:client']);
  });

  it('releases those that waited for a port that is lost or disconnected', () => {
    for (const how of ['lost', 'disconnected']) {
      const { world, server } = connectedWorld(
        {
          received: ({ from, bytes }) =>
            from === 'client' ? [{ type: 'send', to: 'server', bytes }] : [],
          elapsed: [disconnect()],
          connected: [timer('drop', 10)],
        },
        slow,
      );
      world.client.says('12345').says('x');
      world.settle();
      assert.deepEqual(world.client.holds, ['full:server']);
      if (how === 'lost') server.breaks();
      else world.clock.advance(10);
      world.settle();
      assert.deepEqual(world.client.holds, [], how);
    }
  });

  it('is over for all ports once the session lingers', () => {
    const { world, server } = connectedWorld(
      {
        received: ({ from, bytes }) =>
          from === 'client' ? [{ type: 'send', to: 'server', bytes }] : [close()],
      },
      slow,
    );
    world.client.says('12345').says('discarded');
    server.says('bye');
    world.settle();
    assert.deepEqual(world.client.holds, []);
    assert.deepEqual(server.holds, []);
    assert.equal(server.queuedBytes, 5, 'what was sent waits');
    server.take();
    world.client.ends();
    server.ends();
    world.settle();
    assert.deepEqual(world.leftovers(), []);
    assert.equal(server.output, '12345');
  });
});

describe('a relay', () => {
  it('takes exactly its length; the bytes behind it are for the engine, in the same chunk too', () => {
    for (const chunks of [['abcdef'], ['abc', 'def'], ['abcd', 'ef'], ['a', 'b', 'c', 'd', 'ef']]) {
      const { world, server } = connectedWorld({ connected: [relay('client', 'server', 3)] });
      for (const chunk of chunks) world.client.says(chunk);
      world.settle();
      assert.equal(server.output, 'abc');
      const [first, ...rest] = world.heard();
      assert.equal(first, 'relayed from=client to=server bytes=3 complete=true');
      assert.equal(rest.map((line) => /"(.*)"/.exec(line)?.[1]).join(''), 'def');
    }
  });

  it('of length 0 is over before anything else comes from its port', () => {
    const { world } = connectedWorld({
      connected: [relay('client', 'server', 1)],
      relayed: ({ bytes }) => (bytes === 1 ? [relay('client', 'server', 0)] : []),
    });
    world.client.says('ab');
    world.settle();
    assert.deepEqual(world.heard(), [
      'relayed from=client to=server bytes=1 complete=true',
      'relayed from=client to=server bytes=0 complete=true',
      'received from=client "b"',
    ]);
  });

  it('goes on while the engine holds its port, and then the hold counts', () => {
    const { world, server } = connectedWorld({
      connected: [hold('client'), relay('client', 'server', 3)],
    });
    world.client.says('abcd');
    world.settle();
    assert.equal(server.output, 'abc');
    assert.deepEqual(world.heard(), ['relayed from=client to=server bytes=3 complete=true']);
    assert.deepEqual(world.client.holds, ['engine', 'pending']);
  });

  it('is cut short by the end of its source, and the end follows', () => {
    for (const { lose, error } of [
      { lose: false, error: '' },
      { lose: true, error: ' error=ECONNRESET' },
    ]) {
      const { world, server } = connectedWorld({
        connected: [relay('client', 'server', 10)],
        relayed: [relay('client', 'server', 5)], // which the end takes with it
      });
      world.client.says('abc');
      world.settle();
      if (lose) world.client.breaks();
      else world.client.ends();
      world.settle();
      assert.equal(server.output, 'abc');
      assert.deepEqual(world.heard(), [
        'relayed from=client to=server bytes=3 complete=false',
        `ended from=client${error}`,
      ]);
    }
  });

  it('that was cut short lets the policy be asked before the end is told', () => {
    const deferred = new Deferred();
    const { world } = connectedWorld({
      connected: [relay('client', 'server')],
      relayed: [wait(deferred)],
    });
    world.client.ends();
    world.settle();
    assert.deepEqual(world.heard(), ['relayed from=client to=server bytes=0 complete=false']);
    deferred.resolve(1);
    assert.deepEqual(world.heard(), [
      'resolved outcome={"ok":true,"value":1}',
      'ended from=client',
    ]);
  });

  it('drops what goes to a port that is lost', () => {
    const { world, server } = connectedWorld({ connected: [relay('client', 'server', 4)] });
    server.breaks();
    world.settle();
    world.client.says('abcd');
    world.settle();
    assert.deepEqual(world.heard(), [
      'ended from=server error=ECONNRESET',
      'relayed from=client to=server bytes=4 complete=true',
    ]);
  });

  it('never goes on into a later connection of the same name', () => {
    let connects = 0;
    const { world, server } = connectedWorld({
      connected: () => (connects++ === 0 ? [relay('client', 'server')] : []),
      received: [],
      ended: [disconnect(), connect()],
    });
    world.client.says('first');
    world.settle();
    server.breaks();
    world.settle();
    const second = world.connected();
    world.client.says('rest of the first');
    world.settle();
    assert.equal(server.output, 'first');
    assert.equal(second.output, '');
  });

  it('to a port that the engine disconnects ends, and its bytes come to the engine', () => {
    const { world } = connectedWorld({
      connected: [hold('client'), relay('client', 'server'), timer('drop', 5)],
      elapsed: [disconnect()],
    });
    world.clock.advance(5);
    assert.deepEqual(world.client.holds, ['engine']);
    world.heard();
    world.client.says('rest');
    world.settle();
    assert.deepEqual(world.heard(), []);
  });

  it('from a port that is not there is nothing', () => {
    const world = new PumpWorld({ started: [relay('server', 'client')] }).start();
    assert.deepEqual(world.settle().heard(), ['started']);
  });
});

describe('the end of a port', () => {
  it('comes after its last bytes, also when they were held', () => {
    const { world, server } = connectedWorld({
      connected: [hold('client')],
      received: ({ from }) => (from === 'server' ? [release('client')] : []),
    });
    world.client.says('last').ends();
    world.settle();
    assert.deepEqual(world.heard(), []);
    server.says('go');
    world.settle();
    assert.deepEqual(world.heard().slice(1), ['received from=client "last"', 'ended from=client']);
  });

  it('is overtaken by a loss, which drops the bytes that wait', () => {
    const deferred = new Deferred();
    let asked = 0;
    const { world, server } = connectedWorld({
      connected: [hold('server')],
      received: () => (asked++ === 0 ? [wait(deferred)] : []),
      resolved: [release('server')],
    });
    // It is kept as the rest of a relay that is over.
    world.client.says('ask');
    world.settle();
    server.says('never heard');
    server.breaks();
    world.settle();
    world.heard();
    deferred.resolve();
    assert.deepEqual(world.heard(), [
      'resolved outcome={"ok":true}',
      'ended from=server error=ECONNRESET',
    ]);
  });

  it('comes a second time with an error for a port that is lost later', () => {
    const world = new PumpWorld({}).start();
    world.client.ends();
    world.settle();
    world.client.breaks('EPIPE');
    world.settle();
    assert.deepEqual(world.heard(), [
      'started',
      'ended from=client',
      'ended from=client error=EPIPE',
    ]);
  });

  it('of a loss drops what was kept behind a relay', () => {
    const { world } = connectedWorld({
      connected: [hold('client'), relay('client', 'server', 1)],
    });
    world.client.says('ab');
    world.settle();
    assert.deepEqual(world.client.holds, ['engine', 'pending']);
    world.client.breaks();
    world.settle();
    assert.deepEqual(world.heard(), [
      'relayed from=client to=server bytes=1 complete=true',
      'ended from=client error=ECONNRESET',
    ]);
  });
});
