// Makes a certificate of its parts, and signs it (RFC 5280, 4.1).

import type { KeyObject } from 'node:crypto';
import { createHash, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import type { Extension } from './certificate-parts.ts';
import { keyBits } from './certificate-parts.ts';
import { DerReader, NotDer } from './der-reader.ts';
import type { Der } from './der-writer.ts';
import {
  contextTag,
  encode,
  encodeBits,
  encodeIdentifier,
  encodeInteger,
  encodeTime,
  TAG,
  TRUE,
} from './der-writer.ts';

/** Object identifiers of extensions. */
export const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** How an authority signs. */
export interface SignatureAlgorithm {
  readonly digest: string;
  /** As it is encoded in certificates. */
  readonly encoded: Der;
}

function withoutParameters(identifier: string): Der {
  return encode(TAG.sequence, encodeIdentifier(identifier));
}

const ALGORITHMS: Readonly<Record<string, SignatureAlgorithm>> = {
  prime256v1: { digest: 'sha256', encoded: withoutParameters('1.2.840.10045.4.3.2') },
  secp384r1: { digest: 'sha384', encoded: withoutParameters('1.2.840.10045.4.3.3') },
  rsa: {
    digest: 'sha256',
    encoded: encode(
      TAG.sequence,
      encodeIdentifier('1.2.840.113549.1.1.11'),
      encode(TAG.null), // RSA has parameters, and they are nothing (RFC 4055, 5)
    ),
  },
};

/** How certificates are signed with this key; undefined for kinds that not all clients know. */
export function algorithmOf({
  asymmetricKeyType,
  asymmetricKeyDetails,
}: KeyObject): SignatureAlgorithm | undefined {
  if (asymmetricKeyType === 'rsa') return ALGORITHMS['rsa'];
  const curve = asymmetricKeyType === 'ec' ? asymmetricKeyDetails?.namedCurve : undefined;
  return curve === undefined ? undefined : ALGORITHMS[curve];
}

/** Who signs. */
export interface Signer {
  /** Its name, as it is encoded. */
  readonly subject: Der;
  readonly keyIdentifier: Der;
  readonly privateKey: KeyObject;
  readonly algorithm: SignatureAlgorithm;
}

/** What a certificate says. */
export interface CertificateContent {
  readonly subject: Der;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
  /** With its algorithm, as it is encoded. */
  readonly publicKey: Der;
  /** By object identifier, without those that identify the keys. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

const VERSION_3 = encode(contextTag(0), encodeInteger(Buffer.of(2)));

/** Signs a certificate with a serial number of its own. */
export function signCertificate(content: CertificateContent, signer: Signer): Der {
  const { algorithm, privateKey } = signer;
  const signed = signedPart(content, signer, newSerial());
  const signature = sign(algorithm.digest, signed, privateKey);
  return encode(TAG.sequence, signed, algorithm.encoded, encodeBits(signature));
}

/**
 * Whether these bytes are a certificate that was signed with this content: what `signCertificate` would make of it, but for
 * the serial number and the signature, which is a good one.
 */
export function isSignedCertificate(
  encoded: Der,
  content: CertificateContent,
  signer: Signer,
): boolean {
  try {
    const { signed, algorithm, signature } = takeApart(encoded);
    const expected = signedPart(content, signer, serialIn(signed));
    const { digest, encoded: used } = signer.algorithm;
    if (!areEqual(signed, expected) || !areEqual(algorithm, used)) return false;
    return verify(digest, signed, createPublicKey(signer.privateKey), signature);
  } catch (error) {
    if (error instanceof NotDer) return false;
    throw error;
  }
}

interface SignedParts {
  readonly signed: Der;
  readonly algorithm: Der;
  readonly signature: Der;
}

function takeApart(encoded: Der): SignedParts {
  const outer = new DerReader(encoded);
  const reader = new DerReader(outer.take(TAG.sequence).contents);
  outer.end();
  const signed = reader.take(TAG.sequence).encoded;
  const algorithm = reader.take(TAG.sequence).encoded;
  const bits = reader.take(TAG.bitString).contents;
  reader.end();
  if (bits[0] !== 0) throw new NotDer('a signature is not of whole bytes');
  return { signed, algorithm, signature: bits.subarray(1) };
}

function serialIn(signed: Der): Der {
  const reader = new DerReader(new DerReader(signed).take(TAG.sequence).contents);
  reader.take(contextTag(0));
  return reader.take(TAG.integer).contents;
}

function areEqual(one: Der, other: Der): boolean {
  return Buffer.compare(one, other) === 0;
}

function signedPart(content: CertificateContent, signer: Signer, serial: Der): Der {
  const { subject, validFrom, validTo, publicKey } = content;
  return encode(
    TAG.sequence,
    VERSION_3,
    encodeInteger(serial),
    signer.algorithm.encoded,
    signer.subject,
    encode(TAG.sequence, encodeTime(validFrom), encodeTime(validTo)),
    subject,
    publicKey,
    encode(contextTag(3), encode(TAG.sequence, ...extensionsOf(content, signer))),
  );
}

/** 126 random bits, so that nobody guesses it and none comes twice; positive, and always of 16 bytes. */
function newSerial(): Der {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

function extensionsOf({ extensions, publicKey }: CertificateContent, signer: Signer): Der[] {
  const all = new Map(extensions);
  const own = encode(TAG.octetString, keyIdentifier(publicKey));
  all.set(EXTENSION.subjectKeyIdentifier, { isCritical: false, value: own });
  const issuer = encode(TAG.sequence, encode(0x80, signer.keyIdentifier));
  all.set(EXTENSION.authorityKeyIdentifier, { isCritical: false, value: issuer });
  return [...all].map(([identifier, { isCritical, value }]) =>
    encode(
      TAG.sequence,
      encodeIdentifier(identifier),
      ...(isCritical ? [TRUE] : []),
      encode(TAG.octetString, value),
    ),
  );
}

/** What a key is known by: 160 bits of a digest of it (RFC 7093, 2). */
export function keyIdentifier(publicKey: Der): Der {
  return createHash('sha256').update(keyBits(publicKey)).digest().subarray(0, 20);
}

/** The encoded bytes as PEM. */
export function pemOf(certificate: Der): string {
  const lines =
    Buffer.from(certificate)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
