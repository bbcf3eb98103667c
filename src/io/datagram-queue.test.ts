import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DatagramQueue } from './datagram-queue.ts';

describe('a queue of datagrams', () => {
  it('gives copies, first in first out, empty ones too', () => {
    const queue = new DatagramQueue();
    assert.equal(queue.isEmpty, true);
    const bytes = Buffer.from('one');
    assert.ok(queue.add(bytes));
    bytes.fill(0);
    assert.ok(queue.add(new Uint8Array(0)));
    assert.equal(String(queue.first), 'one');
    assert.equal(String(queue.shift()), 'one');
    assert.equal(queue.shift()?.length, 0);
    assert.equal(queue.shift(), undefined);
  });

  it('has room for 256 datagrams, and for 256 KiB', () => {
    const queue = new DatagramQueue();
    for (let count = 0; count < 256; count++) assert.ok(queue.add(new Uint8Array(0)));
    assert.equal(queue.add(new Uint8Array(0)), false);
    queue.clear();
    for (let count = 0; count < 4; count++) assert.ok(queue.add(new Uint8Array(65_536)));
    assert.equal(queue.add(new Uint8Array(1)), false);
    assert.ok(queue.add(new Uint8Array(0)));
    queue.shift();
    assert.ok(queue.add(new Uint8Array(65_536)));
    assert.equal(queue.add(new Uint8Array(1)), false);
  });
});
