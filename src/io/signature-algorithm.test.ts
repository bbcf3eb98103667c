import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { needs } from '../../test/support/needs.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { DER_TAGS, DerReader } from './der-reader.ts';
import type { Signed } from './signature-algorithm.ts';
import { isSignedBy, signatureAlgorithmOf } from './signature-algorithm.ts';

const PSS = ['rsa_padding_mode:pss', 'rsa_mgf1_md:sha256'];

describe('signatures', needs('openssl'), () => {
  const owner = suiteOwner();
  let folder: string;

  before(() => {
    ({ folder } = TestAuthority.make(owner)); // a folder that goes with the test
  });

  /** A certificate that OpenSSL has signed itself, in its three parts, and its key. */
  function selfSigned(
    key: readonly string[],
    options: readonly string[],
  ): (Signed & { key: X509Certificate['publicKey'] }) | undefined {
    const file = `${folder}/signed.pem`;
    const made = ['-newkey', ...key, '-keyout', `${folder}/signed.key`, '-nodes', '-out', file];
    execFileSync('openssl', ['req', '-x509', ...made, '-subj', '/CN=x', ...options], {
      stdio: 'ignore',
    });
    const { raw, publicKey } = new X509Certificate(readFileSync(file));
    const parts = new DerReader(raw).sequence();
    const signed = parts.next(DER_TAGS.sequence).bytes;
    const algorithm = signatureAlgorithmOf(parts.next(DER_TAGS.sequence).content);
    const signature = parts.next(DER_TAGS.bitString).content.subarray(1);
    return algorithm && { algorithm, signed, signature, key: publicKey };
  }

  const signedWith = (...options: readonly string[]): readonly string[] =>
    options.flatMap((option) => ['-sigopt', option]);

  for (const [what, key, options] of [
    ['RSA', ['rsa:2048'], ['-sha384']],
    ['RSASSA-PSS', ['rsa:2048'], ['-sha256', ...signedWith(...PSS, 'rsa_pss_saltlen:32')]],
    [
      'RSASSA-PSS with another salt',
      ['rsa:2048'],
      ['-sha256', ...signedWith(...PSS, 'rsa_pss_saltlen:20')],
    ],
    [
      'RSASSA-PSS with the longest salt',
      ['rsa:2048'],
      ['-sha256', ...signedWith(...PSS, 'rsa_pss_saltlen:max')],
    ],
    [
      'RSASSA-PSS and a key for nothing else',
      ['rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048'],
      ['-sha512'],
    ],
    ['ECDSA', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], ['-sha512']],
    ['Ed25519', ['ed25519'], []],
  ] as const)
    it(`of OpenSSL with ${what} are known, and changed ones are not`, () => {
      const made = selfSigned(key, options);
      assert.ok(made !== undefined);
      assert.equal(isSignedBy(made.key, made), true);
      const signed = Buffer.from(made.signed);
      signed.writeUInt8(signed.readUInt8(20) ^ 1, 20);
      assert.equal(isSignedBy(made.key, { ...made, signed }), false);
    });

  it('with SHA-1, or digests that differ, are not believed', () => {
    assert.equal(selfSigned(['rsa:2048'], ['-sha1']), undefined);
    assert.equal(
      selfSigned(['rsa:2048'], ['-sha1', ...signedWith('rsa_padding_mode:pss')]),
      undefined,
    );
    const mixed = signedWith('rsa_padding_mode:pss', 'rsa_mgf1_md:sha512');
    assert.equal(selfSigned(['rsa:2048'], ['-sha256', ...mixed]), undefined);
  });

  it('of another key, or a key of another kind, are none', () => {
    const rsa = selfSigned(['rsa:2048'], ['-sha256', ...signedWith(...PSS)]);
    const other = selfSigned(['rsa:2048'], ['-sha256']);
    const curve = selfSigned(['ed25519'], []);
    assert.ok(rsa !== undefined && other !== undefined && curve !== undefined);
    assert.deepEqual([isSignedBy(other.key, rsa), isSignedBy(curve.key, rsa)], [false, false]);
  });
});
