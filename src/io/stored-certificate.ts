// A certificate made on the fly as a file: what it is called, and what is in it. Nothing of it is believed: who reads it
// makes sure that it is what would be made.

import { createHash } from 'node:crypto';
import type { Der } from '../keybridge/der-writer.ts';
import { pemOf } from '../keybridge/sign-certificate.ts';

/** What a certificate was made of. */
export interface CertificateOrigin {
  /** That of the server. */
  readonly original: Der;
  /** The SHA-256 of the certificate of the authority. */
  readonly authority: string;
  /** The key of the new one. */
  readonly publicKey: Der;
  /** Object identifiers. */
  readonly carriedOver: readonly string[];
}

/** A certificate that was made. */
export interface StoredCertificate {
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  readonly encoded: Der;
}

// Another one whenever other certificates are made of the same parts.
const VERSION = 1;

/** The name of its file. */
export function storedName({
  original,
  authority,
  publicKey,
  carriedOver,
}: CertificateOrigin): string {
  const parts = [VERSION, authority, digestOf(original), digestOf(publicKey), ...carriedOver];
  return `${digestOf(Buffer.from(parts.join('\n')))}.pem`;
}

function digestOf(bytes: Der): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Whether a file of this name is of this kind. */
export function isStoredName(name: string): boolean {
  return STORED_NAME.test(name);
}

const STORED_NAME = /^[0-9a-f]{64}\.pem$/;

/** The text of the file: PEM with the time above. */
export function writeStored({ madeAt, encoded }: StoredCertificate): string {
  return `Made ${new Date(madeAt).toISOString()}\n${pemOf(encoded)}`;
}

const TEXT =
  /^Made (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\n-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)\n-----END CERTIFICATE-----\n$/;

/** What is in such a file; undefined for what is none. */
export function readStored(text: string): StoredCertificate | undefined {
  const [, time = '', base64 = ''] = TEXT.exec(text) ?? [];
  const madeAt = Date.parse(time);
  if (Number.isNaN(madeAt)) return undefined;
  return { madeAt, encoded: Buffer.from(base64, 'base64') };
}
