// Relays whose bytes the kernel moves: an engine cannot tell them from those that are copied.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ChanceEngine } from '../../test/support/chance-engine.ts';
import { FakeStream } from '../../test/support/fake-stream.ts';
import type { Answers } from '../../test/support/pump-world.ts';
import { act, connectedWorld, Deferred, PumpWorld } from '../../test/support/pump-world.ts';
import { RandomCopier } from '../../test/support/random-copier.ts';
import { toBytes } from '../../test/support/latin1.ts';
import { PumpPort } from './pump-port.ts';

const BULK = 'bulk'; // as long as the worlds of these tests need to move what follows

/** A world with a relay from the client to the server whose bytes are being moved, and a peer that takes nothing yet. */
function movingWorld(
  answers: Answers,
  length = Infinity,
): { world: PumpWorld; server: FakeStream } {
  const { world, server } = connectedWorld(
    { connected: [act.relay('client', 'server', length)], ...answers },
    { moves: true, isEager: false, highWaterMark: 8 },
  );
  world.client.says(BULK);
  world.settle();
  server.take();
  return { world, server };
}

describe('a relay that is moved', () => {
  it('begins after a large read, and takes no more than its length', () => {
    const { world, server } = movingWorld({}, 10);
    world.client.says('123456789');
    world.settle();
    assert.deepEqual(world.heard(), []);
    assert.equal(world.client.movedBytes, 6);
    server.take(5);
    world.settle();
    assert.deepEqual(world.heard(), []);
    server.take();
    world.settle();
    assert.deepEqual(world.heard(), [
      'relayed from=client to=server bytes=10 complete=true',
      'received from=client "789"',
    ]);
    assert.equal(server.output, 'bulk123456');
  });

  it('is told of when its last byte has gone out, not only when something else happens', () => {
    const { world, server } = movingWorld({}, 7);
    world.client.says('123');
    world.settle();
    server.take();
    world.settle();
    assert.deepEqual(world.heard(), ['relayed from=client to=server bytes=7 complete=true']);
  });

  it('is copied while its reads are small', () => {
    const { world, server } = connectedWorld(
      { connected: [act.relay('client', 'server')] },
      { moves: true },
    );
    for (const word of ['one', 'two', 'six']) world.client.says(word);
    world.settle();
    assert.equal(server.output, 'onetwosix');
    assert.equal(world.client.movedBytes, 0);
  });

  it('waits for what was written to its target, which overtakes nothing', () => {
    const { world, server } = movingWorld({ received: [act.send('server', 'own words ')] });
    server.says('?');
    world.settle();
    world.client.says('moved');
    world.settle();
    assert.equal(world.client.movedBytes, 0);
    server.take();
    world.settle();
    server.says('?');
    world.settle();
    server.take();
    assert.equal(server.output, 'bulkown words movedown words ');
  });

  it('is told of after a wait that began meanwhile', () => {
    const deferred = new Deferred();
    const { world, server } = movingWorld({ received: [act.wait(deferred)] }, 7);
    world.client.says('123');
    world.settle();
    server.says('?');
    world.settle();
    world.heard();
    server.take();
    world.settle();
    assert.deepEqual(world.heard(), []);
    deferred.resolve(1);
    assert.deepEqual(world.heard(), [
      'resolved outcome={"ok":true,"value":1}',
      'relayed from=client to=server bytes=7 complete=true',
    ]);
  });

  it('leaves to the target what was on its way to it when the session closes', () => {
    const { world, server } = movingWorld({ received: [act.close()] });
    world.client.says('123');
    world.settle();
    server.says('?');
    world.settle();
    server.take();
    assert.equal(server.output, 'bulk123');
    world.client.ends();
    server.ends();
    world.settle();
    assert.deepEqual(world.finishings, [
      { fromClient: 7, toServer: 7, fromServer: 1, toClient: 0 },
    ]);
  });

  it('counts what was on its way when its target is lost, and drops what comes then', () => {
    const { world, server } = movingWorld({}, 10);
    world.client.says('123');
    world.settle();
    server.breaks();
    world.settle();
    world.client.says('456789');
    world.settle();
    assert.deepEqual(world.heard(), [
      'ended from=server error=ECONNRESET',
      'relayed from=client to=server bytes=10 complete=true',
      'received from=client "789"',
    ]);
  });

  it('counts what was on its way when its source is lost', () => {
    const { world, server } = movingWorld({ ended: [act.close('lost')] });
    world.client.says('123');
    world.settle();
    world.client.breaks();
    world.settle();
    assert.deepEqual(world.heard(), [
      'relayed from=client to=server bytes=7 complete=false',
      'ended from=client error=ECONNRESET',
    ]);
    server.take();
    server.ends();
    world.settle();
    assert.equal(server.output, 'bulk123');
    assert.deepEqual(world.finishings, [
      { fromClient: 7, toServer: 7, fromServer: 0, toClient: 0 },
    ]);
  });

  it('gives to the engine what comes after its target was disconnected', () => {
    const { world, server } = movingWorld({
      connected: [act.relay('client', 'server'), act.timer('drop', 5)],
      elapsed: [act.disconnect()],
    });
    world.client.says('123');
    world.settle();
    world.clock.advance(5);
    world.heard();
    world.client.says('456');
    world.settle();
    assert.deepEqual(world.heard(), ['received from=client "456"']);
    assert.equal(server.isClosed, true);
    world.pump.abort('accepted', 'enough');
    world.settle();
    assert.deepEqual(world.finishings, [
      { fromClient: 10, toServer: 7, fromServer: 0, toClient: 0 },
    ]);
  });

  it('that is replaced by another keeps what it took in', () => {
    const { world, server } = movingWorld({ received: [act.relay('client', 'server', 3)] });
    world.client.says('123');
    world.settle();
    server.says('?');
    world.settle();
    world.heard();
    world.client.says('456789');
    world.settle();
    server.take();
    world.settle();
    assert.deepEqual(world.heard(), [
      'relayed from=client to=server bytes=3 complete=true',
      'received from=client "789"',
    ]);
    assert.equal(server.output, 'bulk123456');
  });

  it('says that the client waits while its bytes find no room', () => {
    const { world, server } = movingWorld({
      connected: [act.relay('client', 'server'), act.timer('one', 5), act.timer('two', 6)],
    });
    world.client.says('123');
    world.settle();
    world.clock.advance(5);
    server.take();
    world.settle();
    world.clock.advance(1);
    const told = world.heard().map((line) => /elapsed timer=(.*) .*"clientWaits":(.*),/.exec(line));
    assert.deepEqual(
      told.map((words) => words?.slice(1)),
      [
        ['one', 'true'],
        ['two', 'false'],
      ],
    );
  });

  it('keeps idle timers from running out while its bytes go out', () => {
    const { world, server } = movingWorld({
      connected: [act.relay('client', 'server'), act.timer('idle', 5, 'idle')],
    });
    world.client.says('123');
    world.settle();
    for (let turn = 0; turn < 3; turn++) {
      world.clock.advance(4);
      server.take(1);
      world.settle();
    }
    assert.deepEqual(world.heard(), []);
    world.clock.advance(5);
    assert.deepEqual(world.heard(), [
      'elapsed timer=idle traffic={"fromClient":7,"toClient":0,"fromServer":0,"toServer":7,"clientWaits":false,"clientIsFull":false}',
    ]);
  });
});

describe('a port', () => {
  it('asks for a move only behind the last byte that waits', () => {
    const owner = {
      portReceived: () => undefined,
      portEnded: () => undefined,
      portDrained: () => undefined,
      portMoved: () => undefined,
      portClosed: () => undefined,
    };
    const [from, to] = [new FakeStream({ moves: true }), new FakeStream()];
    const port = new PumpPort('client', from, owner);
    const target = new PumpPort('server', to, owner);
    port.startRelay({ to: 'server', target, remaining: Infinity, bytes: 0 });
    port.keep(toBytes('waits'));
    port.moveRelay();
    assert.equal(port.relay?.move, undefined);
    port.takePending();
    port.moveRelay();
    assert.notEqual(port.relay?.move, undefined);
  });
});

/** What was read and is kept for later counts as traffic already; how much that is depends on how much a read brings. */
function withoutTraffic(event: string): string {
  return event.replace(/ traffic=.*/, '');
}

interface Told {
  readonly events: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * Asserts that the same was told. Where both sides have something at the same time, bytes or an end or a timer that runs
 * out, nobody says which comes first: then the runs part, since an engine may do another thing first, and are alike before.
 */
function assertAlike([one = NOTHING, other = NOTHING]: readonly Told[]): void {
  const parting = one.events.findIndex((event, index) => event !== other.events[index]);
  const [first, second] = [one, other].map(
    ({ events }) => OF_A_SIDE.exec(events[parting] ?? '')?.[1],
  );
  const isTie = first !== undefined && second !== undefined && first !== second;
  if (!isTie) assert.deepEqual(other, one);
}

const NOTHING: Told = { events: [], outputs: [] };
const OF_A_SIDE = /^(?:received from|relayed from|ended from|elapsed timer)=(\S+)/;

/** Ends what the copier waits for, and its holds, so that nothing is left on its way. */
function letGo(world: PumpWorld, copier: RandomCopier): void {
  for (let turn = 0; turn < LAST_TURNS || copier.waits.length > 0; turn++) {
    copier.waits.shift()?.resolve();
    world.settle();
    world.clock.advance(1);
  }
}

const LAST_TURNS = 150; // more than the holds of sixty choices can last, two and five milliseconds each

describe('an engine', () => {
  const numbers = fc.array(fc.nat(999), { maxLength: 60 });

  it('that copies cannot tell whether its bytes are moved', () => {
    const property = fc.property(numbers, numbers, (choices, steps) => {
      const told = [false, true].map((moves) => {
        const copier = new RandomCopier(choices);
        const world = new PumpWorld(copier.handle, { moves }).start();
        const server = world.connected();
        for (const number of steps) {
          const stream = number % 2 === 0 ? world.client : server;
          if (number % 7 === 0) world.clock.advance(1);
          else if (number % 11 === 0) copier.waits.shift()?.resolve();
          else if (number % 31 === 0) stream.ends();
          else stream.says('0123456789'.slice(0, 1 + (number % 10)));
          world.settle();
        }
        letGo(world, copier);
        const events = world.events.map(withoutTraffic);
        return { events, outputs: [world.client.output, server.output] };
      });
      assertAlike(told);
      assert.deepEqual(told[1]?.outputs, told[0]?.outputs);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('that asks for anything cannot tell either', () => {
    const property = fc.property(numbers, numbers, (choices, steps) => {
      const told = [false, true].map((moves) => {
        const engine = new ChanceEngine(choices);
        const world = new PumpWorld(engine.handle, { moves }).start();
        for (const number of steps) {
          engine.disturb(world, number);
          world.settle();
        }
        world.pump.abort('accepted', 'enough');
        world.settle();
        const outputs = world.streams.map((stream) => stream.output);
        return { events: world.events.map(withoutTraffic), outputs };
      });
      assertAlike(told);
    });
    fc.assert(property, { numRuns: 1000 });
  });
});
