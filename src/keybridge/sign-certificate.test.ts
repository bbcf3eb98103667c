import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { commonName, makeAuthority, readAuthority } from './authority.ts';
import type { Signer } from './sign-certificate.ts';
import { algorithmOf, isSignedCertificate, pemOf, signCertificate } from './sign-certificate.ts';

const now = Date.parse('2030-01-01T00:00:00Z');

describe('signCertificate()', () => {
  it('gives each certificate a positive serial number of 16 bytes', () => {
    const made = makeAuthority({ name: 'a', now });
    const authority = readAuthority({ ...made, passphrase: undefined }, now);
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const content = {
      subject: commonName('www.example'),
      validFrom: now,
      validTo: now + 1000,
      publicKey: publicKey.export({ type: 'spki', format: 'der' }),
      extensions: new Map(),
    };
    const serials = new Set<string>();
    for (let count = 0; count < 20; count++) {
      const certificate = new X509Certificate(signCertificate(content, authority));
      assert.match(certificate.serialNumber, /^[4-7][0-9A-F]{31}$/);
      serials.add(certificate.serialNumber);
      assert.ok(certificate.verify(new X509Certificate(made.certificate).publicKey));
      assert.equal(pemOf(certificate.raw), certificate.toString());
    }
    assert.equal(serials.size, 20);
  });
});

describe('algorithmOf()', () => {
  it('knows RSA, P-256 and P-384 only', () => {
    const made = (namedCurve: string): string | undefined =>
      algorithmOf(generateKeyPairSync('ec', { namedCurve }).privateKey)?.digest;
    assert.deepEqual(['P-256', 'P-384', 'P-521', 'secp256k1'].map(made), [
      ...['sha256', 'sha384', undefined, undefined],
    ]);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    assert.equal(algorithmOf(privateKey)?.digest, 'sha256');
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    assert.equal(algorithmOf(createPrivateKey(pem)), undefined);
  });
});

describe('isSignedCertificate()', () => {
  it('takes what the signer made of the content, and nothing else', () => {
    const signer = (name: string): Signer =>
      readAuthority({ ...makeAuthority({ name, now }), passphrase: undefined }, now);
    const own = signer('a');
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const content = {
      subject: commonName('www.example'),
      validFrom: now,
      validTo: now + 1000,
      publicKey: publicKey.export({ type: 'spki', format: 'der' }),
      extensions: new Map(),
    };
    const made = signCertificate(content, own);
    assert.equal(isSignedCertificate(made, content, own), true);
    // The same name and the same identifier of a key, but another key.
    const forger = { ...own, privateKey: signer('a').privateKey };
    assert.equal(isSignedCertificate(signCertificate(content, forger), content, own), false);
    assert.equal(isSignedCertificate(made, { ...content, validTo: now }, own), false);
    assert.equal(isSignedCertificate(Buffer.from('nothing'), content, own), false);
    assert.equal(isSignedCertificate(Buffer.concat([made, made]), content, own), false);
  });
});
