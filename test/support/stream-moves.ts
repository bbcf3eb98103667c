// The chapter of the stream conformance suite for streams that can move bytes inside the kernel: what comes out at the
// far end, what is told of it, and how a move ends.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linkPair } from '../../src/io/link-stream.ts';
import { StreamRecorder, turns } from './stream-recorder.ts';
import {
  ENOUGH_TURNS,
  fill,
  holdsAtRandom,
  MEBIBYTE,
  randomBytes,
  sendAll,
} from './stream-scenario.ts';
import type { MakePair } from './stream-scenario.ts';

/** What the sender writes comes in at the source; what goes into the target comes out at the receiver. */
interface Line {
  readonly sender: StreamRecorder;
  readonly source: StreamRecorder;
  readonly target: StreamRecorder;
  readonly receiver: StreamRecorder;
  /** Most bytes that may be under way on either side, kernel included. */
  readonly maxInFlight: number;
}

type LineCheck = (what: string, scenario: (line: Line) => Promise<void>) => void;

/** Registers the chapter with node:test. Streams of two pairs must be able to move bytes to one another. */
export function streamMoves(name: string, makePair: MakePair): void {
  describe(`${name} that moves bytes to another`, () => {
    const check: LineCheck = (what, scenario) => {
      it(what, () => play(makePair, scenario));
    };
    describe('inside the kernel', () => defineMoving(check));
    describe('to its end', () => defineEnds(check));
    describe('until one of the two is lost', () => defineLosses(check));
    describe('where it is possible', () => defineRefusals(check));
  });
}

async function play(makePair: MakePair, scenario: (line: Line) => Promise<void>): Promise<void> {
  const [one, other] = [await makePair(), await makePair()];
  const line = {
    sender: new StreamRecorder('sender', one.a),
    source: new StreamRecorder('source', one.b),
    target: new StreamRecorder('target', other.a),
    receiver: new StreamRecorder('receiver', other.b),
    maxInFlight: one.maxInFlight,
  };
  const all = [line.sender, line.source, line.target, line.receiver];
  try {
    await scenario(line);
  } finally {
    for (const each of all) {
      if (!each.isListening) each.listen();
      each.destroy();
    }
    await Promise.all(all.map((each) => each.untilClosed()));
    await Promise.all([one.dispose?.(), other.dispose?.()]);
  }
  await turns(2);
  assert.deepEqual(
    all.flatMap(({ faults }) => faults),
    [],
  );
}

function listenAll({ sender, source, target, receiver }: Line): void {
  for (const one of [sender, source, target, receiver]) one.listen();
}

function defineMoving(check: LineCheck): void {
  check('loses and changes nothing, and tells how much it was', async (line) => {
    const { sender, source, target, receiver } = line;
    const sent = randomBytes(8 * MEBIBYTE);
    listenAll(line);
    assert.ok(source.moveTo(target));
    await sendAll(sender, sent);
    await receiver.untilReceived(sent.length);
    assert.ok(receiver.bytes().equals(sent));
    await source.until('told', () => source.movedCount === sent.length);
    assert.equal(source.chunkCount, 0);
  });

  check('goes both ways at once, through random holds', async (line) => {
    const { sender, source, target, receiver } = line;
    const sent = randomBytes(MEBIBYTE);
    sender.listen({ received: holdsAtRandom(sender, 1) });
    receiver.listen({ received: holdsAtRandom(receiver, 2) });
    source.listen({ moved: holdsAtRandom(source, 3) });
    target.listen({ moved: holdsAtRandom(target, 4) });
    assert.ok(source.moveTo(target));
    assert.ok(target.moveTo(source));
    await Promise.all([sendAll(sender, sent), sendAll(receiver, sent)]);
    await Promise.all([receiver.untilReceived(sent.length), sender.untilReceived(sent.length)]);
    assert.ok(receiver.bytes().equals(sent));
    assert.ok(sender.bytes().equals(sent));
  });

  check('takes what had come before it began', async (line) => {
    const { sender, source, target, receiver } = line;
    source.hold('not yet');
    listenAll(line);
    sender.write(Buffer.from('early'), 'given');
    await turns(ENOUGH_TURNS);
    assert.ok(source.moveTo(target));
    await turns(ENOUGH_TURNS);
    assert.equal(source.movedCount, 0);
    source.release('not yet');
    await receiver.untilReceived(5);
    assert.equal(receiver.bytes().toString(), 'early');
  });

  check('takes in nothing while it is held', async (line) => {
    const { sender, source, target, receiver } = line;
    listenAll(line);
    assert.ok(source.moveTo(target));
    source.hold('busy');
    sender.write(Buffer.from('patience'), 'given');
    sender.end();
    await turns(ENOUGH_TURNS);
    assert.deepEqual([source.movedCount, receiver.bytes().length], [0, 0]);
    source.release('busy');
    await receiver.untilReceived(8);
    await source.until('ended', () => source.hasEnded);
    assert.equal(source.movedCount, 8);
  });

  check(
    'stops the sender when the receiver takes nothing, and loses nothing by it',
    async (line) => {
      const { sender, source, target, receiver, maxInFlight } = line;
      listenAll(line);
      receiver.hold('slow');
      assert.ok(source.moveTo(target));
      const written = await fill(sender, 2 * maxInFlight + MEBIBYTE);
      receiver.release('slow');
      await receiver.untilReceived(written);
      await source.until('told', () => source.movedCount === written);
    },
  );

  check('goes behind what was written before, and before what is written after', async (line) => {
    const { sender, source, target, receiver } = line;
    listenAll(line);
    const before = randomBytes(2 * MEBIBYTE);
    receiver.hold('slow');
    await sendAll(target, before.subarray(0, 60_000));
    target.write(before.subarray(60_000), 'given');
    assert.ok(source.moveTo(target, 6));
    sender.write(Buffer.from('middle'), 'given');
    await turns(ENOUGH_TURNS);
    receiver.release('slow');
    await source.until('told', () => source.movedCount === 6);
    target.write(Buffer.from('after'), 'given');
    const total = before.length + 11;
    await receiver.untilReceived(total);
    assert.ok(receiver.bytes().equals(Buffer.concat([before, Buffer.from('middleafter')])));
  });
}

function defineEnds(check: LineCheck): void {
  check('takes exactly its length, and the rest is received', async (line) => {
    const { sender, source, target, receiver } = line;
    const sent = randomBytes(MEBIBYTE);
    const length = 700_001;
    listenAll(line);
    assert.ok(source.moveTo(target, length));
    await sendAll(sender, sent);
    await source.untilReceived(sent.length - length);
    assert.equal(source.movedCount, length);
    assert.ok(source.bytes().equals(sent.subarray(length)));
    await receiver.untilReceived(length);
    assert.ok(receiver.bytes().equals(sent.subarray(0, length)));
  });

  check('follows one length after another', async (line) => {
    const { sender, source, target, receiver } = line;
    const sent = randomBytes(MEBIBYTE);
    const lengths = [1, 100_000, 2, 300_000, sent.length - 400_003];
    let due = 0;
    const next = (): void => {
      if (source.movedCount < due) return;
      const length = lengths.shift();
      if (length === undefined) return;
      due += length;
      setImmediate(() => assert.ok(source.moveTo(target, length)));
      source.hold('next');
      setImmediate(() => source.release('next'));
    };
    source.listen({ moved: next });
    for (const one of [sender, target, receiver]) one.listen();
    source.hold('begin');
    next();
    setImmediate(() => source.release('begin'));
    await sendAll(sender, sent);
    await receiver.untilReceived(sent.length);
    assert.ok(receiver.bytes().equals(sent));
    assert.equal(source.chunkCount, 0);
  });

  check(
    'says the end after the last byte, with bytes still flowing the other way',
    async (line) => {
      const { sender, source, target, receiver } = line;
      const sent = randomBytes(3 * MEBIBYTE);
      let toldAtEnd = 0;
      source.listen({
        ended: () => {
          toldAtEnd = source.movedCount;
          target.end();
        },
      });
      for (const one of [sender, target, receiver]) one.listen();
      assert.ok(source.moveTo(target));
      assert.ok(target.moveTo(source));
      await sendAll(sender, sent);
      sender.end();
      await receiver.until('ended', () => receiver.hasEnded);
      assert.ok(receiver.bytes().equals(sent));
      assert.equal(toldAtEnd, sent.length);
      await sendAll(receiver, sent);
      await sender.untilReceived(sent.length);
      assert.ok(sender.bytes().equals(sent));
      assert.deepEqual([source.isClosed, target.isClosed], [false, false]);
    },
  );

  check(
    'leaves what it took in to the target when it is stopped, and is read again',
    async (line) => {
      const { sender, source, target, receiver, maxInFlight } = line;
      listenAll(line);
      receiver.hold('slow');
      const move = source.moveTo(target);
      const written = await fill(sender, 2 * maxInFlight + MEBIBYTE);
      const rest = move?.stop() ?? 0;
      assert.ok(rest > 0, 'nothing was under way');
      assert.equal(move?.stop(), 0);
      target.write(Buffer.from('behind it'), 'given');
      receiver.release('slow');
      await source.untilReceived(written - source.movedCount);
      await receiver.untilReceived(source.movedCount + 9);
      assert.equal(receiver.bytes().subarray(source.movedCount).toString(), 'behind it');
    },
  );

  check('ends its target after what it took in, and is read again', async (line) => {
    const { sender, source, target, receiver, maxInFlight } = line;
    listenAll(line);
    receiver.hold('slow');
    assert.ok(source.moveTo(target));
    const written = await fill(sender, 2 * maxInFlight + MEBIBYTE);
    target.end();
    receiver.release('slow');
    await receiver.until('ended', () => receiver.hasEnded);
    assert.equal(receiver.bytes().length, source.movedCount);
    await source.untilReceived(written - source.movedCount);
  });
}

function defineLosses(check: LineCheck): void {
  check(
    'drops what was under way when its target is destroyed, and is read again',
    async (line) => {
      const { sender, source, target, receiver, maxInFlight } = line;
      listenAll(line);
      receiver.hold('slow');
      assert.ok(source.moveTo(target));
      const written = await fill(sender, 2 * maxInFlight + MEBIBYTE);
      target.destroy();
      await source.untilReceived(1);
      await source.untilReceived(written - source.movedCount);
      receiver.release('slow');
      await receiver.untilClosed();
    },
  );

  check('is read again when its target is reset by its peer', async (line) => {
    const { sender, source, target, receiver } = line;
    listenAll(line);
    assert.ok(source.moveTo(target));
    sender.write(Buffer.from('first'), 'given');
    await receiver.untilReceived(5);
    receiver.destroy('reset');
    await target.untilClosed();
    sender.write(Buffer.from('second'), 'given');
    await source.untilReceived(6);
    assert.equal(source.bytes().toString(), 'second');
    assert.equal(source.movedCount, 5);
  });

  check('tells of all that it took in before the loss of its source', async (line) => {
    const { sender, source, target, receiver } = line;
    let toldAtClose = -1;
    source.listen({ closed: () => (toldAtClose = source.movedCount) });
    for (const one of [sender, target, receiver]) one.listen();
    assert.ok(source.moveTo(target));
    sender.write(Buffer.from('last words'), 'given');
    await receiver.untilReceived(10);
    sender.destroy('reset');
    await source.untilClosed();
    assert.deepEqual(source.events, ['closed ECONNRESET']);
    assert.equal(toldAtClose, 10);
    target.write(Buffer.from('!'), 'given');
    await receiver.untilReceived(11);
  });

  check('learns of a reset though the receiver takes nothing', async (line) => {
    const { sender, source, target, receiver, maxInFlight } = line;
    listenAll(line);
    receiver.hold('slow');
    assert.ok(source.moveTo(target));
    await fill(sender, 2 * maxInFlight + MEBIBYTE);
    sender.destroy('reset');
    await source.untilClosed();
    assert.deepEqual(source.events, ['closed ECONNRESET']);
    receiver.release('slow');
    await receiver.untilReceived(source.movedCount);
  });

  for (const how of [undefined, 'reset'] as const)
    check(`ends with a ${how ?? 'destroy'} of its source, and the target goes on`, async (line) => {
      const { sender, source, target, receiver, maxInFlight } = line;
      listenAll(line);
      receiver.hold('slow');
      assert.ok(source.moveTo(target));
      await fill(sender, 2 * maxInFlight + MEBIBYTE);
      source.destroy(how);
      await source.untilClosed();
      target.write(Buffer.from('still here'), 'given');
      receiver.release('slow');
      target.end();
      await receiver.until('ended', () => receiver.hasEnded);
      assert.equal(receiver.bytes().subarray(-10).toString(), 'still here');
    });
}

function defineRefusals(check: LineCheck): void {
  check('refuses what is no stream of its kind, and itself', async (line) => {
    listenAll(line);
    const [foreign] = linkPair(1000);
    assert.equal(line.source.moveTo(foreign), undefined);
    assert.equal(line.source.moveTo(line.source), undefined);
    foreign.destroy();
    await turns(1);
  });

  check('refuses a target that is ended, or gone', async (line) => {
    const { source, target, sender } = line;
    listenAll(line);
    target.end();
    assert.equal(source.moveTo(target), undefined);
    target.destroy();
    await target.untilClosed();
    assert.equal(source.moveTo(target), undefined);
    sender.write(Buffer.from('received'), 'given');
    await source.untilReceived(8);
  });

  check('refuses a target into which another moves', async (line) => {
    const { sender, source, target, receiver } = line;
    listenAll(line);
    assert.ok(sender.moveTo(target));
    assert.equal(source.moveTo(target), undefined);
    receiver.write(Buffer.from('x'), 'given');
    await target.untilReceived(1);
  });
}
