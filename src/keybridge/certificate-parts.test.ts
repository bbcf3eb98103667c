import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { needs } from '../../test/support/needs.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { keyBits, readCertificate } from './certificate-parts.ts';
import { DerReader, NotDer } from './der-reader.ts';
import { contextTag, encode, encodeIdentifier, TAG } from './der-writer.ts';

describe('readCertificate()', needs('openssl'), () => {
  const owner = suiteOwner();
  let certificate: X509Certificate;

  before(() => {
    const { certificate: file } = TestAuthority.make(owner).issue('www.example', {
      from: '20200101000000Z',
      to: '20520101000000Z',
    });
    certificate = new X509Certificate(readFileSync(file));
  });

  it('takes apart what openssl has made', () => {
    const { raw, publicKey } = certificate;
    const parts = readCertificate(raw);
    assert.equal(parts.validFrom, Date.parse('2020-01-01T00:00:00Z'));
    assert.equal(parts.validTo, Date.parse('2052-01-01T00:00:00Z'));
    assert.ok(Buffer.from(parts.subject).includes('www.example'));
    const key = publicKey.export({ type: 'spki', format: 'der' });
    assert.deepEqual(Buffer.from(parts.publicKey), key);
    assert.equal(keyBits(parts.publicKey)[0], 4); // a point on a curve, not compressed
    assert.deepEqual([...parts.extensions.keys()].sort(), [
      ...['2.5.29.14', '2.5.29.17', '2.5.29.35', '2.5.29.37'],
    ]);
    assert.ok(Buffer.from(parts.extensions.get('2.5.29.17')?.value ?? []).includes('www.example'));
  });

  it('takes no truth that is not of DER', () => {
    const { raw } = certificate;
    const critical = (boolean: string): Buffer => {
      const value = Buffer.from(boolean, 'hex');
      const extension = encode(
        TAG.sequence,
        encodeIdentifier('2.5.29.99'),
        value,
        encode(TAG.octetString),
      );
      const list = encode(contextTag(3), encode(TAG.sequence, extension));
      const outer = new DerReader(new DerReader(raw).next().contents);
      const signed = new DerReader(outer.next().contents);
      const parts = Array.from({ length: 7 }, () => signed.next().encoded);
      const body = encode(TAG.sequence, ...parts, list);
      return Buffer.from(encode(TAG.sequence, body, outer.next().encoded, outer.next().encoded));
    };
    const isCritical = (boolean: string): boolean | undefined =>
      readCertificate(critical(boolean)).extensions.get('2.5.29.99')?.isCritical;
    assert.deepEqual(['', '010100', '0101ff'].map(isCritical), [false, false, true]);
    for (const bad of ['0100', '010101', '0102ffff'])
      assert.throws(() => readCertificate(critical(bad)), NotDer, bad);
  });

  it('reads or refuses whatever a server may show', () => {
    const original = certificate.raw;
    const change = fc.record({
      at: fc.nat({ max: original.length - 1 }),
      byte: fc.nat({ max: 255 }),
      end: fc.integer({ min: 1, max: original.length }),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(original);
        for (const { at, byte } of changes) bytes[at] = byte;
        const cut = bytes.subarray(0, changes[0]?.end);
        for (const given of [bytes, cut]) {
          try {
            const { validFrom, validTo } = readCertificate(given);
            assert.ok(Number.isFinite(validFrom) && Number.isFinite(validTo));
          } catch (error) {
            assert.ok(error instanceof NotDer, String(error));
          }
        }
      }),
    );
    assert.throws(() => readCertificate(Buffer.concat([original, Buffer.of(0)])), NotDer);
    assert.throws(() => readCertificate(Buffer.alloc(200_000, 0x30)), /too large/);
  });
});
