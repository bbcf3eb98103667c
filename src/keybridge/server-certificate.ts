// The certificate that a client is shown in place of that of its server: what it says is carried over, and our own
// authority signs it.

import type { Authority } from './authority.ts';
import type { CertificateParts, Extension } from './certificate-parts.ts';
import { checkValue, DerReader } from './der-reader.ts';
import type { Der } from './der-writer.ts';
import { encode, encodeBits, encodeIdentifier, TAG } from './der-writer.ts';
import type { CertificateContent } from './sign-certificate.ts';
import { EXTENSION, isSignedCertificate, signCertificate } from './sign-certificate.ts';

/** A certificate that was made. */
export interface MadeCertificate {
  readonly encoded: Der;
  /** Milliseconds since 1970. */
  readonly validTo: number;
}

/** What every certificate for clients is made with. */
export interface Making {
  readonly authority: Authority;
  /** The key of all of them, with its algorithm, as it is encoded. */
  readonly publicKey: Der;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What certificates with the contents of another one are made with, besides. */
export interface Resigning extends Making {
  /** Object identifiers of the extensions that are carried over if the original has them. */
  readonly carriedOver: readonly string[];
}

const DAY_MS = 86_400_000;
const MAX_LIFETIME_MS = 398 * DAY_MS; // browsers take no longer one (CA/Browser Forum, 6.3.2)
const NAMED_LIFETIME_MS = 7 * DAY_MS; // what has no server behind it is not for long

const NO_AUTHORITY = encode(TAG.sequence); // CA is FALSE, which is the default
const SIGNS_HANDSHAKES = encodeBits(Buffer.of(0b1000_0000), 7); // digitalSignature: all that a key on P-256 does (RFC 8813)
const NOBODY = encode(TAG.sequence); // a subject without a part
const FOR_SERVERS = encode(TAG.sequence, encodeIdentifier('1.3.6.1.5.5.7.3.1'));

const NEVER_COPIED: readonly (readonly [string, Extension])[] = [
  [EXTENSION.basicConstraints, { isCritical: true, value: NO_AUTHORITY }],
  [EXTENSION.keyUsage, { isCritical: true, value: SIGNS_HANDSHAKES }],
];

/**
 * Re-signs the certificate of a server: subject and the extensions on the list as they are, validity carried over and cut to
 * that of the authority and to 398 days. Nothing else of it is true of the new one. @throws NotDer
 */
export function resignCertificate(original: CertificateParts, making: Resigning): MadeCertificate {
  const content = resignedContent(original, making);
  return { encoded: signCertificate(content, making.authority), validTo: content.validTo };
}

/**
 * The same for one that was made before, at `making.now`: undefined unless it is, but for its serial number, what would be
 * made. @throws NotDer for an original that cannot be carried over
 */
export function checkResigned(
  encoded: Der,
  original: CertificateParts,
  making: Resigning,
): MadeCertificate | undefined {
  const content = resignedContent(original, making);
  if (!isSignedCertificate(encoded, content, making.authority)) return undefined;
  return { encoded, validTo: content.validTo };
}

function resignedContent(original: CertificateParts, making: Resigning): CertificateContent {
  checkValue(original.subject);
  const isNameless = !hasPart(original.subject);
  const subject = isNameless ? NOBODY : original.subject;
  const extensions = new Map(NEVER_COPIED);
  extensions.set(EXTENSION.extendedKeyUsage, { isCritical: false, value: FOR_SERVERS });
  for (const [identifier, { isCritical, value }] of original.extensions) {
    if (!making.carriedOver.includes(identifier)) continue;
    checkValue(value);
    // Names must be critical where they are alone (RFC 5280, 4.2.1.6).
    const isAlone = isNameless && identifier === EXTENSION.subjectAltName;
    extensions.set(identifier, { isCritical: isCritical || isAlone, value });
  }
  return { subject, ...lifetimeOf(original, making), publicKey: making.publicKey, extensions };
}

/** Some write one part that is empty, where there should be none. */
function hasPart(subject: Der): boolean {
  const parts = new DerReader(new DerReader(subject).take(TAG.sequence).contents);
  while (!parts.isAtEnd) if (parts.take(TAG.set).contents.length > 0) return true;
  return false;
}

/** A name, or an address as its 4 or 16 bytes. */
export type ServerIdentity = { readonly name: string } | { readonly address: Der };

/** A certificate for a server that showed none that could be carried over: for the page that says so. */
export function certificateForName(server: ServerIdentity, making: Making): MadeCertificate {
  const { authority, publicKey, now } = making;
  const name =
    'name' in server
      ? encode(0x82, Buffer.from(server.name, 'latin1'))
      : encode(0x87, server.address);
  const extensions = new Map(NEVER_COPIED);
  extensions.set(EXTENSION.extendedKeyUsage, { isCritical: false, value: FOR_SERVERS });
  const value = encode(TAG.sequence, name);
  extensions.set(EXTENSION.subjectAltName, { isCritical: true, value });
  const lifetime = {
    validFrom: Math.max(now - DAY_MS, authority.validFrom),
    validTo: Math.min(now + NAMED_LIFETIME_MS, authority.validTo),
  };
  const content = { subject: NOBODY, ...lifetime, publicKey, extensions };
  return { encoded: signCertificate(content, authority), validTo: lifetime.validTo };
}

interface Lifetime {
  readonly validFrom: number;
  readonly validTo: number;
}

/**
 * What has expired stays so, and what is not valid yet, too. Where the original and the authority are never valid together,
 * the authority has no say: its dates would make one that ends before it begins.
 */
function lifetimeOf(original: Lifetime, { authority, now }: Making): Lifetime {
  const isBefore = original.validTo < authority.validFrom;
  const isAfter = original.validFrom > authority.validTo;
  const { validFrom: earliest, validTo: latest } =
    isBefore || isAfter
      ? original
      : {
          validFrom: Math.max(original.validFrom, authority.validFrom),
          validTo: Math.min(original.validTo, authority.validTo),
        };
  if (latest - earliest <= MAX_LIFETIME_MS) return { validFrom: earliest, validTo: latest };
  const validFrom = Math.max(earliest, Math.min(now - DAY_MS, latest - MAX_LIFETIME_MS));
  return { validFrom, validTo: Math.min(latest, validFrom + MAX_LIFETIME_MS) };
}
