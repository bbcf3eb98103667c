import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { needs } from '../../test/support/needs.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import type { AuthorityText } from './authority.ts';
import { makeAuthority, NoAuthority, readAuthority } from './authority.ts';

const now = Date.parse('2030-01-01T00:00:00Z');
const DAY_MS = 86_400_000;

describe('makeAuthority()', () => {
  it('makes one that signs certificates of servers, and nothing else', () => {
    const made = makeAuthority({ name: 'Büro', now });
    const certificate = new X509Certificate(made.certificate);
    assert.equal(certificate.subject, 'CN=Büro');
    assert.equal(certificate.issuer, certificate.subject);
    assert.ok(certificate.ca && certificate.verify(certificate.publicKey));
    assert.ok(certificate.checkPrivateKey(createPrivateKey(made.privateKey)));
    const authority = readAuthority({ ...made, passphrase: undefined }, now);
    assert.equal(authority.fingerprint, certificate.fingerprint256);
    assert.equal(authority.validTo, now + 3650 * DAY_MS);
    assert.equal(authority.chain, '');
  });

  it('encrypts the key if it is told to', () => {
    const made = makeAuthority({ name: 'a', passphrase: 'open it', now });
    assert.match(made.privateKey, /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
    assert.equal(readAuthority({ ...made, passphrase: 'open it' }, now).chain, '');
    for (const passphrase of ['other', undefined])
      assert.throws(() => readAuthority({ ...made, passphrase }, now), /cannot be read/);
  });
});

describe('readAuthority()', needs('openssl'), () => {
  const owner = suiteOwner();
  let root: TestAuthority;
  before(() => {
    root = TestAuthority.make(owner);
  });

  function textOf(files: { certificate: string; privateKey: string }): AuthorityText {
    const [certificate, privateKey] = [files.certificate, files.privateKey].map((file) =>
      readFileSync(file, 'utf8'),
    );
    return { certificate: certificate ?? '', privateKey: privateKey ?? '', passphrase: undefined };
  }

  it('takes authorities below another one, of RSA too', () => {
    const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=keyCertSign'];
    const key = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'];
    const text = textOf(root.issue('below', { extensions, key }));
    const authority = readAuthority(text, Date.now());
    assert.equal(authority.algorithm.digest, 'sha256');
    assert.equal(authority.chain, text.certificate);
  });

  it('says why another one cannot be used', () => {
    const made = { ...makeAuthority({ name: 'a', now }), passphrase: undefined };
    const other = makeAuthority({ name: 'b', now });
    const { privateKey } = generateKeyPairSync('ed25519');
    const strange = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const bad: readonly (readonly [AuthorityText, number, RegExp])[] = [
      [textOf(root.issue('leaf')), Date.now(), /is no authority/],
      [{ ...made, privateKey: other.privateKey }, now, /does not fit/],
      [{ ...made, privateKey: 'none' }, now, /cannot be read/],
      [{ ...made, privateKey: strange }, now, /of a kind/],
      [{ ...made, certificate: 'none' }, now, /is no certificate/],
      [made, now + 3651 * DAY_MS, /is valid from .* only/],
      [made, now - 2 * DAY_MS, /is valid from .* only/],
    ];
    for (const [text, at, message] of bad)
      assert.throws(
        () => readAuthority(text, at),
        (error) => error instanceof NoAuthority && message.test(error.message) && error.cure !== '',
      );
  });
});
