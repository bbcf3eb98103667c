// The one suite that every Stream passes, whatever carries its bytes: what the pump relies on.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Ownership } from '../../src/session/stream.ts';
import { defineDestruction, defineHalfClose, defineReentrancy } from './stream-endings.ts';
import { StreamRecorder, turns } from './stream-recorder.ts';
import {
  CHUNK_BYTES,
  ENOUGH_TURNS,
  fill,
  holdsAtRandom,
  MEBIBYTE,
  randomBytes,
  sendAll,
  split,
} from './stream-scenario.ts';
import type { Check, MakePair, Scenario } from './stream-scenario.ts';

/** Registers the suite with node:test. `makePair` is called for every scenario, and for every run of a property. */
export function streamConformance(name: string, makePair: MakePair): void {
  describe(`${name} as a Stream`, () => {
    const check = (what: string, scenario: Scenario): void => {
      it(what, () => play(makePair, scenario));
      it(`${what}, the other way round`, () =>
        play(makePair, (a, b, pair) => scenario(b, a, pair)));
    };
    describe('order and completeness', () => defineOrder(check, makePair));
    describe('holding', () => defineHolding(check));
    describe('back-pressure', () => defineBackPressure(check));
    describe('half-close', () => defineHalfClose(check));
    describe('destruction', () => defineDestruction(check));
    describe('re-entrancy', () => defineReentrancy(check));
    describe('another listener', () => defineUnlisten(check));
    describe('rest', () => defineRest(check));
  });
}

/** Plays one scenario on a new pair, ends both streams, and fails if a recorder saw a broken promise. */
async function play(makePair: MakePair, scenario: Scenario): Promise<void> {
  const pair = await makePair();
  const a = new StreamRecorder('a', pair.a);
  const b = new StreamRecorder('b', pair.b);
  try {
    await scenario(a, b, pair);
  } finally {
    for (const one of [a, b]) {
      if (!one.isListening) one.listen();
      one.destroy();
    }
    await Promise.all([a.untilClosed(), b.untilClosed()]);
    await pair.dispose?.();
  }
  await turns(2); // for what comes after the end
  assert.deepEqual([...a.faults, ...b.faults], []);
}

/** Only some streams can change their listener. */
function defineUnlisten(check: Check): void {
  check('hears nothing between two listeners, and everything after', async (a, b) => {
    a.listen();
    b.listen();
    a.write(Buffer.from('one'), 'given');
    await b.untilReceived(3);
    if (b.unlisten() !== true) return;
    a.write(Buffer.from('two'), 'given');
    await turns(ENOUGH_TURNS);
    assert.equal(b.bytes().toString(), 'one');
    b.listen();
    await b.untilReceived(6);
    assert.equal(b.bytes().toString(), 'onetwo');
    b.write(Buffer.from('three'), 'given');
    await a.untilReceived(5);
  });

  check('keeps its listener while it is held or has ended', async (a, b) => {
    a.listen();
    b.listen();
    b.hold('thinking');
    assert.notEqual(b.unlisten(), true);
    b.release('thinking');
    a.end();
    await b.until('ended', () => b.hasEnded);
    assert.notEqual(b.unlisten(), true);
    b.end();
    await Promise.all([a.untilClosed(), b.untilClosed()]);
    assert.notEqual(b.unlisten(), true);
  });

  check('changes its listener from within a call of it', async (a, b) => {
    const first = Promise.withResolvers<boolean | undefined>();
    a.listen();
    b.listen({ received: () => first.resolve(b.unlisten()) });
    a.write(Buffer.from('one'), 'given');
    if ((await first.promise) !== true) return;
    b.listen();
    a.write(Buffer.from('two'), 'given');
    await b.untilReceived(6);
    a.end();
    await b.until('ended', () => b.hasEnded);
  });
}

/** Only some streams can rest. */
function defineRest(check: Check): void {
  /** Lets a stream rest as soon as it is quiet, if it can. */
  const put = async (one: StreamRecorder): Promise<boolean> => {
    for (let left = ENOUGH_TURNS; left > 0 && one.isListening; left--) {
      if (one.rest(() => one.wake())) return true;
      await turns(1);
    }
    return false;
  };

  check('wakes for bytes, in order and all of them, again and again', async (a, b) => {
    a.listen();
    b.listen();
    let received = 0;
    for (const word of ['one', 'two', 'three']) {
      a.write(Buffer.from(word), 'given');
      await b.untilReceived((received += word.length));
      if (!(await put(b))) return;
    }
    b.wake();
    b.write(Buffer.from('four'), 'given');
    await a.untilReceived(4);
    assert.equal(b.bytes().toString(), 'onetwothree');
  });

  check('wakes for an end', async (a, b) => {
    a.listen();
    b.listen();
    if (!(await put(b))) return;
    a.end();
    await b.until('ended', () => b.hasEnded);
    b.end();
    await Promise.all([a.untilClosed(), b.untilClosed()]);
  });

  check('wakes for a loss', async (a, b) => {
    a.listen();
    b.listen();
    if (!(await put(b))) return;
    a.destroy('reset');
    await b.untilClosed();
  });

  check('does not rest while it is held, or at its end', async (a, b) => {
    a.listen();
    b.listen();
    b.hold('thinking');
    assert.equal(
      b.rest(() => b.wake()),
      false,
    );
    b.release('thinking');
    a.end();
    await b.until('ended', () => b.hasEnded);
    assert.equal(
      b.rest(() => b.wake()),
      false,
    );
  });

  check('is there for whoever wakes it by himself, also after something came', async (a, b) => {
    a.listen();
    b.listen();
    if (!(await put(b))) return;
    a.write(Buffer.from('one'), 'given');
    b.wake();
    await b.untilReceived(3);
    b.end();
    await a.until('ended', () => a.hasEnded);
  });
}

function defineOrder(check: Check, makePair: MakePair): void {
  const ownership = fc.constantFrom<Ownership>('given', 'lent', 'left');
  const chunks = fc.array(fc.tuple(fc.uint8Array({ maxLength: 3000 }), ownership), {
    maxLength: 20,
  });

  it('keeps every byte of any chunking, both ways at once', async () => {
    const property = fc.asyncProperty(chunks, chunks, (fromA, fromB) =>
      play(makePair, async (a, b) => {
        a.listen();
        b.listen();
        const sentByA = Buffer.concat(fromA.map(([bytes]) => bytes));
        const sentByB = Buffer.concat(fromB.map(([bytes]) => bytes));
        for (const [bytes, owned] of fromA) a.write(Uint8Array.from(bytes), owned);
        for (const [bytes, owned] of fromB) b.write(Uint8Array.from(bytes), owned);
        a.end();
        b.end();
        await Promise.all([a.untilClosed(), b.untilClosed()]);
        assert.deepEqual(b.bytes(), sentByA);
        assert.deepEqual(a.bytes(), sentByB);
      }),
    );
    await fc.assert(property, { numRuns: 25 });
  });

  check('copies what was lent, also when it has to wait', async (a, b) => {
    a.listen();
    const sent = randomBytes(4 * MEBIBYTE);
    for (const chunk of split(sent)) a.write(Uint8Array.from(chunk), 'lent'); // the recorder scribbles over it at once
    b.listen();
    await b.untilReceived(sent.length);
    assert.ok(b.bytes().equals(sent));
  });

  check('moves a mebibyte each way through random holds', async (a, b) => {
    const sent = randomBytes(MEBIBYTE);
    a.listen({ received: holdsAtRandom(a, 1) });
    b.listen({ received: holdsAtRandom(b, 2) });
    await Promise.all([sendAll(a, sent), sendAll(b, sent)]);
    await Promise.all([a.untilReceived(sent.length), b.untilReceived(sent.length)]);
    assert.ok(a.bytes().equals(sent));
    assert.ok(b.bytes().equals(sent));
  });

  check('passes over a write of nothing', async (a, b) => {
    a.listen();
    b.listen();
    assert.equal(a.write(new Uint8Array(), 'given'), true);
    a.write(Buffer.from('x'), 'given');
    await b.untilReceived(1);
    assert.equal(b.chunkCount, 1);
  });
}

function defineHolding(check: Check): void {
  check('says nothing before there is a listener', async (a, b) => {
    a.listen();
    a.write(Buffer.from('early'), 'given');
    a.end();
    await turns(ENOUGH_TURNS);
    b.listen();
    await b.until('ended', () => b.hasEnded);
    assert.equal(b.bytes().toString(), 'early');
  });

  check('is read only when the last of several reasons is gone', async (a, b) => {
    a.listen();
    b.listen();
    for (const reason of ['one', 'two', 'two']) b.hold(reason);
    a.write(Buffer.from('waiting'), 'given');
    for (const reason of ['one', 'one', 'never held']) {
      b.release(reason);
      await turns(ENOUGH_TURNS);
    }
    b.release('two');
    await b.untilReceived(7);
  });

  check('says nothing of the end while it is held', async (a, b) => {
    a.listen();
    b.listen({ received: () => b.hold('thinking') });
    a.write(Buffer.from('last words'), 'given');
    a.end();
    await b.untilReceived(10);
    await turns(ENOUGH_TURNS);
    b.release('thinking');
    await b.until('ended', () => b.hasEnded);
  });

  check('takes a release that is followed by a hold in the same turn for nothing', async (a, b) => {
    a.listen();
    b.listen();
    b.hold('busy');
    a.write(Buffer.from('patience'), 'given');
    a.end();
    await turns(ENOUGH_TURNS);
    b.release('busy');
    b.hold('busy again');
    await turns(ENOUGH_TURNS);
    b.release('busy again');
    await b.until('ended', () => b.hasEnded);
  });

  check('lets nothing overtake what waits for a release', async (a, b) => {
    a.listen();
    b.listen();
    b.hold('busy');
    a.write(Buffer.from('one '), 'given');
    b.release('busy');
    a.write(Buffer.from('two'), 'given');
    await b.untilReceived(7);
    assert.equal(b.bytes().toString(), 'one two');
  });

  check('gives up a piece at a time to a listener that holds at each', async (a, b) => {
    const sent = randomBytes(200_000);
    a.listen();
    b.listen({
      received: () => {
        b.hold('one at a time');
        setImmediate(() => b.release('one at a time'));
      },
    });
    for (const chunk of split(sent)) a.write(chunk, 'given');
    a.end();
    await b.until('ended', () => b.hasEnded);
    assert.ok(b.bytes().equals(sent));
  });
}

function defineBackPressure(check: Check): void {
  check('says stop, and drained exactly once', async (a, b, pair) => {
    a.listen();
    b.listen();
    b.hold('slow');
    const written = await fill(a, pair.maxInFlight);
    assert.equal(a.write(Buffer.alloc(CHUNK_BYTES), 'given'), false);
    assert.equal(a.drainedCount, 0);
    b.release('slow');
    await b.untilReceived(written + CHUNK_BYTES);
    await a.until('drained', () => a.drainedCount > 0);
    await turns(ENOUGH_TURNS);
    assert.equal(a.drainedCount, 1);
    assert.equal(a.write(Buffer.from('room'), 'given'), true);
  });

  check('keeps memory bounded for a reader that is slow', async (a, b, pair) => {
    a.listen();
    b.listen();
    b.hold('slow');
    const written = await fill(a, pair.maxInFlight);
    b.release('slow');
    await b.untilReceived(written);
  });

  check('says drained also when the end was asked for meanwhile', async (a, b, pair) => {
    a.listen();
    b.listen();
    b.hold('slow');
    const written = await fill(a, pair.maxInFlight);
    a.end();
    b.release('slow');
    await b.until('ended', () => b.hasEnded);
    await a.until('drained', () => a.drainedCount === 1);
    assert.equal(b.bytes().length, written);
  });
}
