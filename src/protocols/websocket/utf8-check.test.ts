import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { mask } from './frame.ts';
import { Utf8Check } from './utf8-check.ts';

/** Whether the pieces are one text in UTF-8. */
function check(bytes: Uint8Array, cut: number, key: number): boolean {
  const masked = Uint8Array.from(bytes);
  mask(masked, key, 0);
  const one = new Utf8Check();
  const pieces = [masked.subarray(0, cut), masked.subarray(cut)] as const;
  const good = one.take(pieces[0], key, 0);
  return (
    good === pieces[0].length && one.take(pieces[1], key, good) === pieces[1].length && one.isWhole
  );
}

const edges = [
  ...['', '\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff', '\u{10000}\u{10ffff}'].map((text) =>
    Buffer.from(text, 'utf8').toString('hex'),
  ),
  ...['80', 'c0af', 'c1bf', 'c2', 'e08080', 'e09fbf', 'e0a0', 'eda080', 'edbfbf', 'ef'],
  ...[
    'f0808080',
    'f08fbfbf',
    'f48fbfbf',
    'f4908080',
    'f5808080',
    'ff',
    'c2c2',
    'e28228',
    'f0288cbc',
  ],
];

describe('Utf8Check', () => {
  it('says where the first bad byte is', () => {
    assert.equal(new Utf8Check().take(Buffer.from('ab\xffc', 'latin1'), 0, 0), 2);
    assert.equal(new Utf8Check().take(Buffer.from('a\xe2(', 'latin1'), 0, 0), 2);
  });

  it('says the same as the platform, for the edges of every sequence', () => {
    for (const hex of edges) {
      const bytes = Buffer.from(hex, 'hex');
      for (let cut = 0; cut <= bytes.length; cut++)
        assert.equal(check(bytes, cut, 0x01020304), isUtf8(bytes), `${hex} at ${cut}`);
    }
  });

  it('says the same as the platform, for any bytes', () => {
    const high = fc.array(fc.integer({ min: 0x70, max: 0xff }), { maxLength: 6 });
    const texts = fc
      .array(
        fc.oneof(fc.integer({ max: 0xd7ff, min: 0 }), fc.integer({ min: 0xe000, max: 0x10ffff })),
      )
      .map((codes) => Buffer.from(String.fromCodePoint(...codes)));
    fc.assert(
      fc.property(
        fc.oneof(
          high.map((bytes) => Buffer.from(bytes)),
          texts,
        ),
        fc.nat(6),
        fc.nat(),
        (bytes, cut, key) => {
          assert.equal(check(bytes, cut, key), isUtf8(bytes));
        },
      ),
      { numRuns: 500 },
    );
  });
});
