import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { needs } from '../../test/support/needs.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import type { Authority } from './authority.ts';
import { makeAuthority, readAuthority } from './authority.ts';
import type { CertificateParts } from './certificate-parts.ts';
import { readCertificate } from './certificate-parts.ts';
import { NotDer } from './der-reader.ts';
import type { MadeCertificate, Resigning } from './server-certificate.ts';
import { certificateForName, checkResigned, resignCertificate } from './server-certificate.ts';
import { pemOf } from './sign-certificate.ts';

const DAY_MS = 86_400_000;
const now = Math.floor(Date.now() / 1000) * 1000;

describe('certificates of servers, made anew', needs('openssl'), () => {
  const owner = suiteOwner();
  const folder = temporaryFolder(owner, 'keybridge');
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let servers: TestAuthority;
  let making: Resigning;

  before(() => {
    servers = TestAuthority.make(owner);
    making = makingBy(makeAuthority({ name: 'Our own', now }));
  });

  function makingBy(made: { certificate: string; privateKey: string }): Resigning {
    writeFileSync(join(folder, 'ca.pem'), made.certificate);
    const authority: Authority = readAuthority({ ...made, passphrase: undefined }, now);
    const key = publicKey.export({ type: 'spki', format: 'der' });
    return { authority, publicKey: key, now, carriedOver: ['2.5.29.17', '2.5.29.37'] };
  }

  function original(wish: Parameters<TestAuthority['issue']>[1] = {}): CertificateParts {
    const { certificate } = servers.issue('www.example', wish);
    return readCertificate(new X509Certificate(readFileSync(certificate)).raw);
  }

  function openssl(...args: readonly string[]): string {
    return execFileSync('openssl', args, { encoding: 'utf8' });
  }

  /** OpenSSL finds nothing wrong with it. */
  function verify({ encoded }: MadeCertificate, ...more: readonly string[]): X509Certificate {
    const file = join(folder, 'made.pem');
    writeFileSync(file, pemOf(encoded));
    const ca = ['-CAfile', join(folder, 'ca.pem')];
    const said = openssl('verify', '-x509_strict', '-purpose', 'sslserver', ...ca, ...more, file);
    assert.match(said, /OK/);
    return new X509Certificate(encoded);
  }

  it('say what those of the servers say, and are not theirs', () => {
    const names =
      'subjectAltName=DNS:www.example,DNS:*.shop.example,DNS:xn--bcher-kva.example,IP:192.0.2.1,IP:2001:db8::1,URI:https://www.example/';
    const extensions = [
      names,
      'extendedKeyUsage=serverAuth,clientAuth',
      'keyUsage=critical,keyEncipherment,keyCertSign',
      'basicConstraints=critical,CA:TRUE',
      'nameConstraints=permitted;DNS:example',
      'certificatePolicies=1.2.3.4',
    ];
    const parts = original({ extensions, commonName: 'Büro, "R&D"' });
    const made = verify(resignCertificate(parts, making), '-verify_hostname', 'any.shop.example');
    const before_ = new X509Certificate(readFileSync(join(servers.folder, 'www.example.pem')));
    assert.equal(made.subject, before_.subject);
    assert.equal(made.subjectAltName, before_.subjectAltName);
    assert.deepEqual([made.validFrom, made.validTo], [before_.validFrom, before_.validTo]);
    assert.equal(made.issuer, 'CN=Our own');
    assert.equal(made.ca, false);
    assert.notEqual(made.serialNumber, before_.serialNumber);
    assert.equal(made.signatureAlgorithm, 'ecdsa-with-SHA256');
    const text = openssl('x509', '-in', join(folder, 'made.pem'), '-noout', '-text');
    assert.match(text, /X509v3 Basic Constraints: critical\s+CA:FALSE/);
    assert.match(text, /X509v3 Key Usage: critical\s+Digital Signature\n/);
    assert.match(text, /X509v3 Extended Key Usage: \n\s+TLS Web Server.*, TLS Web Client/);
    assert.match(text, /X509v3 Subject Alternative Name: \n/);
    assert.deepEqual(
      [...text.matchAll(/X509v3 ([A-Z][A-Za-z ]+):/g)].map(([, name]) => name).sort(),
      [
        ...['Authority Key Identifier', 'Basic Constraints', 'Extended Key Usage', 'Key Usage'],
        ...['Subject Alternative Name', 'Subject Key Identifier'],
      ],
    );
  });

  it('are signed by an authority with RSA, or below another one, just as well', () => {
    const root = TestAuthority.make(owner, 'root');
    const key = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'];
    const extensions = [
      ...['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'],
      ...['subjectKeyIdentifier=hash', 'authorityKeyIdentifier=keyid'],
    ];
    const files = root.issue('below', { extensions, key });
    const text = (file: string): string => readFileSync(file, 'utf8');
    const rsa = makingBy({
      certificate: text(files.certificate),
      privateKey: text(files.privateKey),
    });
    writeFileSync(join(folder, 'ca.pem'), text(root.certificate));
    const made = resignCertificate(original(), rsa);
    assert.equal(
      verify(made, '-untrusted', files.certificate).signatureAlgorithm,
      'sha256WithRSAEncryption',
    );
    making = makingBy(makeAuthority({ name: 'Our own', now }));
  });

  it('are valid when the others are, for at most 398 days, and within the time of the authority', () => {
    const parts = original();
    const from = (days: number): number => now + days * DAY_MS;
    const lifetimes: readonly (readonly [given: readonly number[], made: readonly number[]])[] = [
      [
        [-30, 60],
        [-1, 60],
      ], // the authority was made now, and is valid from yesterday
      [
        [-800, 90],
        [-1, 90],
      ],
      [
        [-10, 5000],
        [-1, 397],
      ],
      [
        [200, 5000],
        [200, 598],
      ],
      [
        [-1, -0.5],
        [-1, -0.5],
      ],
    ];
    for (const [[given = 0, end = 0], made] of lifetimes) {
      const validity = { validFrom: from(given), validTo: from(end) };
      const { encoded, validTo } = resignCertificate({ ...parts, ...validity }, making);
      const { validFromDate, validToDate } = new X509Certificate(encoded);
      assert.deepEqual([validFromDate, validToDate].map(Number), made.map(from));
      assert.equal(validTo, Number(validToDate));
    }
  });

  it('keep dates that the authority never has', () => {
    const parts = original();
    for (const [from, to] of [
      [-800, -500],
      [4000, 4100],
    ] as const) {
      const validity = { validFrom: now + from * DAY_MS, validTo: now + to * DAY_MS };
      const { encoded } = resignCertificate({ ...parts, ...validity }, making);
      const { validFromDate, validToDate } = new X509Certificate(encoded);
      assert.deepEqual([validFromDate, validToDate].map(Number), Object.values(validity));
    }
  });

  it('carry over what the policy lists, and nothing that is not whole', () => {
    const [own, other] = ['1.3.6.1.4.1.99999.1', '1.3.6.1.4.1.99999.2'];
    const parts = original({
      extensions: [
        ...['subjectAltName=DNS:www.example', 'certificatePolicies=1.2.3.4'],
        ...[`${own}=critical,ASN1:UTF8String:text`, `${other}=critical,ASN1:NULL`],
      ],
    });
    const carriedOver = ['2.5.29.17', '2.5.29.32', own];
    const { encoded } = resignCertificate(parts, { ...making, carriedOver });
    const { extensions } = readCertificate(encoded);
    assert.deepEqual(extensions.get(own), parts.extensions.get(own));
    assert.equal(extensions.get(own)?.isCritical, true);
    assert.deepEqual(extensions.get('2.5.29.32'), parts.extensions.get('2.5.29.32'));
    assert.equal(extensions.has(other), false);
    assert.equal(extensions.has('2.5.29.37'), true);
    const torn = new Map(parts.extensions);
    torn.set('2.5.29.17', { isCritical: false, value: Buffer.of(0x30, 3, 0x82, 9, 65) });
    assert.throws(() => resignCertificate({ ...parts, extensions: torn }, making), NotDer);
    const subject = Buffer.of(0x30, 2, 0x31, 9);
    assert.throws(() => resignCertificate({ ...parts, subject }, making), NotDer);
  });

  it('are known again, and only where all of it is as it would be made', () => {
    const parts = original();
    const made = resignCertificate(parts, making);
    assert.deepEqual(checkResigned(made.encoded, parts, making), made);
    assert.deepEqual(checkResigned(made.encoded, parts, { ...making, now: now + 1 }), made);
    const others: readonly (readonly [CertificateParts, Resigning])[] = [
      [original(), { ...making, publicKey: parts.publicKey }],
      [original({ extensions: ['subjectAltName=DNS:other.example'] }), making],
      [{ ...parts, validTo: parts.validTo - 1000 }, making],
      [parts, { ...making, carriedOver: ['2.5.29.17'] }],
      [
        parts,
        { ...makingBy(makeAuthority({ name: 'Our own', now })), publicKey: making.publicKey },
      ],
    ];
    for (const [index, [of, by]] of others.entries())
      assert.equal(checkResigned(made.encoded, of, by), undefined, String(index));
    for (let at = 0; at < made.encoded.length; at++) {
      const changed = Buffer.from(made.encoded);
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.equal(checkResigned(changed, parts, making), undefined, String(at));
      assert.equal(checkResigned(made.encoded.subarray(0, at), parts, making), undefined);
    }
    making = makingBy(makeAuthority({ name: 'Our own', now }));
  });

  it('know the years after 2049', () => {
    const at = Date.parse('2049-11-30T00:00:00Z');
    const made = makeAuthority({ name: 'Later', now: at });
    const authority = readAuthority({ ...made, passphrase: undefined }, at);
    const validity = { validFrom: at, validTo: at + 300 * DAY_MS };
    const { encoded } = resignCertificate(
      { ...original(), ...validity },
      { ...making, authority, now: at },
    );
    assert.equal(Number(new X509Certificate(encoded).validToDate), validity.validTo);
  });

  it('have critical names where they have no subject', () => {
    const { encoded } = resignCertificate({ ...original(), subject: Buffer.of(0x30, 0) }, making);
    verify({ encoded, validTo: 0 });
    const text = openssl('x509', '-in', join(folder, 'made.pem'), '-noout', '-text');
    assert.match(text, /Alternative Name: critical\s+DNS:www.example/);
    const empty = { ...original(), subject: Buffer.of(0x30, 2, 0x31, 0) };
    const other = readCertificate(resignCertificate(empty, making).encoded);
    assert.deepEqual([...other.subject], [0x30, 0]);
    assert.equal(other.extensions.get('2.5.29.17')?.isCritical, true);
  });

  it('are made for a name or an address alone, where there is nothing to carry over', () => {
    const named = verify(
      certificateForName({ name: 'www.example' }, making),
      ...['-verify_hostname', 'www.example'],
    );
    assert.equal(named.subjectAltName, 'DNS:www.example');
    const address = Buffer.of(192, 0, 2, 1);
    const made = verify(certificateForName({ address }, making), '-verify_ip', '192.0.2.1');
    assert.equal(Number(made.validToDate), now + 7 * DAY_MS);
  });
});
