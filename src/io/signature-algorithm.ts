// How revocation lists and answers of OCSP are signed (RFC 4055, RFC 5758, RFC 8410): with SHA-2, by RSA in both its
// forms, ECDSA or Ed25519. Nothing else is believed.

import type { KeyObject } from 'node:crypto';
import { constants, verify } from 'node:crypto';
import { DER_TAGS, DerReader } from './der-reader.ts';

/** An algorithm that is believed. */
export interface SignatureAlgorithm {
  /** Null: it has its own. */
  readonly digest: string | null;
  /** Of RSASSA-PSS, in bytes; undefined: it is another one. */
  readonly saltBytes: number | undefined;
}

/** Something and its signature. */
export interface Signed {
  readonly algorithm: SignatureAlgorithm;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** Digests by the object identifier of an algorithm, DER in hexadecimal. */
const DIGESTS: ReadonlyMap<string, string | null> = new Map([
  ['2a864886f70d01010b', 'sha256'],
  ['2a864886f70d01010c', 'sha384'],
  ['2a864886f70d01010d', 'sha512'],
  ['2a8648ce3d040302', 'sha256'],
  ['2a8648ce3d040303', 'sha384'],
  ['2a8648ce3d040304', 'sha512'],
  ['2b6570', null],
]);

const RSASSA_PSS = '2a864886f70d01010a';
const MGF1 = '2a864886f70d010108';

/** By the object identifier of the digest itself. */
const PLAIN_DIGESTS: ReadonlyMap<string, string> = new Map([
  ['608648016503040201', 'sha256'],
  ['608648016503040202', 'sha384'],
  ['608648016503040203', 'sha512'],
]);

/** Parameters of RSASSA-PSS (RFC 4055, 3.1); their defaults are SHA-1, which is not believed, and a salt of 20 bytes. */
const [HASH, MASK, SALT, TRAILER] = [0xa0, 0xa1, 0xa2, 0xa3];
const DEFAULT_SALT_BYTES = 20;

/** Reads what is in an AlgorithmIdentifier; undefined: nothing that is believed. @throws Error for what is no DER. */
export function signatureAlgorithmOf(identifier: Buffer): SignatureAlgorithm | undefined {
  const parts = new DerReader(identifier);
  const name = parts.next(DER_TAGS.objectIdentifier).content.toString('hex');
  if (name === RSASSA_PSS) return pssOf(parts.sequence());
  const digest = DIGESTS.get(name);
  return digest === undefined ? undefined : { digest, saltBytes: undefined };
}

function pssOf(parameters: DerReader): SignatureAlgorithm | undefined {
  const digest = digestOf(parameters.optional(HASH)?.content);
  const mask = new DerReader(parameters.optional(MASK)?.content ?? Buffer.alloc(0));
  const salt = parameters.optional(SALT);
  if (digest === undefined || !mask.hasMore || parameters.optional(TRAILER) !== undefined)
    return undefined;
  const generator = mask.sequence();
  if (generator.next(DER_TAGS.objectIdentifier).content.toString('hex') !== MGF1) return undefined;
  if (digestOf(generator.next(DER_TAGS.sequence).bytes) !== digest) return undefined;
  const saltBytes = salt === undefined ? DEFAULT_SALT_BYTES : saltBytesOf(salt.content);
  return { digest, saltBytes };
}

/** The digest of an AlgorithmIdentifier. */
function digestOf(identifier: Buffer | undefined): string | undefined {
  if (identifier === undefined) return undefined;
  const name = new DerReader(identifier).sequence().next(DER_TAGS.objectIdentifier).content;
  return PLAIN_DIGESTS.get(name.toString('hex'));
}

function saltBytesOf(wrapped: Buffer): number {
  const number = new DerReader(wrapped).next(DER_TAGS.integer).content;
  return Number.parseInt(number.toString('hex'), 16);
}

/** Whether something was signed with that key. */
export function isSignedBy(key: KeyObject, { algorithm, signed, signature }: Signed): boolean {
  const { digest, saltBytes: saltLength } = algorithm;
  const pss = saltLength !== undefined && {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength,
  };
  try {
    return verify(digest, signed, { key, ...pss }, signature);
  } catch {
    return false; // a key of another kind than the signature, or of none that OpenSSL knows
  }
}
