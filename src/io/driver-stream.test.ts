// Streams of the driver are Streams, and what is particular to them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { streamPair, testShare } from '../../test/support/driver-pair.ts';
import { streamMoves } from '../../test/support/stream-moves.ts';
import { streamConformance } from '../../test/support/stream-conformance.ts';
import { StreamRecorder, turns } from '../../test/support/stream-recorder.ts';
import type { DriverStream } from './driver-stream.ts';
import { FIRST_TURN_BYTES } from './read-turn.ts';

/** As if each byte were a chunk: a turn of 4 KiB takes 0.4 ms. */
const MS_PER_BYTE = 0.0001;

describe('driver streams', needsDriver(), () => {
  const share = testShare();

  /** Both ends of a connection, and what each of them sees. */
  function recorders(): { readonly recorder: StreamRecorder; readonly peer: StreamRecorder } {
    const [near, far] = streamPair(share);
    const made = {
      recorder: new StreamRecorder('near', near),
      peer: new StreamRecorder('far', far),
    };
    made.recorder.listen();
    made.peer.listen();
    return made;
  }

  /** An end of a connection whose peer has said 'answer' and reset it, both of which it has not seen yet. */
  function answeredAndReset(): { readonly near: DriverStream; readonly recorder: StreamRecorder } {
    const [near, far] = streamPair(share);
    const recorder = new StreamRecorder('near', near);
    recorder.listen();
    far.write(Buffer.from('answer'));
    assert.ok(far.isFlushed);
    far.destroy('reset');
    return { near, recorder };
  }

  streamConformance('a connection of the driver', () => {
    const [a, b] = streamPair(share);
    return Promise.resolve({ a, b, maxInFlight: 32 * 1_048_576 });
  });

  streamMoves('a connection of the driver', () => {
    const [a, b] = streamPair(share);
    return Promise.resolve({ a, b, maxInFlight: 32 * 1_048_576 });
  });

  it('give back everything that they had', () => {
    assert.equal(share.pipes.openCount, share.pipes.idleCount);
    assert.equal(share.driver.count, 0);
  });

  it('keep their listener when something has come that no event has told of', async () => {
    const [near, far] = streamPair(share);
    const recorder = new StreamRecorder('near', near);
    recorder.listen();
    await turns(3);
    far.write(Buffer.from('unasked'));
    assert.ok(far.isFlushed);
    assert.equal(recorder.unlisten(), false);
    await recorder.untilReceived(7);
    assert.equal(recorder.unlisten(), true);
    recorder.listen();
    far.destroy('reset');
    assert.equal(recorder.unlisten(), false);
    await recorder.untilClosed();
    assert.deepEqual(recorder.events, ['closed ECONNRESET']);
    assert.deepEqual(recorder.faults, []);
  });

  it('leave what no event has told of to the next listener, where that one wants it', async () => {
    const [near, far] = streamPair(share);
    const recorder = new StreamRecorder('near', near);
    recorder.listen();
    await turns(3);
    far.write(Buffer.from('for the next'));
    assert.ok(far.isFlushed);
    assert.equal(recorder.unlisten('left'), true);
    recorder.listen();
    await recorder.untilReceived(12);
    assert.deepEqual(recorder.faults, []);
    near.destroy();
    far.destroy();
  });

  it('say of the bytes of a full read that there may be more, and of those that an end came with', async () => {
    const [near, far] = streamPair(share);
    const recorder = new StreamRecorder('near', near);
    const seen: unknown[] = [];
    recorder.listen({ received: (bytes) => seen.push([bytes.length, near.behind]) });
    far.write(Buffer.alloc(FIRST_TURN_BYTES));
    await recorder.untilReceived(FIRST_TURN_BYTES);
    far.write(Buffer.from('short'));
    await recorder.untilReceived(FIRST_TURN_BYTES + 5);
    far.write(Buffer.from('last'));
    far.end();
    await recorder.until('the end', () => recorder.hasEnded);
    assert.deepEqual(seen, [
      [FIRST_TURN_BYTES, 'more'],
      [5, undefined],
      [4, 'more'],
    ]);
    far.destroy('reset');
    await recorder.untilClosed();
  });

  it('name the error that ended it, also when it was held', async () => {
    const [near, far] = streamPair(share);
    const recorder = new StreamRecorder('near', near);
    recorder.listen();
    recorder.hold('busy');
    far.destroy('reset');
    await recorder.untilClosed();
    assert.deepEqual(recorder.events, ['closed ECONNRESET']);
  });

  it('that come with much wait for those that come with little, and read less where it is much work', async () => {
    const [near, far] = streamPair(share);
    const little = new StreamRecorder('little', far);
    little.listen();
    const turns: number[] = [];
    const working = Array.from({ length: 8 }, () => {
      const [from, to] = streamPair(share);
      to.listen({
        received(bytes) {
          for (
            const end = performance.now() + bytes.length * MS_PER_BYTE;
            performance.now() < end;
          );
          turns.push(bytes.length);
          if (turns.length === 100) near.write(Buffer.from('x'));
        },
        ended: () => undefined,
        drained: () => undefined,
        closed: () => undefined,
      });
      const peer = new StreamRecorder('peer', from);
      peer.listen();
      peer.write(Buffer.alloc(1_048_576), 'given');
      return { peer, to };
    });
    await little.untilReceived(1);
    assert.ok(turns.length < 100 + 2 * working.length, `only after ${turns.length} turns`);
    assert.equal(turns.at(-1), 4096);
    for (const { peer, to } of working) {
      to.destroy();
      await peer.untilClosed();
    }
    little.destroy();
    near.destroy();
  });

  it('are gone at once when the peer resets the connection after its end', async () => {
    const { recorder, peer } = recorders();
    peer.end();
    await recorder.until('its end', () => recorder.hasEnded);
    peer.destroy('reset');
    await recorder.untilClosed();
    assert.deepEqual(recorder.events, ['ended', 'closed EPIPE']); // as Linux names it then
  });

  it('are gone also when the reset comes right behind the end', async () => {
    const { recorder, peer } = recorders();
    peer.end();
    peer.destroy('reset');
    await recorder.untilClosed();
    assert.deepEqual(recorder.events, ['ended', 'closed EPIPE']);
  });

  it('hand on what had come when a write fails, as the answer to an upload that the peer does not read', async () => {
    for (const how of ['small', 'direct'] as const) {
      const { near, recorder } = answeredAndReset();
      near.write(Buffer.alloc(how === 'small' ? 10 : 100_000));
      near.write(Buffer.alloc(100_000));
      await recorder.untilClosed();
      assert.equal(String(recorder.bytes()), 'answer');
      assert.match(String(recorder.events), /closed E/);
      assert.ok(!recorder.hasEnded);
    }
  });

  it('hand it on behind what was moved out before', async () => {
    const [near, far] = streamPair(share);
    const [target, sink] = streamPair(share);
    const recorder = new StreamRecorder('near', near);
    const heard = new StreamRecorder('sink', sink);
    recorder.listen();
    heard.listen();
    let moved = 0;
    near.moveTo(target, Infinity, (bytes) => {
      moved += bytes;
    });
    far.write(Buffer.from('first '));
    assert.ok(far.isFlushed);
    await heard.untilReceived(6);
    far.write(Buffer.from('answer'));
    assert.ok(far.isFlushed);
    far.destroy('reset');
    near.write(Buffer.alloc(100_000));
    await recorder.untilClosed();
    const all = [String(heard.bytes()), moved, String(recorder.bytes())];
    assert.deepEqual(all, ['first ', 6, 'answer']);
    target.destroy();
    heard.destroy();
    await heard.untilClosed();
  });

  it('hand on nothing of that after destroy, and while they are held', async () => {
    for (const then of ['destroy', 'hold'] as const) {
      const { near, recorder } = answeredAndReset();
      near.write(Buffer.alloc(100_000));
      if (then === 'destroy') recorder.destroy();
      else recorder.hold('busy');
      await recorder.untilClosed();
      assert.equal(String(recorder.bytes()), '');
    }
  });

  it('that are lost while they write have written nothing to whoever gets their descriptor', async () => {
    const [near, far] = streamPair(share);
    const [other, peer] = streamPair(share);
    const recorder = new StreamRecorder('near', near);
    recorder.listen();
    far.destroy('reset');
    near.write(Buffer.from('first'));
    other.write(Buffer.from('between'));
    near.write(Buffer.from('second')); // sends the first, which fails
    const [next, nextPeer] = streamPair(share);
    assert.equal(next.socket, near.socket);
    const heard = new StreamRecorder('next', nextPeer);
    heard.listen();
    await recorder.untilClosed();
    next.end();
    await heard.until('its end', () => heard.hasEnded);
    assert.deepEqual([String(heard.bytes()), recorder.events], ['', ['closed ECONNRESET']]);
    for (const stream of [other, peer, next, nextPeer]) stream.destroy();
  });
});
