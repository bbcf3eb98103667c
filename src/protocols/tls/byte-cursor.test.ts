import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteCursor, Malformed } from './byte-cursor.ts';

function cursor(hex: string): ByteCursor {
  return new ByteCursor(Buffer.from(hex, 'hex'), 'a thing');
}

describe('ByteCursor', () => {
  it('reads numbers, high byte first', () => {
    const one = cursor('01020304050607');
    assert.deepEqual([one.number(1), one.number(2), one.number(3)], [1, 0x0203, 0x040506]);
    assert.equal(one.isAtEnd, false);
    assert.deepEqual([...one.take(1)], [7]);
    assert.equal(one.isAtEnd, true);
    one.end();
  });

  it('reads vectors and what is in them', () => {
    const one = cursor('04000a1301ff');
    assert.deepEqual(one.vector(1, 2, 'a list').pairs(), [0x000a, 0x1301]);
    assert.throws(() => one.end(), { name: 'Malformed', message: 'a thing has bytes too many' });
    assert.deepEqual([...cursor('0002abcd').vector(2, 0, 'it').take(2)], [0xab, 0xcd]);
  });

  it('never reads beyond its end', () => {
    assert.throws(() => cursor('01').number(2), { message: 'a thing ends too early' });
    assert.throws(() => cursor('0301').vector(1, 0, 'a list'), Malformed);
    assert.throws(() => cursor('0100').vector(1, 2, 'a list'), { message: 'a list is too short' });
    assert.throws(() => cursor('0301020300').vector(1, 0, 'a list').pairs(), {
      message: 'a list ends too early',
    });
  });
});
