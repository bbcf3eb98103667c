// A move understands what splice(2) says, never stalls, and tells of every byte once.
import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FakeSource, FakeSplice, FakeTarget } from '../../test/support/fake-splice.ts';
import { PipeMove } from './pipe-move.ts';

/** A move between fake sockets; numbers say how much each call of the kernel brings. */
class Scene {
  readonly kernel: FakeSplice;
  readonly source = new FakeSource();
  readonly target = new FakeTarget();
  readonly move: PipeMove;
  readonly sent: number[] = [];
  moved = 0;
  /** What to do when the move tells of bytes. */
  react: () => void = () => undefined;
  #next = 0;

  constructor(length = Infinity, limits: readonly number[] = [Infinity]) {
    let turn = 0;
    this.kernel = new FakeSplice(() => limits[turn++ % limits.length] ?? Infinity);
    this.move = new PipeMove(this.kernel, this.source, this.target, {
      length,
      moved: (bytes) => {
        this.moved += bytes;
        this.react();
      },
    });
  }

  /** Segments come in: an edge. */
  comes(...lengths: number[]): void {
    for (const length of lengths) {
      const segment = Array.from({ length }, () => this.#next++ % 251);
      this.sent.push(...segment);
      this.kernel.incoming.push(segment);
    }
    this.edge();
  }

  edge(): void {
    this.source.isReadable = true;
    this.move.run();
  }

  /** The target's peer takes bytes: an edge, where the buffer was full. */
  takes(length: number): void {
    this.kernel.room += length;
    if (this.target.isWritable) return;
    this.target.isWritable = true;
    this.move.run();
  }

  settle(): void {
    for (let task = this.kernel.tasks.shift(); task !== undefined; task = this.kernel.tasks.shift())
      task.run();
  }
}

describe('a move', () => {
  it('takes no end for that of the source when the target is lost in the moment before', () => {
    const scene = new Scene();
    Object.defineProperty(scene.target, 'hasWrittenBytes', {
      get: () => {
        scene.move.dropTarget(); // what was gathered is sent, and the kernel says EPIPE
        return false;
      },
    });
    scene.comes(3);
    scene.settle();
    assert.equal(scene.source.over, 'go on');
    assert.equal(scene.kernel.taken, 0);
  });

  it('passes bytes on, gives its pipe back, and waits for the next edge', () => {
    const scene = new Scene();
    scene.kernel.room = 100;
    scene.comes(3, 4);
    assert.deepEqual(scene.kernel.outgoing, scene.sent);
    assert.deepEqual([scene.moved, scene.kernel.taken, scene.source.isReadable], [7, 0, false]);
    assert.equal(scene.source.over, undefined);
    assert.ok(scene.target.emptied > 0);
  });

  it('does not take a full pipe for an empty socket', () => {
    const scene = new Scene();
    scene.comes(1, 1, 1, 1, 1, 1); // more segments than the pipe has slots, and the target takes nothing yet
    assert.deepEqual([scene.moved, scene.kernel.taken, scene.source.isReadable], [0, 1, true]);
    scene.takes(100);
    assert.deepEqual(scene.kernel.outgoing, scene.sent);
    assert.deepEqual([scene.moved, scene.kernel.taken, scene.source.isReadable], [6, 0, false]);
  });

  it('takes exactly its length, and is over when that has gone out', () => {
    const scene = new Scene(5);
    scene.kernel.room = 4;
    scene.comes(9);
    assert.deepEqual([scene.moved, scene.source.over], [4, undefined]);
    scene.takes(1);
    assert.deepEqual([scene.moved, scene.source.over], [5, 'go on']);
    assert.equal(scene.kernel.incoming.flat().length, 4);
    assert.equal(scene.move.isDone, true);
  });

  it('tells of the end after the last byte has gone out', () => {
    const scene = new Scene();
    scene.kernel.hasEnded = true;
    scene.comes(3);
    assert.deepEqual([scene.moved, scene.source.over], [0, undefined]);
    scene.takes(3);
    assert.deepEqual([scene.moved, scene.source.over], [3, {}]);
  });

  it('leaves what it took in to the target when its source is reset', () => {
    const scene = new Scene();
    scene.comes(3);
    scene.kernel.resetBy = constants.errno.ECONNRESET;
    scene.takes(1);
    assert.deepEqual([scene.moved, scene.source.over], [3, { error: 'ECONNRESET' }]);
    assert.equal(scene.move.hasBytes, true);
    scene.takes(3);
    assert.deepEqual(scene.kernel.outgoing, scene.sent);
    assert.deepEqual([scene.moved, scene.move.isDone, scene.kernel.taken], [3, true, 0]);
  });

  it('learns from an event that its source is lost, though nothing can be taken in', () => {
    const scene = new Scene();
    scene.comes(16);
    scene.source.isHeld = true;
    scene.move.loseSource();
    assert.equal(scene.moved, 0);
    scene.settle();
    assert.deepEqual([scene.moved, scene.source.over], [16, {}]);
  });

  it('tells the target that it is lost, and its source that the rest went with it', () => {
    const scene = new Scene();
    scene.comes(3);
    scene.kernel.isBroken = true;
    scene.target.writeFailed = function (code): void {
      this.failure = code;
      scene.move.dropTarget();
    };
    scene.takes(1);
    scene.settle();
    assert.equal(scene.target.failure, 'EPIPE');
    assert.deepEqual([scene.moved, scene.source.over, scene.kernel.taken], [3, 'go on', 0]);
  });

  it('takes nothing in while it is held, or while written bytes wait', () => {
    const scene = new Scene();
    scene.kernel.room = 100;
    scene.source.isHeld = true;
    scene.comes(3);
    scene.source.isHeld = false;
    scene.target.written.push(1);
    scene.move.run();
    assert.deepEqual([scene.moved, scene.kernel.taken], [0, 0]);
    scene.target.written.pop();
    scene.move.run();
    assert.equal(scene.moved, 3);
  });

  it('is over, for its source to be read again, where there is no pipe', () => {
    const scene = new Scene();
    scene.kernel.hasPipes = false;
    scene.comes(3);
    assert.deepEqual([scene.moved, scene.source.over], [0, 'go on']);
    assert.equal(scene.source.isReadable, true);
  });

  it('that is stopped says what it had not told, and lets it go out', () => {
    const scene = new Scene();
    scene.comes(3);
    assert.equal(scene.move.stop(), 3);
    assert.equal(scene.move.stop(), 0);
    assert.deepEqual([scene.move.isDone, scene.move.hasBytes], [false, true]);
    scene.comes(4);
    scene.takes(100);
    assert.deepEqual(scene.kernel.outgoing, scene.sent.slice(0, 3));
    assert.deepEqual([scene.moved, scene.source.over, scene.move.isDone], [0, 'go on', true]);
  });

  it('may be stopped from within what it tells', () => {
    const scene = new Scene();
    let rest = 0;
    scene.react = () => (rest += scene.move.stop());
    scene.kernel.room = 2;
    scene.comes(5);
    assert.deepEqual([scene.moved, rest], [2, 3]);
    scene.takes(100);
    assert.deepEqual(scene.kernel.outgoing, scene.sent);
    assert.equal(scene.moved, 2);
  });

  it('lets others have their turn', () => {
    const scene = new Scene();
    let calls = 0;
    const libc = {
      errno: () => 0,
      splice: () => {
        calls++;
        return 1_048_576;
      },
    };
    const { pipes, driver, tasks } = scene.kernel;
    const room = { libc, pipes, driver };
    scene.source.isReadable = true;
    const options = { length: Infinity, moved: () => 0 };
    const move = new PipeMove(room, scene.source, scene.target, options);
    move.run();
    assert.ok(calls > 0 && calls <= 6, `${calls} calls`);
    const before = calls;
    move.run(); // more has come
    assert.equal(calls, before, 'it did not wait for its turn');
    assert.equal(tasks.length, 1);
    tasks.shift()?.run();
    assert.ok(calls > before);
  });

  it('never stalls, loses or doubles a byte, whatever the kernel gives', () => {
    const property = fc.property(
      fc.array(fc.nat(999), { maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 }),
      fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 60 })),
      (steps, limits, length) => {
        const scene = new Scene(length, limits);
        for (const step of steps) disturb(scene, step);
        scene.source.isHeld = false;
        scene.move.soon();
        scene.settle();
        for (let turn = 0; turn < 100; turn++) {
          scene.takes(1000);
          scene.settle();
        }
        const due = Math.min(scene.sent.length, length);
        assert.deepEqual(scene.kernel.outgoing, scene.sent.slice(0, due));
        assert.equal(scene.moved, due);
        assert.equal(scene.kernel.taken, 0);
        assert.equal(scene.move.hasBytes, false);
        if (due === length) assert.equal(scene.source.over, 'go on');
        else assert.equal(scene.source.isReadable, false);
      },
    );
    fc.assert(property, { numRuns: 2000 });
  });

  it('tells of everything that it took in, however it is over', () => {
    const ways = fc.constantFrom('stop', 'cut', 'drop', 'lose', 'end', 'no pipe');
    const property = fc.property(
      fc.array(fc.nat(999), { maxLength: 30 }),
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 }),
      ways,
      (steps, limits, way) => {
        const scene = new Scene(Infinity, limits);
        for (const step of steps) disturb(scene, step);
        endBy(scene, way);
        for (let turn = 0; turn < 100; turn++) {
          scene.settle();
          scene.takes(1000);
        }
        const takenIn = scene.sent.length - scene.kernel.incoming.flat().length;
        assert.equal(scene.moved, takenIn);
        assert.equal(scene.kernel.taken, 0);
        assert.equal(scene.move.isDone, true);
        const went = scene.kernel.outgoing.length;
        assert.deepEqual(scene.kernel.outgoing, scene.sent.slice(0, went));
        if (way !== 'drop') assert.equal(went, takenIn);
      },
    );
    fc.assert(property, { numRuns: 2000 });
  });
});

function disturb(scene: Scene, step: number): void {
  const amount = 1 + ((step >> 3) % 12);
  switch (step % 8) {
    case 0:
    case 1:
      return scene.comes(amount);
    case 2:
      return scene.comes(1, 1, amount, 1, 1, 1);
    case 3:
    case 4:
      return scene.takes(amount);
    case 5:
      scene.source.isHeld = !scene.source.isHeld;
      return scene.move.soon();
    case 6:
      return scene.settle();
    default:
      if (scene.target.written.pop() === undefined && !scene.move.hasBytes)
        scene.target.written.push(1);
      scene.target.written.length = 0;
      return scene.move.soon();
  }
}

function endBy(scene: Scene, way: 'stop' | 'cut' | 'drop' | 'lose' | 'end' | 'no pipe'): void {
  scene.source.isHeld = false;
  switch (way) {
    case 'stop':
      scene.moved += scene.move.stop();
      return;
    case 'cut':
      return scene.move.cut();
    case 'drop':
      return scene.move.dropTarget();
    case 'lose':
      return scene.move.loseSource();
    case 'end':
      scene.kernel.hasEnded = true;
      return scene.edge();
    default:
      scene.kernel.hasPipes = false;
      scene.comes(1);
      for (let turn = 0; turn < 100 && scene.source.over === undefined; turn++) {
        scene.takes(100);
        scene.settle();
        scene.comes(1);
      }
  }
}
