import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { headBytes } from './frame.ts';
import type { FrameHead } from './frame.ts';
import { FrameReader } from './frame-reader.ts';

function read(side: 'client' | 'server', hex: string): FrameHead | undefined {
  return new FrameReader(side).read(Buffer.from(hex, 'hex'), 0);
}

describe('FrameReader', () => {
  it('reads what headBytes writes, byte by byte', () => {
    const heads = fc.record({
      isFinal: fc.boolean(),
      opcode: fc.constantFrom(0, 1, 2, 8, 9, 10, 3, 15),
      length: fc.oneof(fc.nat(300), fc.nat(70_000), fc.maxSafeNat()),
      key: fc.integer({ min: 0, max: 0xffffffff }),
    });
    fc.assert(
      fc.property(heads, fc.constantFrom('client', 'server'), (given, side) => {
        const head = { ...given, key: side === 'client' ? given.key : undefined };
        const reader = new FrameReader(side);
        const bytes = headBytes(head);
        for (const [at] of bytes.subarray(1).entries())
          assert.equal(reader.read(bytes.subarray(at, at + 1), 0), undefined);
        assert.ok(reader.isInside);
        assert.deepEqual(reader.read(bytes.subarray(bytes.length - 1), 0), head);
        assert.equal(reader.next, 1);
        assert.ok(!reader.isInside);
      }),
    );
  });

  it('says where the payload begins', () => {
    const reader = new FrameReader('server');
    assert.deepEqual(reader.read(Buffer.from('ffff810548656c6c6f', 'hex'), 2), {
      isFinal: true,
      opcode: 1,
      length: 5,
      key: undefined,
    });
    assert.equal(reader.next, 4);
  });

  const refused = [
    ['server', 'c100', 'reserved-bits'],
    ['server', 'a100', 'reserved-bits'],
    ['server', '9100', 'reserved-bits'],
    ['client', '8100', 'unmasked-frame'],
    ['server', '818000000000', 'masked-frame'],
    ['server', '827e007d', 'bad-length'],
    ['server', '827f000000000000ffff', 'bad-length'],
    ['server', '827f8000000000000001', 'bad-length'],
    ['server', '827f0020000000000000', 'bad-length'],
  ] as const;
  for (const [side, hex, rule] of refused)
    it(`refuses ${hex} of a ${side}: ${rule}`, () => {
      assert.throws(() => read(side, hex), { code: `websocket.${rule}`, side });
    });
});
