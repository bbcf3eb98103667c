// Lists of revoked certificates (RFC 5280, 5), for where one may be missing: OpenSSL tells only the last of its findings, so
// behind a missing list that it was told to overlook anything else could hide.

import type { X509Certificate } from 'node:crypto';
import { DER_TAGS, DerReader, derTime } from './der-reader.ts';
import type { SignatureAlgorithm } from './signature-algorithm.ts';
import { isSignedBy, signatureAlgorithmOf } from './signature-algorithm.ts';

/** What the lists say about a chain of certificates; `missing`: nothing bad, but not every authority has a list. */
export type Revocation = 'clear' | 'missing' | 'revoked' | 'unusable';

/** A list. */
export interface RevocationList {
  /** The name of its authority, DER. */
  readonly issuer: Buffer;
  readonly from: number;
  /** Undefined: for ever. */
  readonly until: number | undefined;
  /** Serial numbers, hexadecimal. */
  readonly revoked: ReadonlySet<string>;
  /** Whether it has a critical extension: it is not a plain list then, and is not used. */
  readonly isSpecial: boolean;
  /** How it is signed; undefined: in no way that is believed. */
  readonly algorithm: SignatureAlgorithm | undefined;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const EXTENSIONS = 0xa0;
const VERSION = 0xa0;
const PEM = /-----BEGIN X509 CRL-----([^-]+)-----END X509 CRL-----/g;

/** The lists of a PEM file. @throws Error if one cannot be read. */
export function readRevocationLists(pem: string): readonly RevocationList[] {
  return Array.from(pem.matchAll(PEM), ([, base64 = '']) =>
    readList(Buffer.from(base64, 'base64')),
  );
}

function readList(bytes: Buffer): RevocationList {
  const whole = new DerReader(bytes).sequence();
  const signed = whole.next(DER_TAGS.sequence);
  const algorithm = signatureAlgorithmOf(whole.next(DER_TAGS.sequence).content);
  const signature = whole.next(DER_TAGS.bitString).content.subarray(1); // a count of unused bits is first
  const parts = new DerReader(signed.content);
  parts.optional(DER_TAGS.integer);
  parts.next(DER_TAGS.sequence);
  const issuer = parts.next(DER_TAGS.sequence).bytes;
  const from = derTime(parts.next());
  const last = parts.optional(DER_TAGS.utcTime, DER_TAGS.generalizedTime);
  return {
    issuer,
    from,
    until: last === undefined ? undefined : derTime(last),
    revoked: serialsOf(parts),
    isSpecial: hasCritical(parts),
    algorithm,
    signed: signed.bytes,
    signature,
  };
}

function serialsOf(parts: DerReader): ReadonlySet<string> {
  const revoked = new Set<string>();
  const entries = parts.nextTag === DER_TAGS.sequence ? parts.sequence() : undefined;
  while (entries?.hasMore === true)
    revoked.add(entries.sequence().next(DER_TAGS.integer).content.toString('hex'));
  return revoked;
}

function hasCritical(parts: DerReader): boolean {
  const given = parts.optional(EXTENSIONS);
  if (given === undefined) return false;
  const extensions = new DerReader(given.content).sequence();
  while (extensions.hasMore) {
    const extension = extensions.sequence();
    extension.next(); // which it is
    if (extension.optional(DER_TAGS.boolean)?.content[0] === 0xff) return true;
  }
  return false;
}

/**
 * Looks a chain up, that of the peer first and each of its issuers behind. A list that is not valid now, that its authority
 * has not signed, or that is not a plain one, is no list: nothing passes by it.
 */
export function findRevocation(
  chain: readonly X509Certificate[],
  lists: readonly RevocationList[],
  now: number,
): Revocation {
  const found = new Set(chain.map((_, index) => revocationOf(chain, index, lists, now)));
  const order = ['revoked', 'unusable', 'missing'] as const;
  return order.find((one) => found.has(one)) ?? 'clear';
}

function revocationOf(
  chain: readonly X509Certificate[],
  index: number,
  lists: readonly RevocationList[],
  now: number,
): Revocation {
  const { serial, issuer } = namesOf(chain[index]);
  const authority = chain[index + 1] ?? chain[index];
  const own = lists.filter((list) => list.issuer.equals(issuer));
  if (own.length === 0 || authority === undefined) return 'missing';
  if (!own.every((list) => isUsable(list, authority, now))) return 'unusable';
  return own.some(({ revoked }) => revoked.has(serial)) ? 'revoked' : 'clear';
}

function isUsable(list: RevocationList, authority: X509Certificate, now: number): boolean {
  const { algorithm, signed, signature } = list;
  if (list.isSpecial || algorithm === undefined) return false;
  if (list.from > now || (list.until !== undefined && list.until < now)) return false;
  return isSignedBy(authority.publicKey, { algorithm, signed, signature });
}

/** What a list goes by, as it stands in a certificate (RFC 5280, 4.1). */
function namesOf(certificate: X509Certificate | undefined): { serial: string; issuer: Buffer } {
  const parts = new DerReader(certificate?.raw ?? Buffer.alloc(0)).sequence().sequence();
  parts.optional(VERSION);
  const serial = parts.next(DER_TAGS.integer).content.toString('hex');
  parts.next(DER_TAGS.sequence); // the algorithm of the signature
  return { serial, issuer: parts.next(DER_TAGS.sequence).bytes };
}
