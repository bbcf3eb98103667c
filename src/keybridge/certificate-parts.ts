// Takes the certificate of a server apart (RFC 5280, 4.1): what another certificate for the same server needs of it.

import type { DerValue } from './der-reader.ts';
import { DerReader, identifierOf, NotDer, timeOf } from './der-reader.ts';
import type { Der } from './der-writer.ts';
import { contextTag, TAG } from './der-writer.ts';

/** One extension. */
export interface Extension {
  readonly isCritical: boolean;
  /** What is inside of its octet string. */
  readonly value: Der;
}

/** Parts of a certificate. */
export interface CertificateParts {
  /** Its name, as it is encoded. */
  readonly subject: Der;
  /** In milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
  /** Its public key with the algorithm, as it is encoded. */
  readonly publicKey: Der;
  /** By object identifier. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

// Names of a certificate for many servers make it large; a handshake of OpenSSL takes 100 KiB for a whole chain.
const MAX_BYTES = 102_400;
const MAX_EXTENSIONS = 64; // some 20 are in use; each may come once

/** @throws NotDer for what is no certificate. */
export function readCertificate(encoded: Der): CertificateParts {
  if (encoded.length > MAX_BYTES) throw new NotDer('the certificate is too large');
  const outer = new DerReader(encoded);
  const certificate = new DerReader(outer.take(TAG.sequence).contents);
  outer.end();
  const signed = new DerReader(certificate.take(TAG.sequence).contents);
  certificate.take(TAG.sequence); // the algorithm of the signature
  certificate.take(TAG.bitString);
  certificate.end();
  return readSigned(signed);
}

function readSigned(signed: DerReader): CertificateParts {
  signed.takeIf(contextTag(0)); // version
  signed.take(TAG.integer); // serial number
  signed.take(TAG.sequence); // the algorithm of the signature
  signed.take(TAG.sequence); // issuer
  const validity = new DerReader(signed.take(TAG.sequence).contents);
  const validFrom = timeOf(validity.next());
  const validTo = timeOf(validity.next());
  validity.end();
  const subject = signed.take(TAG.sequence).encoded;
  const publicKey = signed.take(TAG.sequence).encoded;
  signed.takeIf(0x81); // unique identifiers, of version 2
  signed.takeIf(0x82);
  const wrapped = signed.takeIf(contextTag(3));
  signed.end();
  const extensions =
    wrapped === undefined ? new Map<string, Extension>() : readExtensions(wrapped.contents);
  return { subject, validFrom, validTo, publicKey, extensions };
}

function readExtensions(wrapped: Der): ReadonlyMap<string, Extension> {
  const outer = new DerReader(wrapped);
  const list = new DerReader(outer.take(TAG.sequence).contents);
  outer.end();
  const extensions = new Map<string, Extension>();
  while (!list.isAtEnd) {
    const one = new DerReader(list.take(TAG.sequence).contents);
    const name = identifierOf(one.take(TAG.objectIdentifier).contents);
    const isCritical = isTrue(one.takeIf(TAG.boolean));
    const value = one.take(TAG.octetString).contents;
    one.end();
    if (extensions.has(name)) throw new NotDer(`the extension ${name} comes twice`);
    if (extensions.size === MAX_EXTENSIONS) throw new NotDer('there are too many extensions');
    extensions.set(name, { isCritical, value });
  }
  return extensions;
}

/** FALSE is the default: some write it all the same. */
function isTrue(critical: DerValue | undefined): boolean {
  if (critical === undefined) return false;
  const [byte, ...more] = critical.contents;
  if (more.length > 0 || (byte !== 0xff && byte !== 0)) throw new NotDer('a boolean is not of DER');
  return byte === 0xff;
}

/** The bits of a public key, without its algorithm: what identifies it. @throws NotDer */
export function keyBits(publicKey: Der): Der {
  const reader = new DerReader(new DerReader(publicKey).take(TAG.sequence).contents);
  reader.take(TAG.sequence);
  return reader.take(TAG.bitString).contents.subarray(1);
}
