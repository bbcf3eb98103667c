import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { needs } from '../../test/support/needs.ts';
import { ocspAnswer } from '../../test/support/ocsp-answers.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { NotDer } from '../keybridge/der-reader.ts';
import { readOcspAnswer } from './ocsp-response.ts';

describe('readOcspAnswer()', needs('openssl'), () => {
  const owner = suiteOwner();
  let good: Buffer;
  let refused: Buffer;
  let critical: Buffer;

  before(() => {
    const authority = TestAuthority.make(owner);
    const { certificate } = authority.issue('www.example');
    const issuer = authority.made;
    const [thisUpdate, nextUpdate] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 8)];
    good = ocspAnswer(certificate, issuer, { thisUpdate, nextUpdate, showsSigner: true });
    refused = ocspAnswer(certificate, issuer, { responseStatus: 3 });
    critical = ocspAnswer(certificate, issuer, { hasCritical: true });
  });

  it('reads what it says, of which certificate, and who has signed it', () => {
    const { answers, responder, certificates, algorithm } = readOcspAnswer(good);
    const [answer] = answers;
    assert.deepEqual([answers.length, certificates.length, responder.kind], [1, 1, 'name']);
    assert.deepEqual([answer?.status, answer?.digest], ['good', '1.3.14.3.2.26']);
    assert.equal(answer?.thisUpdate, Date.UTC(2026, 0, 1));
    assert.equal(answer.nextUpdate, Date.UTC(2026, 0, 8));
    assert.deepEqual(algorithm, { digest: 'sha256', saltBytes: undefined });
  });

  it('refuses what says only that there is no answer, or what it does not understand', () => {
    assert.throws(() => readOcspAnswer(refused), NotDer);
    assert.throws(() => readOcspAnswer(critical), NotDer);
    assert.throws(() => readOcspAnswer(Buffer.concat([good, Buffer.of(0)])), NotDer);
    assert.throws(() => readOcspAnswer(Buffer.alloc(65_537, 0x30)), NotDer);
  });

  it('reads or refuses any bytes, whole answers that are cut or changed among them', () => {
    const read = (bytes: Uint8Array): void => {
      try {
        readOcspAnswer(bytes);
      } catch (error) {
        assert.ok(error instanceof NotDer, String(error));
      }
    };
    for (let length = 0; length < good.length; length++)
      assert.throws(() => readOcspAnswer(good.subarray(0, length)), NotDer);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), read));
    const place = fc.nat(good.length - 1);
    fc.assert(
      fc.property(place, fc.nat(255), (at, byte) => {
        const changed = Buffer.from(good);
        changed[at] = byte;
        read(changed);
      }),
      { numRuns: 1000 },
    );
  });
});
