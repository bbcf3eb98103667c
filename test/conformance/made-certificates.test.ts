// Certificates that are made on the fly against programs and a library that share no code with them: each field is read as
// it was meant, and nobody finds anything that is not as the standards want it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as asn1js from 'asn1js';
import fc from 'fast-check';
import * as pkijs from 'pkijs';
import { makeAuthority, readAuthority } from '../../src/keybridge/authority.ts';
import { readCertificate } from '../../src/keybridge/certificate-parts.ts';
import type { Resigning } from '../../src/keybridge/server-certificate.ts';
import { certificateForName, resignCertificate } from '../../src/keybridge/server-certificate.ts';
import { pemOf } from '../../src/keybridge/sign-certificate.ts';
import { needs } from '../support/needs.ts';
import type { RandomCertificate } from '../support/random-certificates.ts';
import {
  goodCertificates,
  hostNames,
  randomCertificates,
  writeCertificate,
} from '../support/random-certificates.ts';
import { suiteOwner } from '../support/system-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DAY_MS = 86_400_000;
const now = Math.floor(Date.now() / 1000) * 1000;
const CARRIED_OVER = ['2.5.29.17', '2.5.29.37', '1.3.6.1.4.1.99999.1'];
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const EMPTY = Buffer.of(0x30, 0);
const KEY = publicKey.export({ type: 'spki', format: 'der' });

interface Signing {
  readonly making: Resigning;
  readonly certificate: pkijs.Certificate;
  readonly pem: string;
}

function signing(name: string, carriedOver = CARRIED_OVER): Signing {
  const made = makeAuthority({ name, now });
  const authority = readAuthority({ ...made, passphrase: undefined }, now);
  const certificate = pkijs.Certificate.fromBER(derOf(made.certificate));
  const making = { authority, publicKey: KEY, now, carriedOver };
  return { making, certificate, pem: made.certificate };
}

function derOf(pem: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64'));
}

function hex(bytes: ArrayBuffer | Uint8Array): string {
  return Buffer.from(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)).toString('hex');
}

function encodedSubject(name: pkijs.RelativeDistinguishedNames): string {
  return hex(name.toSchema().toBER());
}

function byIdentifier({ extensions }: pkijs.Certificate): Map<string, pkijs.Extension> {
  return new Map((extensions ?? []).map((extension) => [extension.extnID, extension]));
}

function valueOf(extensions: Map<string, pkijs.Extension>, identifier: string): string {
  const extension = extensions.get(identifier);
  return extension === undefined ? 'none' : hex(extension.extnValue.valueBlock.valueHexView);
}

/** What every certificate has, whatever it was made from. */
async function checkForm(made: pkijs.Certificate, { certificate }: Signing): Promise<void> {
  assert.equal(made.version, 2);
  const serial = made.serialNumber.valueBlock.valueHexView;
  assert.ok(serial.length === 16 && (serial[0] ?? 0) > 0 && (serial[0] ?? 0) < 0x80);
  assert.equal(made.signature.algorithmId, made.signatureAlgorithm.algorithmId);
  assert.equal(encodedSubject(made.issuer), encodedSubject(certificate.subject));
  assert.equal(hex(made.subjectPublicKeyInfo.toSchema().toBER()), hex(KEY));
  assert.ok(await made.verify(certificate));
  for (const { type, value } of [made.notBefore, made.notAfter]) {
    const isUtc = value.getUTCFullYear() >= 1950 && value.getUTCFullYear() <= 2049;
    assert.equal(type, isUtc ? pkijs.TimeType.UTCTime : pkijs.TimeType.GeneralizedTime);
  }
  checkOwnExtensions(made, certificate);
}

/** It is no authority, its key signs handshakes only, and the keys are called what they are. */
function checkOwnExtensions(made: pkijs.Certificate, authority: pkijs.Certificate): void {
  const extensions = byIdentifier(made);
  assert.equal(extensions.size, made.extensions?.length, 'no extension comes twice');
  for (const [identifier, value] of [
    ['2.5.29.19', '3000'],
    ['2.5.29.15', '03020780'],
  ] as const) {
    assert.equal(valueOf(extensions, identifier), value);
    assert.equal(extensions.get(identifier)?.critical, true);
  }
  const own: unknown = extensions.get('2.5.29.35')?.parsedValue;
  assert.ok(own instanceof pkijs.AuthorityKeyIdentifier && own.keyIdentifier !== undefined);
  const keyOfAuthority = valueOf(byIdentifier(authority), '2.5.29.14');
  assert.equal(`0414${hex(own.keyIdentifier.valueBlock.valueHexView)}`, keyOfAuthority);
  assert.match(valueOf(extensions, '2.5.29.14'), /^0414[0-9a-f]{40}$/);
}

/** Validity is carried over, and cut to that of the authority and to 398 days. */
function checkDates(made: pkijs.Certificate, original: RandomCertificate, by: Signing): void {
  const [from, to] = [made.notBefore, made.notAfter].map(({ value }) => value.getTime());
  assert.ok(from !== undefined && to !== undefined);
  const { validFrom, validTo } = by.making.authority;
  assert.ok(from >= original.validFrom && to <= original.validTo);
  assert.ok(to - from <= 398 * DAY_MS);
  const isReversed = original.validFrom > original.validTo;
  const areApart = original.validTo < validFrom || original.validFrom > validTo;
  assert.ok(from <= to || isReversed);
  if (!areApart && !isReversed) assert.ok(from >= validFrom && to <= validTo);
  const states = [[original.validFrom, original.validTo] as const, [from, to] as const].map(
    ([begin, end]) => [begin > now, end < now],
  );
  assert.deepEqual(states[1], states[0], 'valid now, not yet, or no more: as the original is');
}

/** What is carried over is as the original has it, and nothing else is. */
function checkContent(made: pkijs.Certificate, original: pkijs.Certificate): void {
  const [before, extensions] = [byIdentifier(original), byIdentifier(made)];
  const isNameless = original.subject.typesAndValues.length === 0;
  // The library writes no name as a name of one empty part, which no standard knows.
  const subject = isNameless ? hex(EMPTY) : encodedSubject(original.subject);
  assert.equal(hex(made.subject.valueBeforeDecode), subject);
  const expected = ['2.5.29.14', '2.5.29.15', '2.5.29.19', '2.5.29.35', '2.5.29.37'];
  for (const identifier of CARRIED_OVER) {
    const given = before.get(identifier);
    if (given === undefined) continue;
    expected.push(identifier);
    assert.equal(valueOf(extensions, identifier), valueOf(before, identifier));
    const isAlone = isNameless && identifier === '2.5.29.17';
    assert.equal(extensions.get(identifier)?.critical, given.critical || isAlone);
  }
  assert.deepEqual([...extensions.keys()].sort(), [...new Set(expected)].sort());
  const purposes: unknown = extensions.get('2.5.29.37')?.parsedValue;
  assert.ok(purposes instanceof pkijs.ExtKeyUsage);
  if (!before.has('2.5.29.37')) assert.deepEqual(purposes.keyPurposes, [SERVER_AUTH]);
}

function readName(name: pkijs.GeneralName | undefined): string {
  const value: unknown = name?.value;
  if (name?.type === 2 && typeof value === 'string') return value;
  assert.ok(name?.type === 7 && value instanceof asn1js.OctetString);
  return hex(value.valueBlock.valueHexView);
}

describe('a certificate made on the fly', () => {
  const RUNS = 60; // the library takes 20 ms for each

  const serials = new Set<string>();
  const own = signing('Büro');

  it('is read by another library as it was meant, whatever the server shows', async () => {
    await fc.assert(
      fc.asyncProperty(randomCertificates, async (wish) => {
        const original = writeCertificate(wish);
        const { encoded, validTo } = resignCertificate(readCertificate(original), own.making);
        const made = pkijs.Certificate.fromBER(Uint8Array.from(encoded));
        await checkForm(made, own);
        checkDates(made, wish, own);
        assert.equal(made.notAfter.value.getTime(), validTo);
        checkContent(made, pkijs.Certificate.fromBER(Uint8Array.from(original)));
        const serial = hex(made.serialNumber.valueBlock.valueHexView);
        assert.ok(!serials.has(serial));
        serials.add(serial);
      }),
      { numRuns: RUNS },
    );
  });

  it('is read so for a name or an address, too', async () => {
    const servers = fc.oneof(
      hostNames.map((name) => ({ name })),
      fc.uint8Array({ minLength: 4, maxLength: 4 }).map((address) => ({ address })),
      fc.uint8Array({ minLength: 16, maxLength: 16 }).map((address) => ({ address })),
    );
    await fc.assert(
      fc.asyncProperty(servers, async (server) => {
        const { encoded } = certificateForName(server, own.making);
        const made = pkijs.Certificate.fromBER(Uint8Array.from(encoded));
        await checkForm(made, own);
        const names: unknown = byIdentifier(made).get('2.5.29.17')?.parsedValue;
        assert.ok(names instanceof pkijs.GeneralNames || names instanceof pkijs.AltName);
        const list = names instanceof pkijs.AltName ? names.altNames : names.names;
        assert.equal(list.length, 1);
        assert.equal(readName(list[0]), 'name' in server ? server.name : hex(server.address));
        assert.equal(made.subject.typesAndValues.length, 0);
      }),
    );
  });
});

describe('certificates made on the fly', needs('openssl', 'certtool'), () => {
  const folder = temporaryFolder(suiteOwner(), 'made');
  const SAMPLE = 30;

  function run(program: string, ...args: readonly string[]): string {
    return execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' });
  }

  function files(by: Signing): readonly string[] {
    writeFileSync(join(folder, 'ca.pem'), by.pem);
    return fc.sample(goodCertificates(now), SAMPLE).map((wish, index) => {
      const { encoded } = resignCertificate(readCertificate(writeCertificate(wish)), by.making);
      const file = join(folder, `${index}.pem`);
      writeFileSync(file, pemOf(encoded));
      return file;
    });
  }

  it('are good ones for OpenSSL at its strictest, and for GnuTLS', () => {
    const made = files(signing('Strict', CARRIED_OVER.slice(0, 2)));
    const strict = ['verify', '-x509_strict', '-check_ss_sig', '-purpose', 'sslserver'];
    const said = run('openssl', ...strict, '-CAfile', join(folder, 'ca.pem'), ...made);
    assert.deepEqual(
      said.trim().split('\n'),
      made.map((file) => `${file}: OK`),
    );
    for (const file of made) {
      const ca = ['--load-ca-certificate', join(folder, 'ca.pem'), '--infile', file];
      const answer = run('certtool', '--verify', '--verify-purpose', SERVER_AUTH, ...ca);
      assert.match(answer, /Chain verification output: Verified\. The certificate is trusted\./);
    }
  });
});
