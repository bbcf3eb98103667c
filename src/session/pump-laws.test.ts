// The laws of the pump, for any engine, any chunks and any peers: order is kept, nothing is lost or invented, memory is
// bounded, every run ends, and nothing is left.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FakeStream } from '../../test/support/fake-stream.ts';
import { ChanceEngine } from '../../test/support/chance-engine.ts';
import { PumpWorld } from '../../test/support/pump-world.ts';
import { RandomCopier } from '../../test/support/random-copier.ts';
import type { Ownership } from './stream.ts';

const MAX_CHUNK = 12;
const HIGH_WATER_MARK = 8;
const numbers = fc.array(fc.nat(999), { maxLength: 60 });
const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: MAX_CHUNK }), { maxLength: 12 });
const ownership = fc.constantFrom<Ownership>('lent', 'given', 'left');
const moves = fc.boolean(); // whether the streams can move bytes, which must make no difference

interface Run {
  readonly world: PumpWorld;
  readonly server: FakeStream;
  readonly copier: RandomCopier;
}

function begin(choices: readonly number[], how: How): Run {
  const copier = new RandomCopier(choices);
  const options = { isEager: false, highWaterMark: HIGH_WATER_MARK, ...how };
  const world = new PumpWorld(copier.handle, options).start();
  return { world, copier, server: world.connected() };
}

interface How {
  readonly ownership: Ownership;
  readonly moves: boolean;
}

/** One thing of all that could happen next. */
function step({ world, server, copier }: Run, number: number): void {
  const amount = 1 + (number >> 3);
  switch (number % 8) {
    case 0:
    case 1:
      return void world.client.step();
    case 2:
    case 3:
      return void server.step();
    case 4:
      return void world.client.take(amount);
    case 5:
      return void server.take(amount);
    case 6:
      return world.clock.advance(1);
    default:
      copier.waits.shift()?.resolve();
  }
}

/** Lets everything happen that can, without haste: the session must end by it. */
function finish(run: Run): void {
  for (let turn = 0; turn < 3000 && run.world.finishings.length === 0; turn++)
    step(run, turn % 8 === 4 ? 804 : turn % 8 === 5 ? 805 : turn);
  run.world.settle();
}

/** Lets all time pass: a wait that begins only now takes its own first, then what lingers does. */
function runOut(world: PumpWorld): void {
  for (let rounds = 0; rounds < 3; rounds++) {
    world.settle();
    world.clock.advance(60_000);
  }
  world.settle();
}

describe('the pump', () => {
  it('keeps order, loses and invents nothing, and ends', () => {
    const property = fc.property(
      fc.record({
        fromClient: chunks,
        fromServer: chunks,
        choices: numbers,
        steps: numbers,
        how: fc.record({ ownership, moves }),
      }),
      ({ fromClient, fromServer, choices, steps, how }) => {
        const run = begin(choices, how);
        const { world, server } = run;
        for (const chunk of fromClient) world.client.says(chunk);
        for (const chunk of fromServer) server.says(chunk);
        world.client.ends();
        server.ends();
        const [asked, answered] = [Buffer.concat(fromClient), Buffer.concat(fromServer)];
        for (const number of steps) {
          step(run, number);
          boundIsKept(world.client, server, asked.length);
          boundIsKept(server, world.client, answered.length);
        }
        finish(run);
        assert.deepEqual(world.leftovers(), []);
        assert.equal(server.output, asked.toString('latin1'));
        assert.equal(world.client.output, answered.toString('latin1'));
        assert.deepEqual(world.finishings, [
          {
            fromClient: asked.length,
            toServer: asked.length,
            fromServer: answered.length,
            toClient: answered.length,
          },
        ]);
        assert.deepEqual([...world.client.holds, ...server.holds], []);
        assert.deepEqual(world.closings, ['accepted done']);
      },
    );
    fc.assert(property, { numRuns: 1000 });
  });

  it('ends and leaves nothing, whatever breaks', () => {
    const disaster = fc.constantFrom('client', 'server', 'abort', 'silence');
    const property = fc.property(
      fc.record({
        fromClient: chunks,
        fromServer: chunks,
        choices: numbers,
        steps: numbers,
        disaster,
        moves,
      }),
      ({ fromClient, fromServer, choices, steps, disaster: what, moves: doMove }) => {
        const run = begin(choices, { ownership: 'lent', moves: doMove });
        const { world, server } = run;
        for (const chunk of fromClient) world.client.says(chunk);
        for (const chunk of fromServer) server.says(chunk);
        for (const number of steps) step(run, number);
        if (what === 'client') world.client.breaks();
        else if (what === 'server') server.breaks();
        else if (what === 'abort') world.pump.abort('aborted-by-policy-action', 'reload');
        else world.client.ends();
        for (const number of steps) step(run, number);
        if (what === 'silence') world.pump.abort('aborted-by-policy-action', 'reload');
        for (const wait of run.copier.waits) wait.resolve();
        runOut(world);
        assert.deepEqual(world.leftovers(), []);
        const asked = Buffer.concat(fromClient).toString('latin1');
        const answered = Buffer.concat(fromServer).toString('latin1');
        assert.ok(asked.startsWith(server.output));
        assert.ok(answered.startsWith(world.client.output));
      },
    );
    fc.assert(property, { numRuns: 1000 });
  });

  it('survives every action at every event, in any order', () => {
    const property = fc.property(numbers, numbers, moves, (choices, steps, doMove) => {
      const engine = new ChanceEngine(choices);
      const options = { isEager: false, highWaterMark: HIGH_WATER_MARK, moves: doMove };
      const world = new PumpWorld(engine.handle, options).start();
      for (const number of steps) engine.disturb(world, number);
      world.pump.abort('accepted', 'enough');
      world.settle();
      world.clock.advance(60_000);
      // A stream that came after the end is destroyed unheard.
      assert.ok(world.streams.every(({ isClosed, calls }) => isClosed || calls.length > 0));
      assert.deepEqual([world.closings.length, world.finishings.length], [1, 1]);
      assert.equal(world.clock.armed, 0);
      assert.deepEqual(
        world.logged.filter((line) => line.startsWith('error')),
        [],
      );
    });
    fc.assert(property, { numRuns: 2000 });
  });
});

/** At most one chunk more than the mark waits in the stream, and one chunk in the pump. */
function boundIsKept(from: FakeStream, to: FakeStream, total: number): void {
  assert.ok(to.queuedBytes <= HIGH_WATER_MARK + MAX_CHUNK, `${to.queuedBytes} bytes wait`);
  const inPump = total - from.unheardBytes - to.output.length - to.queuedBytes;
  assert.ok(inPump >= 0 && inPump <= MAX_CHUNK, `${inPump} bytes are in the pump`);
}
