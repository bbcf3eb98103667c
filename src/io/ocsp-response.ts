// Reads answers of OCSP (RFC 6960, 4.2) as servers staple them to their handshake: bytes that anybody may have made, so
// what is not exactly right is refused. What they mean for a certificate: staple-check.ts.

import type { DerValue } from '../keybridge/der-reader.ts';
import { DerReader, identifierOf, NotDer, timeOf } from '../keybridge/der-reader.ts';
import type { Der } from '../keybridge/der-writer.ts';
import { contextTag, TAG } from '../keybridge/der-writer.ts';
import type { SignatureAlgorithm } from './signature-algorithm.ts';
import { signatureAlgorithmOf } from './signature-algorithm.ts';

/** What an answer says about one certificate. */
export interface SingleAnswer {
  /** Object identifier of the digest that the two hashes are of. */
  readonly digest: string;
  /** Hash of the name of the issuer, and of the bits of its public key. */
  readonly issuerName: Der;
  readonly issuerKey: Der;
  /** Serial number of the certificate, as a positive DER integer. */
  readonly serial: Der;
  readonly status: 'good' | 'revoked' | 'unknown';
  /** In milliseconds since 1970. */
  readonly thisUpdate: number;
  /** Undefined: there may be a newer answer at any time. */
  readonly nextUpdate: number | undefined;
}

/** Who has signed an answer: by the name, as it is encoded, or by the SHA-1 of the bits of the key. */
export type Responder =
  { readonly kind: 'name'; readonly name: Der } | { readonly kind: 'key'; readonly hash: Der };

/** A basic answer. */
export interface OcspAnswer {
  readonly responder: Responder;
  readonly answers: readonly SingleAnswer[];
  /** What is signed, how (undefined: in no way that is believed), and the signature. */
  readonly signed: Der;
  readonly algorithm: SignatureAlgorithm | undefined;
  readonly signature: Der;
  /** Certificates that may be of who has signed. */
  readonly certificates: readonly Der[];
}

// An answer about one certificate has 2 KiB with the certificate of its signer. TLS itself would take 16 MiB.
const MAX_BYTES = 65_536;
// A server asks about its own certificate. Some responders answer for a few at once.
const MAX_ANSWERS = 32;
// The signer, and what may stand between it and the authority.
const MAX_CERTIFICATES = 8;

const BASIC = '1.3.6.1.5.5.7.48.1.1';
const ENUMERATED = 0x0a;
const SUCCESSFUL = 0;
const STATUSES: ReadonlyMap<number, SingleAnswer['status']> = new Map([
  [0x80, 'good'],
  [contextTag(1), 'revoked'],
  [0x82, 'unknown'],
]);

/** Reads an answer. @throws NotDer for what is none, or says only that the responder cannot answer. */
export function readOcspAnswer(bytes: Der): OcspAnswer {
  if (bytes.length > MAX_BYTES) throw new NotDer('the answer is too large');
  const response = whole(bytes);
  const [status, ...more] = response.take(ENUMERATED).contents;
  if (status !== SUCCESSFUL || more.length > 0)
    throw new NotDer(`the responder has no answer: ${status}`);
  const wrapped = whole(response.take(contextTag(0)).contents);
  response.end();
  if (identifierOf(wrapped.take(TAG.objectIdentifier).contents) !== BASIC)
    throw new NotDer('the answer is of an unknown kind');
  const basic = whole(wrapped.take(TAG.octetString).contents);
  wrapped.end();
  return readBasic(basic);
}

function readBasic(basic: DerReader): OcspAnswer {
  const signed = basic.take(TAG.sequence);
  const algorithm = signatureOf(basic.take(TAG.sequence));
  const [unused, ...signature] = basic.take(TAG.bitString).contents;
  if (unused !== 0) throw new NotDer('a signature is not of whole bytes');
  const certificates = basic.takeIf(contextTag(0));
  basic.end();
  return {
    ...readSigned(new DerReader(signed.contents)),
    signed: signed.encoded,
    algorithm,
    signature: Buffer.from(signature),
    certificates: certificates === undefined ? [] : readCertificates(certificates.contents),
  };
}

function readSigned(signed: DerReader): Pick<OcspAnswer, 'responder' | 'answers'> {
  signed.takeIf(contextTag(0)); // version: there is one
  const responder = responderOf(signed.next());
  timeOf(signed.take(TAG.generalizedTime)); // when it was signed: how old it may be says each answer
  const list = new DerReader(signed.take(TAG.sequence).contents);
  checkExtensions(signed.takeIf(contextTag(1)));
  signed.end();
  const answers: SingleAnswer[] = [];
  while (!list.isAtEnd) {
    if (answers.length === MAX_ANSWERS) throw new NotDer('there are too many answers');
    answers.push(readSingle(new DerReader(list.take(TAG.sequence).contents)));
  }
  return { responder, answers };
}

function responderOf({ tag, contents }: DerValue): Responder {
  const reader = new DerReader(contents);
  if (tag === contextTag(1)) {
    const name = reader.take(TAG.sequence).encoded;
    reader.end();
    return { kind: 'name', name };
  }
  if (tag !== contextTag(2)) throw new NotDer('the responder is of an unknown kind');
  const hash = reader.take(TAG.octetString).contents;
  reader.end();
  return { kind: 'key', hash };
}

function readSingle(single: DerReader): SingleAnswer {
  const certificate = new DerReader(single.take(TAG.sequence).contents);
  const digest = identifierOf(algorithmOf(certificate.take(TAG.sequence)));
  const issuerName = certificate.take(TAG.octetString).contents;
  const issuerKey = certificate.take(TAG.octetString).contents;
  const serial = certificate.take(TAG.integer).contents;
  certificate.end();
  const status = STATUSES.get(single.next().tag);
  if (status === undefined) throw new NotDer('a status is of an unknown kind');
  const thisUpdate = timeOf(single.take(TAG.generalizedTime));
  const next = single.takeIf(contextTag(0));
  const nextUpdate = next === undefined ? undefined : timeOf(only(next.contents));
  checkExtensions(single.takeIf(contextTag(1)));
  single.end();
  return { digest, issuerName, issuerKey, serial, status, thisUpdate, nextUpdate };
}

/** What would have to be understood, and is not, makes an answer useless. */
function checkExtensions(wrapped: DerValue | undefined): void {
  if (wrapped === undefined) return;
  const list = whole(wrapped.contents);
  while (!list.isAtEnd) {
    const extension = new DerReader(list.take(TAG.sequence).contents);
    const name = identifierOf(extension.take(TAG.objectIdentifier).contents);
    const [isCritical] = extension.takeIf(TAG.boolean)?.contents ?? [];
    extension.take(TAG.octetString);
    extension.end();
    if (isCritical !== undefined && isCritical !== 0)
      throw new NotDer(`the extension ${name} is critical and unknown`);
  }
}

function readCertificates(wrapped: Der): readonly Der[] {
  const list = whole(wrapped);
  const certificates: Der[] = [];
  while (!list.isAtEnd) {
    if (certificates.length === MAX_CERTIFICATES) throw new NotDer('there are too many signers');
    certificates.push(list.take(TAG.sequence).encoded);
  }
  return certificates;
}

function signatureOf({ contents }: DerValue): SignatureAlgorithm | undefined {
  try {
    return signatureAlgorithmOf(Buffer.from(contents));
  } catch {
    throw new NotDer('the algorithm of the signature cannot be read');
  }
}

function algorithmOf({ contents }: DerValue): Der {
  return new DerReader(contents).take(TAG.objectIdentifier).contents;
}

/** A reader of the one value that bytes are. */
function whole(bytes: Der): DerReader {
  const { tag, contents } = only(bytes);
  if (tag !== TAG.sequence) throw new NotDer('there is no sequence where one should be');
  return new DerReader(contents);
}

function only(bytes: Der): DerValue {
  const reader = new DerReader(bytes);
  const value = reader.next();
  reader.end();
  return value;
}
