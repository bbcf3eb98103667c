// Bytes come out of the queue as they went in, and its memory goes back.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { needsDriver, testLibc } from '../../test/support/driver-needs.ts';
import { randomBytes } from '../../test/support/stream-scenario.ts';
import { CHUNK_BYTES, ChunkPool, WriteQueue } from './write-queue.ts';

describe('the queue of a stream', needsDriver(), () => {
  const pool = new ChunkPool(testLibc());
  pool.giveBack(pool.take());

  it('keeps bytes in order, whatever is taken at once', () => {
    const source = randomBytes(4 * CHUNK_BYTES);
    const sizes = fc.array(fc.tuple(fc.nat(100_000), fc.nat(100_000)), { maxLength: 12 });
    fc.assert(
      fc.property(sizes, (steps) => {
        const queue = new WriteQueue(pool);
        const free = pool.freeCount;
        let expected = Buffer.alloc(0);
        for (const [toPush, toTake] of steps) {
          const bytes = source.subarray(toTake, toTake + toPush);
          queue.push(bytes);
          expected = Buffer.concat([expected, bytes]);
          const count = Math.min(toTake, queue.pieceLength);
          assert.ok(expected.subarray(0, count).equals(queue.piece.subarray(0, count)));
          if (count > 0) queue.shift(count);
          expected = expected.subarray(count);
          assert.equal(queue.byteLength, expected.length);
        }
        queue.clear();
        assert.ok(pool.freeCount >= free);
      }),
      { numRuns: 50 },
    );
  });

  it('gives the pages of a crowd of queues back to the system when they are over', () => {
    const crowd = Array.from({ length: 1_000 }, () => new WriteQueue(pool));
    const bytes = randomBytes(CHUNK_BYTES);
    const before = process.memoryUsage.rss();
    for (const queue of crowd) queue.push(bytes);
    const most = process.memoryUsage.rss() - before;
    assert.ok(most > 900 * CHUNK_BYTES, `${most} bytes for all of them`);
    for (const queue of crowd) queue.clear();
    const kept = process.memoryUsage.rss() - before;
    assert.ok(kept < 200 * CHUNK_BYTES, `${kept} bytes when they are over`);
    for (const queue of crowd) queue.push(bytes);
    assert.ok(crowd.every(({ piece }) => bytes.equals(piece)));
    for (const queue of crowd) queue.clear();
  });

  it('gives everything up as copies', () => {
    const queue = new WriteQueue(pool);
    const source = randomBytes(2 * CHUNK_BYTES + 100);
    queue.push(source);
    assert.ok(Buffer.concat(queue.takeAll()).equals(source));
    assert.deepEqual(queue.takeAll(), []);
    assert.equal(queue.byteLength, 0);
  });

  it('has no memory when it is empty', () => {
    const free = pool.freeCount;
    const queue = new WriteQueue(pool);
    assert.equal(queue.piece.length, 0);
    queue.push(new Uint8Array(CHUNK_BYTES + 1));
    assert.equal(pool.freeCount, free - 2);
    const { address } = queue;
    queue.shift(10);
    assert.equal(queue.address, address + 10);
    queue.shift(queue.pieceLength);
    queue.shift(1);
    assert.equal(queue.pieceLength, 0);
    assert.equal(pool.freeCount, free);
  });
});
