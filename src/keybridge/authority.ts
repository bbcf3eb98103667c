// Authorities that sign certificates made on the fly: reads one of its files, and makes a new one.

import type { KeyObject } from 'node:crypto';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { DerReader } from './der-reader.ts';
import type { CertificateParts, Extension } from './certificate-parts.ts';
import { readCertificate } from './certificate-parts.ts';
import type { Der } from './der-writer.ts';
import { encode, encodeBits, encodeIdentifier, encodeInteger, TAG, TRUE } from './der-writer.ts';
import type { Signer } from './sign-certificate.ts';
import {
  algorithmOf,
  EXTENSION,
  keyIdentifier,
  pemOf,
  signCertificate,
} from './sign-certificate.ts';

/** The files of an authority, as PEM. */
export interface AuthorityText {
  readonly certificate: string;
  readonly privateKey: string;
  readonly passphrase: string | undefined;
}

/** An authority that can sign. */
export interface Authority extends Signer {
  readonly validFrom: number;
  readonly validTo: number;
  /** SHA-256, hexadecimal with colons. */
  readonly fingerprint: string;
  /** What servers have to send behind a certificate of it, as PEM: nothing where it is a root, which clients have. */
  readonly chain: string;
}

/** Why files are no authority that can be used. */
export class NoAuthority extends Error {
  override readonly name = 'NoAuthority';
  readonly cure: string;

  constructor(message: string, cure: string) {
    super(message);
    this.cure = cure;
  }
}

/** Reads an authority. @throws NoAuthority if it cannot sign: now, or at all. */
export function readAuthority(text: AuthorityText, now: number): Authority {
  const certificate = certificateOf(text.certificate);
  const privateKey = privateKeyOf(text);
  const algorithm = algorithmOf(privateKey);
  if (algorithm === undefined)
    throw new NoAuthority('has a key of a kind that not all clients know', KEY_CURE);
  if (!certificate.ca)
    throw new NoAuthority(
      'is no authority: its basicConstraints do not say CA:TRUE',
      'give the certificate of an authority; "zorp ca init" makes one',
    );
  if (!certificate.checkPrivateKey(privateKey))
    throw new NoAuthority(
      'does not fit its private key',
      'give the private key that the certificate was made for',
    );
  const parts = readCertificate(certificate.raw);
  checkDates(parts, now);
  const { fingerprint256: fingerprint } = certificate;
  const { subject, validFrom, validTo } = parts;
  const isRoot = certificate.checkIssued(certificate);
  const who = { subject, keyIdentifier: identifierIn(parts), privateKey, algorithm };
  return { ...who, validFrom, validTo, fingerprint, chain: isRoot ? '' : text.certificate };
}

const KEY_CURE = 'make an authority with P-256, P-384 or RSA; "zorp ca init" makes one';

function certificateOf(text: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch {
    throw new NoAuthority('is no certificate', 'give a PEM file that is whole');
  }
}

function privateKeyOf({ privateKey, passphrase }: AuthorityText): KeyObject {
  try {
    // A key that is not encrypted needs none, and one that is must not make OpenSSL ask the terminal.
    return createPrivateKey({ key: privateKey, passphrase: passphrase ?? '' });
  } catch {
    throw new NoAuthority(
      'has a private key that cannot be read',
      'give a key in PEM form, and the right passphraseFile if it is encrypted',
    );
  }
}

function checkDates({ validFrom, validTo }: CertificateParts, now: number): void {
  const between = `${new Date(validFrom).toISOString()} to ${new Date(validTo).toISOString()}`;
  if (validTo < now)
    throw new NoAuthority(
      `is valid from ${between} only`,
      'make a new one with "zorp ca init", and give its certificate to the clients',
    );
  if (validFrom > now)
    throw new NoAuthority(
      `is valid from ${between} only`,
      'give one that is valid, or correct the clock of this machine',
    );
}

/** What certificates call the key of the authority: what its own certificate says, or a digest. */
function identifierIn({ extensions, publicKey }: CertificateParts): Der {
  const own = extensions.get(EXTENSION.subjectKeyIdentifier);
  if (own === undefined) return keyIdentifier(publicKey);
  return new DerReader(own.value).take(TAG.octetString).contents;
}

/** A new authority. */
export interface MadeAuthority {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8; encrypted where a passphrase was given. */
  readonly privateKey: string;
}

/** What a new authority is to be. */
export interface AuthorityWish {
  /** Its common name. */
  readonly name: string;
  readonly passphrase?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const DAY_MS = 86_400_000;
const AUTHORITY_LIFETIME_MS = 3650 * DAY_MS; // clients must be given the next one, machine by machine

/** Makes an authority with a key on P-256 that signs certificates of servers, but no other authorities. */
export function makeAuthority({ name, passphrase, now }: AuthorityWish): MadeAuthority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = algorithmOf(privateKey);
  if (algorithm === undefined) throw new Error('There is no signature for P-256');
  const encoded = publicKey.export({ type: 'spki', format: 'der' });
  const subject = commonName(name);
  const content = {
    subject,
    validFrom: now - DAY_MS, // for clients whose clock is behind
    validTo: now + AUTHORITY_LIFETIME_MS,
    publicKey: encoded,
    extensions: AUTHORITY_EXTENSIONS,
  };
  const keyId = keyIdentifier(encoded);
  const signer = { subject, keyIdentifier: keyId, privateKey, algorithm };
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  const key =
    passphrase === undefined
      ? privateKey.export(pem)
      : privateKey.export({ ...pem, cipher: 'aes-256-cbc', passphrase });
  return { certificate: pemOf(signCertificate(content, signer)), privateKey: key.toString() };
}

/** A name of one part: the common name. */
export function commonName(name: string): Der {
  const value = encode(TAG.utf8String, Buffer.from(name, 'utf8'));
  const part = encode(TAG.sequence, encodeIdentifier('2.5.4.3'), value);
  return encode(TAG.sequence, encode(TAG.set, part));
}

const PATH_LENGTH_0 = encode(TAG.sequence, TRUE, encodeInteger(Buffer.of(0)));
const SIGNS_CERTIFICATES = encodeBits(Buffer.of(0b0000_0110), 1); // keyCertSign and cRLSign
const AUTHORITY_EXTENSIONS: ReadonlyMap<string, Extension> = new Map([
  [EXTENSION.basicConstraints, { isCritical: true, value: PATH_LENGTH_0 }],
  [EXTENSION.keyUsage, { isCritical: true, value: SIGNS_CERTIFICATES }],
]);
