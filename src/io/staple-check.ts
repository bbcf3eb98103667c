// What an answer of OCSP that a server staples to its handshake (RFC 6066, 8) says about its certificate: whether it is
// about that certificate, of now, and signed by who may (RFC 6960, 3.2).

import { createHash, X509Certificate } from 'node:crypto';
import { keyBits, readCertificate } from '../keybridge/certificate-parts.ts';
import { DerReader, identifierOf, NotDer } from '../keybridge/der-reader.ts';
import { TAG } from '../keybridge/der-writer.ts';
import type { OcspAnswer, Responder, SingleAnswer } from './ocsp-response.ts';
import { readOcspAnswer } from './ocsp-response.ts';
import { isSignedBy } from './signature-algorithm.ts';

/** What came of a check. `invalid`: it proves nothing. */
export type StapleVerdict =
  { readonly kind: 'good' | 'revoked' } | { readonly kind: 'invalid'; readonly why: string };

/** What came of asking a server for one. */
export type StapleFinding = StapleVerdict | { readonly kind: 'missing' };

interface IssuedCertificate {
  readonly certificate: X509Certificate;
  readonly issuer: X509Certificate;
}

// Clocks differ; as in OpenSSL.
const CLOCK_TOLERANCE_MS = 300_000;
// An answer that does not say when the next one comes is not taken for longer.
const MAX_AGE_MS = 86_400_000;

const EXTENDED_KEY_USAGE = '2.5.29.37';
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
const TLS_FEATURE = '1.3.6.1.5.5.7.1.24';
const STATUS_REQUEST = 5;

/** Digests of the names and keys of issuers, by object identifier. SHA-1 is what everybody uses: it only says who is meant. */
const DIGESTS: ReadonlyMap<string, string> = new Map([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

/**
 * Checks what a server has stapled, if anything, for the first certificate of its chain; `now` in milliseconds since 1970. Where
 * nobody knows who has issued that, a staple is worth nothing, and is none.
 */
export function checkStaple(
  staple: Uint8Array | undefined,
  [certificate, ...above]: readonly X509Certificate[],
  now: number,
): StapleFinding {
  const issuer = above[0] ?? certificate;
  if (staple === undefined || certificate === undefined || issuer === undefined) return MISSING;
  if (!isIssuedBy(certificate, issuer)) return MISSING;
  try {
    return judge(readOcspAnswer(staple), { certificate, issuer }, now);
  } catch (error) {
    if (!(error instanceof NotDer)) throw error;
    return invalid(`it cannot be read: ${error.message}`);
  }
}

/** Whether a certificate is not to be believed without a staple (must-staple, RFC 7633). */
export function mustStaple({ raw }: X509Certificate): boolean {
  try {
    const feature = readCertificate(raw).extensions.get(TLS_FEATURE);
    if (feature === undefined) return false;
    const list = new DerReader(new DerReader(feature.value).take(TAG.sequence).contents);
    let isAsked = false;
    while (!list.isAtEnd) {
      const [number, ...more] = list.take(TAG.integer).contents;
      isAsked ||= number === STATUS_REQUEST && more.length === 0;
    }
    return isAsked;
  } catch (error) {
    if (error instanceof NotDer) return true; // what it asks for cannot be read
    throw error;
  }
}

function judge(answer: OcspAnswer, issued: IssuedCertificate, now: number): StapleVerdict {
  const isAbout = matcherOf(issued);
  const answers = answer.answers.filter(isAbout);
  if (answers.length === 0) return invalid('it is about another certificate');
  if (!isSigned(answer, issued.issuer, now))
    return invalid('nobody has signed it who may do so for the authority of the certificate');
  const when = answers.map((one) => staleness(one, now)).find((one) => one !== undefined);
  if (when !== undefined) return invalid(when);
  if (answers.some(({ status }) => status === 'revoked')) return { kind: 'revoked' };
  if (answers.some(({ status }) => status === 'unknown'))
    return invalid('the responder does not know the certificate');
  return { kind: 'good' };
}

/** Recognises answers about a certificate. */
function matcherOf({ certificate, issuer }: IssuedCertificate): (answer: SingleAnswer) => boolean {
  const { subject, publicKey } = readCertificate(issuer.raw);
  const bits = keyBits(publicKey);
  const number = withoutZeros(certificate.serialNumber);
  return ({ digest, issuerName, issuerKey, serial }) => {
    const name = DIGESTS.get(digest);
    if (name === undefined) return false;
    const hash = (bytes: Uint8Array): Buffer => createHash(name).update(bytes).digest();
    return (
      withoutZeros(Buffer.from(serial).toString('hex')) === number &&
      hash(subject).equals(issuerName) &&
      hash(bits).equals(issuerKey)
    );
  };
}

function withoutZeros(hexadecimal: string): string {
  return hexadecimal.toLowerCase().replace(/^0+/, '');
}

function staleness({ thisUpdate, nextUpdate }: SingleAnswer, now: number): string | undefined {
  if (thisUpdate > now + CLOCK_TOLERANCE_MS) return 'it is of the future';
  const until = nextUpdate ?? thisUpdate + MAX_AGE_MS;
  if (until < thisUpdate) return 'it ends before it begins';
  return until < now - CLOCK_TOLERANCE_MS ? 'it is too old' : undefined;
}

/** Whether the authority has signed it, or somebody whom that has told to. */
function isSigned(answer: OcspAnswer, issuer: X509Certificate, now: number): boolean {
  const { algorithm, signed, signature } = answer;
  if (algorithm === undefined) return false;
  return signersOf(answer, issuer, now).some((signer) =>
    isSignedBy(signer.publicKey, { algorithm, signed, signature }),
  );
}

function signersOf(
  { responder, certificates }: OcspAnswer,
  issuer: X509Certificate,
  now: number,
): readonly X509Certificate[] {
  const delegated = certificates
    .filter((encoded) => isNamed(encoded, responder))
    .flatMap((encoded) => delegateOf(encoded, issuer, now));
  return isNamed(issuer.raw, responder) ? [issuer, ...delegated] : delegated;
}

/** A certificate that is made for this, and valid now; of anything else, nothing. */
function delegateOf(
  encoded: Uint8Array,
  issuer: X509Certificate,
  now: number,
): readonly X509Certificate[] {
  const certificate = parse(encoded);
  if (certificate === undefined) return [];
  const { validFromDate, validToDate } = certificate;
  const isValid = validFromDate.getTime() <= now && now <= validToDate.getTime();
  if (!isValid || !isForSigning(encoded)) return [];
  return isIssuedBy(certificate, issuer) ? [certificate] : [];
}

function isForSigning(encoded: Uint8Array): boolean {
  const purposes = readCertificate(encoded).extensions.get(EXTENDED_KEY_USAGE);
  if (purposes === undefined) return false;
  const list = new DerReader(new DerReader(purposes.value).take(TAG.sequence).contents);
  let isFound = false;
  while (!list.isAtEnd) {
    const purpose = identifierOf(list.take(TAG.objectIdentifier).contents);
    isFound ||= purpose === OCSP_SIGNING;
  }
  return isFound;
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

function parse(encoded: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(encoded);
  } catch {
    return undefined;
  }
}

function isNamed(encoded: Uint8Array, responder: Responder): boolean {
  const { subject, publicKey } = readCertificate(encoded);
  if (responder.kind === 'name') return Buffer.from(subject).equals(responder.name);
  return createHash('sha1').update(keyBits(publicKey)).digest().equals(responder.hash);
}

const MISSING: StapleFinding = { kind: 'missing' };

function invalid(why: string): StapleVerdict {
  return { kind: 'invalid', why };
}
