import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkValue, DerReader, identifierOf, NotDer, timeOf } from './der-reader.ts';
import { encode, encodeIdentifier, encodeTime, TAG } from './der-writer.ts';

function readerOf(hex: string): DerReader {
  return new DerReader(Buffer.from(hex, 'hex'));
}

describe('DerReader', () => {
  it('reads values one behind the other', () => {
    const reader = readerOf('0201053003040161');
    assert.deepEqual(Buffer.from(reader.take(TAG.integer).contents), Buffer.of(5));
    assert.equal(reader.takeIf(TAG.integer), undefined);
    const sequence = reader.take(TAG.sequence);
    assert.equal(Buffer.from(sequence.encoded).toString('hex'), '3003040161');
    reader.end();
  });

  it('refuses what is not DER', () => {
    for (const bad of [
      '',
      '04',
      '0405',
      '048005',
      '3080',
      '04810161',
      '0484000000',
      '1f8101',
      '0482007f',
    ])
      assert.throws(() => readerOf(bad).next(), NotDer, bad);
    assert.throws(() => readerOf('020105').take(TAG.sequence), NotDer);
    assert.throws(() => readerOf('020105').end(), NotDer);
  });

  it('reads what was written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const reader = new DerReader(encode(TAG.octetString, bytes));
        assert.deepEqual(Buffer.from(reader.take(TAG.octetString).contents), Buffer.from(bytes));
        reader.end();
      }),
    );
    const time = fc.date({
      min: new Date('0001-01-01'),
      max: new Date('9999-12-31'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(time, (date) => {
        const at = Math.floor(date.getTime() / 1000) * 1000;
        assert.equal(timeOf(new DerReader(encodeTime(at)).next()), at);
      }),
    );
  });

  it('never does anything with any bytes but to read or refuse them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const reader = new DerReader(bytes);
        let taken = 0;
        try {
          while (!reader.isAtEnd) taken += reader.next().encoded.length;
          assert.equal(taken, bytes.length);
        } catch (error) {
          assert.ok(error instanceof NotDer);
        }
      }),
    );
  });
});

describe('checkValue()', () => {
  it('takes one value that is whole, down to the last one inside of it', () => {
    for (const good of ['0500', '3000', '300430020500', '0402ff30'])
      checkValue(Buffer.from(good, 'hex'));
    for (const bad of ['', '05', '05000500', '30020401', '3003300205', 'a0020000ff'])
      assert.throws(() => checkValue(Buffer.from(bad, 'hex')), NotDer, bad);
    const nested = (depth: number): Uint8Array =>
      depth === 0 ? Buffer.of(5, 0) : encode(TAG.sequence, nested(depth - 1));
    checkValue(nested(16));
    assert.throws(() => checkValue(nested(17)), /too deep/);
  });
});

describe('identifierOf()', () => {
  it('reads what was written', () => {
    for (const text of [
      '2.5.29.17',
      '1.2.840.10045.4.3.2',
      '0.9.2342.19200300.100.1.25',
      '2.999.1',
      '2.25.340282366920938463463374607431768211455',
    ]) {
      const { contents } = new DerReader(encodeIdentifier(text)).next();
      assert.equal(identifierOf(contents), text);
    }
  });

  it('refuses what is cut off, not the shortest, or too long', () => {
    for (const bad of ['', '81', '2a8001', '01'.repeat(129)])
      assert.throws(() => identifierOf(Buffer.from(bad, 'hex')), NotDer);
  });
});

describe('timeOf()', () => {
  it('refuses what is no time of a certificate', () => {
    const bad = [
      '991301000000Z',
      '990230000000Z',
      '990101240000Z',
      '9901010000Z',
      '990101000000+0100',
    ];
    for (const text of bad)
      assert.throws(
        () => timeOf(new DerReader(encode(TAG.utcTime, Buffer.from(text))).next()),
        NotDer,
      );
    assert.throws(() => timeOf(new DerReader(encode(TAG.integer)).next()), NotDer);
  });
});
