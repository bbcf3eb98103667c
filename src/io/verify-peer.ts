// Whether the certificate of a peer is good enough for the policy. OpenSSL has
// checked the chain during the handshake; here is decided what its findings mean.

import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type {
  CertificateVerifier,
  PeerCertificate,
  TlsFailure,
  TlsServer,
} from '../session/tls-layer.ts';
import { explainFinding } from './finding-words.ts';
import type { Revocation } from './revocation-list.ts';
import type { StapleFinding } from './staple-check.ts';
import { mustStaple } from './staple-check.ts';
import { findingInWords } from './verify-result.ts';

/** What is known of a peer after the handshake. */
export interface ShownCertificate {
  readonly certificate: X509Certificate;
  /** What OpenSSL found, such as `CERT_HAS_EXPIRED`; undefined: nothing. */
  readonly finding: string | undefined;
  /** That of the peer first, each of its issuers behind it, as far as they are known. */
  readonly chain: readonly X509Certificate[];
  /** What lists say that OpenSSL was not given; undefined: there are none. */
  readonly revocation?: Revocation;
  /** What the server has stapled; undefined: it was not asked. */
  readonly staple?: StapleFinding;
}

/** A peer that is accepted, or why it is not. A peer without a certificate is accepted as nobody where that is permitted. */
export type Verified =
  | { readonly ok: true; readonly peer: PeerCertificate | undefined }
  | { readonly ok: false; readonly failure: TlsFailure };

const UNKNOWN = 'UNKNOWN';

/** Findings that say no more than that nobody vouches for the peer. */
const UNTRUSTED = new Set([
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const REVOKED = 'tls.certificate-revoked';

/** Findings that have a reason code of their own. Node knows the names of some; for the others see `findingOf`. */
const REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'tls.certificate-expired',
  CERT_NOT_YET_VALID: 'tls.certificate-not-yet-valid',
  CERT_REVOKED: REVOKED,
  INVALID_PURPOSE: 'tls.certificate-purpose',
  // Whoever signed it is no authority, whatever the certificates say.
  INVALID_CA: 'tls.certificate-untrusted',
  INVALID_CA_CERTIFICATE: 'tls.certificate-untrusted',
  CERT_SIGNATURE_FAILURE: 'tls.certificate-untrusted',
  CERT_CHAIN_TOO_LONG: 'tls.chain-too-long',
  EE_CERTIFICATE_KEY_TOO_WEAK: 'tls.weak-certificate',
  CA_CERTIFICATE_KEY_TOO_WEAK: 'tls.weak-certificate',
  CA_SIGNATURE_DIGEST_ALGORITHM_TOO_WEAK: 'tls.weak-certificate',
  UNABLE_TO_GET_CRL: 'tls.revocation-list',
  UNABLE_TO_GET_CERTIFICATE_CRL: 'tls.revocation-list',
  UNABLE_TO_GET_CRL_ISSUER_CERTIFICATE: 'tls.revocation-list',
  CRL_HAS_EXPIRED: 'tls.revocation-list',
  CRL_NOT_YET_VALID: 'tls.revocation-list',
  CRL_SIGNATURE_FAILURE: 'tls.revocation-list',
};

/** What a peer has shown; undefined: nothing. */
export function shownBy(socket: TLSSocket): ShownCertificate | undefined {
  const chain = chainOf(socket);
  const [certificate] = chain;
  if (certificate === undefined) return undefined;
  return { certificate, finding: findingOf(socket), chain };
}

/**
 * Node links each certificate to its issuer, and a root to itself. Once the socket was asked for `getPeerX509Certificate`, whose
 * chain lacks the root, it says nothing more here.
 */
function chainOf(socket: TLSSocket): readonly X509Certificate[] {
  const chain = new Map<string, X509Certificate>();
  // Where the issuer is not known there is none, or an empty object, whatever the types say.
  let one: Partial<DetailedPeerCertificate> | undefined = socket.getPeerCertificate(true);
  while (one?.raw !== undefined) {
    const certificate = new X509Certificate(one.raw);
    if (chain.has(certificate.fingerprint256)) break;
    chain.set(certificate.fingerprint256, certificate);
    one = one.issuerCertificate;
  }
  return [...chain.values()];
}

/**
 * What OpenSSL found about the chain. Node tells it only where it has made the connection or the server itself, so the
 * handle is asked. A finding that cannot be had is one. Where Node has no name for it, it is made of the words of OpenSSL.
 */
function findingOf(socket: TLSSocket): string | undefined {
  const handle = (socket as unknown as { _handle?: { verifyError?: () => unknown } })._handle;
  if (typeof handle?.verifyError !== 'function') return UNKNOWN;
  const error = handle.verifyError();
  if (error === null || error === undefined) return undefined;
  if (!(error instanceof Error && 'code' in error)) return UNKNOWN;
  if (error.code !== 'UNSPECIFIED') return String(error.code);
  return findingInWords(error.message);
}

/** Decides about a peer. `server` is the one that is meant, where the peer is a server. */
export function verifyPeer(
  shown: ShownCertificate | undefined,
  verifier: CertificateVerifier,
  now: number,
  server?: TlsServer,
): Verified {
  if (shown === undefined) {
    if (!verifier.required) return { ok: true, peer: undefined };
    return refuse('tls.no-certificate-shown', 'The peer shows no certificate');
  }
  const pin = server === undefined ? undefined : pinOf(verifier, server);
  if (pin !== undefined) {
    if (pin.raw.equals(shown.certificate.raw)) return accept(shown, PINNED);
    return refuse(
      'tls.certificate-not-pinned',
      'The server shows another certificate than the policy has for it',
    );
  }
  return verifyChain(shown, verifier, now, server);
}

/** The policy vouches for it, whatever else it says. */
const PINNED = { isTrusted: true, isNameChecked: false, finding: undefined };

function verifyChain(
  shown: ShownCertificate,
  verifier: CertificateVerifier,
  now: number,
  server: TlsServer | undefined,
): Verified {
  const { chain } = shown;
  const { maxDepth } = verifier;
  if (chain.length - 1 > maxDepth)
    return refuse('tls.chain-too-long', `The chain of certificates is longer than ${maxDepth}`);
  const decisive = decisiveFinding(shown, verifier, now);
  if (decisive !== undefined) return refuseFinding(decisive, server);
  const misnamed = nameFailure(shown, verifier, server);
  const stapled = stapleFailure(shown, verifier);
  const failure = intolerable(verifier, misnamed, stapled);
  if (failure !== undefined) return { ok: false, failure };
  const finding = findingIn(shown) ?? (misnamed ?? stapled)?.reason;
  const isNameChecked = server?.isOfPolicy === false && asksName(verifier);
  return accept(shown, { isTrusted: finding === undefined, isNameChecked, finding });
}

function intolerable(
  { trusted, permitInvalidCertificates }: CertificateVerifier,
  misnamed: TlsFailure | undefined,
  stapled: TlsFailure | undefined,
): TlsFailure | undefined {
  if (trusted && misnamed !== undefined) return misnamed;
  return permitInvalidCertificates ? undefined : stapled;
}

/** What is wrong and tolerated. */
function findingIn({ finding, revocation = 'clear' }: ShownCertificate): string | undefined {
  return finding ?? (revocation === 'clear' ? undefined : 'UNABLE_TO_GET_CRL');
}

/** Of a server that may be anybody the name proves nothing. */
function asksName({ trusted, checkName }: CertificateVerifier): boolean {
  return trusted && checkName;
}

function nameFailure(
  { certificate }: ShownCertificate,
  { checkName }: CertificateVerifier,
  server: TlsServer | undefined,
): TlsFailure | undefined {
  if (server === undefined || !checkName || isFor(certificate, server)) return undefined;
  return {
    reason: 'tls.certificate-name',
    message: `The certificate is not for ${calledBy(server)}`,
  };
}

/** What a staple says against its certificate, or its absence. */
function stapleFailure(
  { staple, certificate }: ShownCertificate,
  { ocsp }: CertificateVerifier,
): TlsFailure | undefined {
  if (staple === undefined || staple.kind === 'good') return undefined;
  if (staple.kind === 'revoked') return { reason: REVOKED, message: STAPLED_REVOKED };
  if (staple.kind === 'invalid')
    return { reason: 'tls.ocsp-invalid', message: `${STAPLED_INVALID}: ${staple.why}` };
  const isNeeded = ocsp === 'require' || mustStaple(certificate);
  return isNeeded ? { reason: 'tls.ocsp-missing', message: STAPLED_MISSING } : undefined;
}

const STAPLED_REVOKED =
  'The certificate of the peer is revoked, as its authority says in a stapled answer of OCSP';
const STAPLED_INVALID = 'The answer of OCSP that the server staples proves nothing';
const STAPLED_MISSING = 'The server staples no answer of OCSP that its authority has signed';

/** What was found and is not tolerated. */
function decisiveFinding(
  { finding, certificate, revocation = 'clear' }: ShownCertificate,
  verifier: CertificateVerifier,
  now: number,
): string | undefined {
  if (finding !== undefined && !isTolerated(finding, verifier)) return finding;
  if (revocation === 'revoked') return 'CERT_REVOKED';
  if (revocation === 'unusable') return 'CRL_HAS_EXPIRED';
  if (finding === undefined || verifier.permitInvalidCertificates) return undefined;
  // OpenSSL tells its last finding only: behind one that is tolerated may stand another.
  return datesOf(certificate, now);
}

function calledBy({ name, address }: TlsServer): string {
  return name ?? address.address.toString();
}

/** Only a policy that trusts whoever it is tolerates a finding, so that none that counts can hide behind one. */
function isTolerated(
  finding: string,
  { trusted, permitInvalidCertificates }: CertificateVerifier,
): boolean {
  return !trusted && (UNTRUSTED.has(finding) || permitInvalidCertificates);
}

function datesOf({ validFromDate, validToDate }: X509Certificate, now: number): string | undefined {
  if (validToDate.getTime() < now) return 'CERT_HAS_EXPIRED';
  return validFromDate.getTime() > now ? 'CERT_NOT_YET_VALID' : undefined;
}

/** Names and addresses of subjectAltName only; a wildcard is the whole of the first label (RFC 9525, 6). */
function isFor(certificate: X509Certificate, { name, address }: TlsServer): boolean {
  if (name === undefined || address.address.toString() === name)
    return certificate.checkIP(address.address.toString()) !== undefined;
  const options = {
    subject: 'never',
    partialWildcards: false,
    multiLabelWildcards: false,
  } as const;
  // OpenSSL takes a name with a dot in front for all names below.
  return !name.startsWith('.') && certificate.checkHost(name, options) !== undefined;
}

function pinOf(
  { pinned }: CertificateVerifier,
  { name, address }: TlsServer,
): X509Certificate | undefined {
  if (pinned.size === 0) return undefined;
  const file = pinned.get(String(address)) ?? (name === undefined ? undefined : pinned.get(name));
  return file === undefined ? undefined : new X509Certificate(file.text());
}

function refuseFinding(finding: string, server: TlsServer | undefined): Verified {
  const reason =
    REASONS[finding] ??
    (UNTRUSTED.has(finding) ? 'tls.certificate-untrusted' : 'tls.certificate-invalid');
  return refuse(
    reason,
    explainFinding(finding, server === undefined ? 'the client' : calledBy(server)),
  );
}

function refuse(reason: string, message: string): Verified {
  return { ok: false, failure: { reason, message } };
}

/** What was found about a peer that is accepted. */
interface Acceptance {
  readonly isTrusted: boolean;
  readonly isNameChecked: boolean;
  readonly finding: string | undefined;
}

function accept({ certificate, staple }: ShownCertificate, found: Acceptance): Verified {
  const { subject, issuer, serialNumber, fingerprint256, raw } = certificate;
  const peer = {
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    names: namesOf(certificate),
    serialNumber,
    fingerprint: fingerprint256,
    validFrom: certificate.validFromDate.getTime(),
    validTo: certificate.validToDate.getTime(),
    ...found,
    ocsp: staple?.kind,
    encoded: raw,
  };
  return { ok: true, peer };
}

/** Node writes what could be read in two ways in quotes, as JSON: no host has such a name. */
function namesOf({ subjectAltName = '' }: X509Certificate): readonly string[] {
  return Array.from(subjectAltName.matchAll(HOST), ([, name = '']) => name.toLowerCase());
}

const HOST = /(?:^|, )(?:DNS|IP Address):([^",]+)(?=, |$)/g;

/** Node writes a name with a line for each of its parts, the most general one first. */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').reverse().join(', ');
}
