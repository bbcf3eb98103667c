// The moves of one stream: one out of it, one into it, and what each side of its life does to them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeSplice, FakeSource } from '../../test/support/fake-splice.ts';
import { beginMove, StreamMoves } from './stream-moves.ts';
import type { MovableStream } from './stream-moves.ts';

/** A stream of the fake kernel, which is source 1 or target 2 there. */
class FakeMovable extends FakeSource implements MovableStream {
  override readonly socket: number;
  isOpen = true;
  mayBeWritten = true;
  isFlushed = true;
  readonly moves: StreamMoves = new StreamMoves(this);
  failure: string | undefined;
  sendings = 0;

  constructor(socket: number) {
    super();
    this.socket = socket;
  }

  override moveIsOver(end?: { readonly error?: string }): void {
    super.moveIsOver(end);
    this.moves.outIsOver();
  }

  sendQueued(): void {
    this.sendings++;
  }

  fail(code: string): void {
    this.failure = code;
    this.isOpen = false;
    this.moves.leave();
  }
}

function scene(): {
  readonly kernel: FakeSplice;
  readonly source: FakeMovable;
  readonly target: FakeMovable;
  readonly told: number[];
  readonly begin: (length?: number) => ReturnType<typeof beginMove>;
  readonly settle: () => void;
} {
  const kernel = new FakeSplice(() => Infinity);
  const [source, target] = [new FakeMovable(1), new FakeMovable(2)];
  const told: number[] = [];
  return {
    kernel,
    source,
    target,
    told,
    begin: (length = Infinity) =>
      beginMove(kernel, source, target, { length, moved: (bytes) => told.push(bytes) }),
    settle: () => {
      for (let task = kernel.tasks.shift(); task !== undefined; task = kernel.tasks.shift())
        task.run();
    },
  };
}

describe('the moves of a stream', () => {
  it('pass on what comes, and say what they were', () => {
    const { kernel, source, target, told, begin, settle } = scene();
    kernel.room = 100;
    assert.ok(begin());
    kernel.incoming.push([1, 2, 3]);
    source.isReadable = true;
    settle();
    assert.deepEqual([kernel.outgoing, told], [[1, 2, 3], [3]]);
    assert.equal(source.moves.isMovingOut, true);
    assert.equal(target.moves.isFree, false);
    assert.ok(target.sendings > 0);
  });

  it('wait for what was written, and for room', () => {
    const { kernel, source, target, told, begin, settle } = scene();
    begin();
    kernel.incoming.push([1, 2, 3]);
    source.isReadable = true;
    target.isFlushed = false;
    settle();
    assert.equal(kernel.taken, 0);
    target.isFlushed = true;
    target.moves.becameFlushed();
    settle();
    assert.equal(target.moves.hasBytes, true);
    kernel.room = 3;
    target.moves.becameWritable();
    assert.deepEqual([target.moves.hasBytes, told], [false, [3]]);
  });

  it('are refused where either side is at its end, for itself, and into a target that has one', () => {
    const { kernel, source, target, begin } = scene();
    const plan = { length: Infinity, moved: () => undefined };
    assert.equal(beginMove(kernel, source, source, plan), undefined);
    target.mayBeWritten = false;
    assert.equal(begin(), undefined);
    target.mayBeWritten = true;
    source.isOpen = false;
    assert.equal(begin(), undefined);
    source.isOpen = true;
    assert.ok(begin());
    assert.equal(beginMove(kernel, new FakeMovable(1), target, plan), undefined);
    source.moves.forget();
    assert.equal(source.moves.isMovingOut, false);
    assert.ok(beginMove(kernel, new FakeMovable(1), target, plan));
  });

  it('end with the stream that is closed: the other one is told', () => {
    const { kernel, source, target, told, begin, settle } = scene();
    begin();
    kernel.incoming.push([1, 2, 3]);
    source.isReadable = true;
    settle();
    kernel.isBroken = true;
    target.moves.becameWritable();
    settle();
    assert.equal(target.failure, 'EPIPE');
    assert.deepEqual([told, source.over, kernel.taken], [[3], 'go on', 0]);
  });

  it('tell all that was taken in when the target is ended', () => {
    const { kernel, source, target, told, begin, settle } = scene();
    begin();
    kernel.incoming.push([1, 2, 3]);
    source.isReadable = true;
    settle();
    target.moves.end();
    settle();
    assert.deepEqual([told, source.over, target.moves.hasBytes], [[3], 'go on', true]);
    kernel.room = 3;
    target.moves.becameWritable();
    assert.deepEqual([kernel.outgoing, target.moves.isFree], [[1, 2, 3], true]);
  });
});
