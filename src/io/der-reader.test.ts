import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DER_TAGS, DerReader, derTime } from './der-reader.ts';

function reader(hex: string): DerReader {
  return new DerReader(Buffer.from(hex, 'hex'));
}

function time(tag: number, text: string): number {
  return derTime({ tag, bytes: Buffer.alloc(0), content: Buffer.from(text) });
}

describe('DerReader', () => {
  it('goes through elements, and into sequences', () => {
    const outer = reader('3006020101020102' + '0500');
    const inner = outer.sequence();
    assert.equal(inner.next(DER_TAGS.integer).content.toString('hex'), '01');
    assert.equal(inner.optional(DER_TAGS.boolean), undefined);
    assert.equal(
      inner.optional(DER_TAGS.boolean, DER_TAGS.integer)?.bytes.toString('hex'),
      '020102',
    );
    assert.deepEqual(
      [inner.hasMore, inner.nextTag, outer.hasMore, outer.nextTag],
      [false, undefined, true, 5],
    );
  });

  it('reads lengths of several octets', () => {
    assert.equal(reader(`0481c8${'00'.repeat(200)}`).next().content.length, 200);
    assert.equal(reader(`04820100${'00'.repeat(256)}`).next().content.length, 256);
  });

  it('refuses what is cut short, endless, or something else', () => {
    for (const hex of ['', '30', '3003', '300302', '0480', '048501000000', '04820101'])
      assert.throws(() => reader(hex).next(), /DER/, hex);
    assert.throws(() => reader('0500').next(DER_TAGS.integer), /tag 5 instead of 2/);
  });

  it('ends with an error or within the bytes, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const all = new DerReader(Buffer.from(bytes));
        let count = 0;
        try {
          while (all.hasMore) count += all.next().bytes.length;
          assert.equal(count, bytes.length);
        } catch (error) {
          assert.match(String(error), /DER/);
        }
      }),
    );
  });
});

describe('derTime()', () => {
  it('reads both forms', () => {
    assert.equal(time(DER_TAGS.utcTime, '250102030405Z'), Date.UTC(2025, 0, 2, 3, 4, 5));
    assert.equal(time(DER_TAGS.utcTime, '500102030405Z'), Date.UTC(1950, 0, 2, 3, 4, 5));
    assert.equal(time(DER_TAGS.generalizedTime, '20500102030405Z'), Date.UTC(2050, 0, 2, 3, 4, 5));
  });

  it('refuses what is no time', () => {
    for (const text of ['', '2501020304Z', '251302030405Z', '250102030405+0100'])
      assert.throws(() => time(DER_TAGS.utcTime, text), /no.*time|time that is none/, text);
  });
});
