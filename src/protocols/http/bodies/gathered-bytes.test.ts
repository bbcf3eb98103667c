import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { GatheredBytes } from './gathered-bytes.ts';

interface Piece {
  readonly kind: 'pass' | 'drop' | 'write' | 'add';
  readonly length: number;
}

describe('gathered bytes', () => {
  it('leave as one slice where nothing is changed', () => {
    const bytes = Buffer.from('..5\r\nhello\r\n');
    const { emitted, gathered } = gather(bytes, 2);
    gathered.write(Buffer.from('5\r\n'), 2, 5);
    gathered.pass(5, 10);
    gathered.write(Buffer.from('\r\n'), 10, 12);
    gathered.flush();
    assert.deepEqual(emitted, [bytes.subarray(2)]);
    assert.equal(emitted[0]?.buffer, bytes.buffer, 'it was copied');
  });

  it('leave in one buffer where small pieces are changed', () => {
    const bytes = Buffer.from('05\r\nhello\r\n1;e\r\nx\r\n');
    const { emitted, gathered } = gather(bytes, 0);
    gathered.write(Buffer.from('5\r\n'), 0, 4);
    gathered.pass(4, 11);
    gathered.write(Buffer.from('1\r\n'), 11, 16);
    gathered.pass(16, 19);
    gathered.flush();
    assert.deepEqual(emitted.map(String), ['5\r\nhello\r\n1\r\nx\r\n']);
  });

  it('are not copied where they are long', () => {
    const bytes = Buffer.alloc(10_000, 'x');
    const { emitted, gathered } = gather(bytes, 0);
    gathered.write(Buffer.from('a'), 0, 2);
    gathered.pass(2, 9_000);
    gathered.write(Buffer.from('b'), 9_000, 10_000);
    gathered.flush();
    assert.deepEqual(emitted.map(String), ['a', 'x'.repeat(8_998), 'b']);
    assert.equal(emitted[1]?.buffer, bytes.buffer, 'it was copied');
  });

  it('may be longer than what came by the rest of a piece that began before', () => {
    const { emitted, gathered } = gather(Buffer.from('\n'), 0);
    gathered.write(Buffer.from('fffffffffffff\r\n'), 0, 1);
    gathered.flush();
    assert.deepEqual(emitted.map(String), ['fffffffffffff\r\n']);
  });

  it('are what was said, in any order of any pieces', () => {
    const kind = fc.constantFrom('pass', 'drop', 'write', 'add');
    const pieces = fc.array(fc.record({ kind, length: fc.nat(6_000) }), { maxLength: 12 });
    fc.assert(fc.property(pieces, fc.nat(3), check));
  });
});

/** Plays pieces one behind the other, which take the place of bytes of at least their length. */
function check(pieces: readonly Piece[], from: number): void {
  const total = pieces.reduce((sum, { length }) => sum + length, from);
  const bytes = Buffer.from(Array.from({ length: total }, (_, index) => index % 251));
  const { emitted, gathered } = gather(bytes, from);
  const expected: Buffer[] = [];
  let at = from;
  for (const { kind, length } of pieces) {
    const made = Buffer.alloc(kind === 'add' ? length : Math.min(length, 20), '#');
    if (kind === 'pass') gathered.pass(at, at + length);
    if (kind === 'write') gathered.write(made, at, at + length);
    if (kind === 'add') gathered.add(made);
    if (kind === 'pass') expected.push(bytes.subarray(at, at + length));
    else if (kind !== 'drop') expected.push(Buffer.from(made));
    if (kind === 'write') made.fill('!'); // it may be changed afterwards
    at += length;
  }
  gathered.flush();
  assert.ok(Buffer.concat(emitted).equals(Buffer.concat(expected)));
}

function gather(bytes: Buffer, from: number): { emitted: Uint8Array[]; gathered: GatheredBytes } {
  const emitted: Uint8Array[] = [];
  return { emitted, gathered: new GatheredBytes(bytes, from, (some) => emitted.push(some)) };
}
