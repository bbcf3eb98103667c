import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { watchedBytes } from './watched-bytes.ts';

describe('watchedBytes()', () => {
  it('are what they are copied from, and so are views of them', () => {
    const bytes = watchedBytes(Buffer.from('hello'));
    assert.equal(bytes.length, 5);
    assert.equal(Buffer.from(bytes.subarray(1, 3)).toString(), 'el');
    assert.equal(Buffer.concat([bytes, bytes]).toString(), 'hellohello');
  });

  it('let a loop that reads them come to its end', () => {
    const bytes = watchedBytes(Buffer.alloc(100_000, 1));
    let sum = 0;
    for (let at = 0; at < bytes.length; at += 2) sum += bytes[at] ?? 0;
    assert.equal(sum, 50_000);
  });

  it('throw in a loop that takes nothing, also one over a view', () => {
    const bytes = watchedBytes(Buffer.alloc(100));
    for (const some of [bytes, bytes.subarray(50)])
      assert.throws(() => {
        for (const at = 0; at < some.length;);
      }, /round in circles/);
  });
});
