import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { frameBytes, TEXT } from './frame.ts';
import { MessageBuffer } from './message-buffer.ts';

describe('MessageBuffer', () => {
  it('collects pieces, without their masks', () => {
    const buffer = new MessageBuffer();
    const masked = frameBytes(TEXT, Buffer.from('Hello, '), 0x37fa213d).subarray(6);
    buffer.add(masked.subarray(0, 3), 0x37fa213d, 0);
    buffer.add(masked.subarray(3), 0x37fa213d, 3);
    buffer.add(Buffer.from('world'), undefined, 0);
    assert.equal(Buffer.from(buffer.content).toString(), 'Hello, world');
  });

  it('grows with what comes, and copies it', () => {
    const buffer = new MessageBuffer();
    const piece = Buffer.alloc(1_000, 'a');
    for (let count = 0; count < 10; count++) buffer.add(piece, undefined, 0);
    piece.fill('b');
    assert.equal(Buffer.from(buffer.content).toString(), 'a'.repeat(10_000));
  });
});
