// The certificate that a client is shown in place of that of its server: what it says is carried over, and our own
// authority signs it.

import type { Authority } from './authority.ts';
import type { CertificateParts, Extension } from './certificate-parts.ts';
import type { Der } from './der-writer.ts';
import { encode, encodeBits, encodeIdentifier, TAG } from './der-writer.ts';
import { EXTENSION, signCertificate } from './sign-certificate.ts';

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
 * Re-signs the certificate of a server: subject, names and purposes as they are, validity carried over and cut to that of
 * the authority and to 398 days. Nothing else of it is true of the new one.
 */
export function resignCertificate(original: CertificateParts, making: Making): MadeCertificate {
  const names = original.extensions.get(EXTENSION.subjectAltName);
  const purposes = original.extensions.get(EXTENSION.extendedKeyUsage);
  const extensions = new Map(NEVER_COPIED);
  extensions.set(EXTENSION.extendedKeyUsage, purposes ?? { isCritical: false, value: FOR_SERVERS });
  if (names !== undefined) {
    const isAlone = original.subject.length === NOBODY.length; // then it must be critical (RFC 5280, 4.2.1.6)
    const isCritical = names.isCritical || isAlone;
    extensions.set(EXTENSION.subjectAltName, { isCritical, value: names.value });
  }
  return make(original, lifetimeOf(original, making), extensions, making);
}

/** A name, or an address as its 4 or 16 bytes. */
export type ServerIdentity = { readonly name: string } | { readonly address: Der };

/** A certificate for a server that showed none that could be carried over: for the page that says so. */
export function certificateForName(server: ServerIdentity, making: Making): MadeCertificate {
  const { authority, now } = making;
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
  return make({ subject: NOBODY }, lifetime, extensions, making);
}

interface Lifetime {
  readonly validFrom: number;
  readonly validTo: number;
}

/** What has expired stays so, and what is not valid yet, too. */
function lifetimeOf(original: Lifetime, { authority, now }: Making): Lifetime {
  const validTo = Math.min(original.validTo, authority.validTo);
  const earliest = Math.max(original.validFrom, authority.validFrom);
  if (validTo - earliest <= MAX_LIFETIME_MS) return { validFrom: earliest, validTo };
  const validFrom = Math.max(earliest, Math.min(now - DAY_MS, validTo - MAX_LIFETIME_MS));
  return { validFrom, validTo: Math.min(validTo, validFrom + MAX_LIFETIME_MS) };
}

function make(
  { subject }: { readonly subject: Der },
  lifetime: Lifetime,
  extensions: ReadonlyMap<string, Extension>,
  { authority, publicKey }: Making,
): MadeCertificate {
  const encoded = signCertificate({ subject, ...lifetime, publicKey, extensions }, authority);
  return { encoded, validTo: lifetime.validTo };
}
