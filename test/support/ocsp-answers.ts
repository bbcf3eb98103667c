// Answers of OCSP of tests, with whatever is wrong that a test wants: openssl itself makes only good ones.
import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { keyBits, readCertificate } from '../../src/keybridge/certificate-parts.ts';
import type { Der } from '../../src/keybridge/der-writer.ts';
import {
  contextTag,
  encode,
  encodeIdentifier,
  encodeInteger,
  TAG,
} from '../../src/keybridge/der-writer.ts';
import type { MadeCertificate } from './test-authority.ts';

/** What an answer says. */
export interface AnswerWish {
  /** Default: good. */
  readonly status?: 'good' | 'revoked' | 'unknown';
  /** In milliseconds since 1970. Default: an hour ago. */
  readonly thisUpdate?: number;
  /** Default: in an hour; null: it is not said. */
  readonly nextUpdate?: number | null;
  /** Who has signed it. Default: the issuer. */
  readonly signer?: MadeCertificate;
  /** Whether the certificate of the signer is in it. Default: false. */
  readonly showsSigner?: boolean;
  /** Default: by name. */
  readonly byKey?: boolean;
  /** The digest of the hashes. Default: SHA-1. */
  readonly digest?: 'sha1' | 'sha256';
  /** Whether an extension is in it that is critical. Default: false. */
  readonly hasCritical?: boolean;
  /** What the responder says beside: 0 is success. Default: 0. */
  readonly responseStatus?: number;
}

const DIGESTS = { sha1: '1.3.14.3.2.26', sha256: '2.16.840.1.101.3.4.2.1' };
const ECDSA_SHA256 = '1.2.840.10045.4.3.2';
const HOUR_MS = 3_600_000;

/** An answer about a certificate. */
export function ocspAnswer(about: string, issuer: MadeCertificate, wish: AnswerWish = {}): Buffer {
  const { signer = issuer, showsSigner = false, responseStatus = 0 } = wish;
  if (responseStatus !== 0)
    return Buffer.from(encode(TAG.sequence, encode(0x0a, Buffer.of(responseStatus))));
  const signed = encode(
    TAG.sequence,
    responderOf(signer, wish),
    timeOf(Date.now()),
    encode(TAG.sequence, single(about, issuer, wish)),
    ...(wish.hasCritical === true ? [encode(contextTag(1), encode(TAG.sequence, critical()))] : []),
  );
  const signature = sign('sha256', signed, createPrivateKey(readFileSync(signer.privateKey)));
  const basic = encode(
    TAG.sequence,
    signed,
    encode(TAG.sequence, encodeIdentifier(ECDSA_SHA256)),
    encode(TAG.bitString, Buffer.of(0), signature),
    ...(showsSigner ? [encode(contextTag(0), encode(TAG.sequence, derOf(signer)))] : []),
  );
  const bytes = encode(
    TAG.sequence,
    encodeIdentifier('1.3.6.1.5.5.7.48.1.1'),
    encode(TAG.octetString, basic),
  );
  return Buffer.from(
    encode(TAG.sequence, encode(0x0a, Buffer.of(0)), encode(contextTag(0), bytes)),
  );
}

function single(about: string, issuer: MadeCertificate, wish: AnswerWish): Der {
  const { digest = 'sha1', nextUpdate = Date.now() + HOUR_MS } = wish;
  const { subject, publicKey } = readCertificate(derOf(issuer));
  const hash = (bytes: Der): Der => createHash(digest).update(bytes).digest();
  const { serialNumber } = new X509Certificate(readFileSync(about));
  const certificate = encode(
    TAG.sequence,
    encode(TAG.sequence, encodeIdentifier(DIGESTS[digest]), encode(TAG.null)),
    encode(TAG.octetString, hash(subject)),
    encode(TAG.octetString, hash(keyBits(publicKey))),
    encodeInteger(Buffer.from(serialNumber, 'hex')),
  );
  return encode(
    TAG.sequence,
    certificate,
    statusOf(wish),
    timeOf(wish.thisUpdate ?? Date.now() - HOUR_MS),
    ...(nextUpdate === null ? [] : [encode(contextTag(0), timeOf(nextUpdate))]),
  );
}

function statusOf({ status = 'good' }: AnswerWish): Der {
  if (status === 'revoked') return encode(contextTag(1), timeOf(Date.now() - 24 * HOUR_MS));
  return encode(status === 'good' ? 0x80 : 0x82);
}

function responderOf(signer: MadeCertificate, { byKey = false }: AnswerWish): Der {
  const { subject, publicKey } = readCertificate(derOf(signer));
  if (!byKey) return encode(contextTag(1), subject);
  const hash = createHash('sha1').update(keyBits(publicKey)).digest();
  return encode(contextTag(2), encode(TAG.octetString, hash));
}

function critical(): Der {
  const yes = encode(TAG.boolean, Buffer.of(0xff));
  return encode(TAG.sequence, encodeIdentifier('1.2.3.4'), yes, encode(TAG.octetString));
}

function timeOf(at: number): Der {
  const text = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '');
  return encode(TAG.generalizedTime, Buffer.from(text, 'latin1'));
}

function derOf({ certificate }: Pick<MadeCertificate, 'certificate'>): Buffer {
  return new X509Certificate(readFileSync(certificate)).raw;
}
