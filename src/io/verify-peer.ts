// Whether the certificate of a peer is good enough for the policy (reference: certificate verification). OpenSSL has
// checked the chain during the handshake; here is decided what its findings mean.

import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type {
  CertificateVerifier,
  PeerCertificate,
  TlsFailure,
  TlsServer,
} from '../session/tls-layer.ts';

/** What is known of a peer after the handshake. */
export interface ShownCertificate {
  readonly certificate: X509Certificate;
  /** What OpenSSL found, such as `CERT_HAS_EXPIRED`; undefined: nothing. */
  readonly finding: string | undefined;
  /** Certificates above that of the peer. */
  readonly depth: number;
}

/** A peer that is accepted, or why it is not. A peer without a certificate is accepted as nobody where that is permitted. */
export type Verified =
  | { readonly ok: true; readonly peer: PeerCertificate | undefined }
  | { readonly ok: false; readonly failure: TlsFailure };

/** Findings that say no more than that nobody vouches for the peer. */
const UNTRUSTED = new Set([
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
const NO_REVOCATION_LIST = 'UNABLE_TO_GET_CRL';

/** Findings that have a reason code of their own. */
const REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'tls.certificate-expired',
  CERT_NOT_YET_VALID: 'tls.certificate-not-yet-valid',
  CERT_REVOKED: 'tls.certificate-revoked',
  INVALID_PURPOSE: 'tls.certificate-purpose',
};

/** What a peer has shown; undefined: nothing. */
export function shownBy(
  socket: TLSSocket,
  finding: string | undefined,
): ShownCertificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  return { certificate, finding, depth: depthOf(socket.getPeerCertificate(true)) };
}

/** Node links each certificate to its issuer, and a root to itself. */
function depthOf(leaf: DetailedPeerCertificate): number {
  const seen = new Set<string>();
  let depth = 0;
  for (let one = leaf; !seen.has(one.fingerprint256); one = one.issuerCertificate) {
    seen.add(one.fingerprint256);
    depth++;
    // Where the issuer is not known there is none, whatever the types say.
    if ((one.issuerCertificate as DetailedPeerCertificate | undefined) === undefined) break;
  }
  return depth - 1;
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
    if (pin.raw.equals(shown.certificate.raw)) return accept(shown, true);
    return refuse(
      'tls.certificate-not-pinned',
      'The server shows another certificate than the policy has for it',
    );
  }
  return verifyChain(shown, verifier, now, server);
}

function verifyChain(
  shown: ShownCertificate,
  verifier: CertificateVerifier,
  now: number,
  server: TlsServer | undefined,
): Verified {
  const { depth, certificate } = shown;
  const { maxDepth, trusted, checkName } = verifier;
  if (depth > maxDepth)
    return refuse('tls.chain-too-long', `The chain of certificates is longer than ${maxDepth}`);
  const finding = decisiveFinding(shown, verifier, now);
  if (finding !== undefined) return refuseFinding(finding);
  if (server !== undefined && trusted && checkName && !isFor(certificate, server))
    return refuse('tls.certificate-name', `The certificate is not for ${calledBy(server)}`);
  return accept(shown, shown.finding === undefined);
}

/** What OpenSSL found and is not tolerated. */
function decisiveFinding(
  { finding, certificate }: ShownCertificate,
  verifier: CertificateVerifier,
  now: number,
): string | undefined {
  if (finding === undefined) return undefined;
  if (!isTolerated(finding, verifier)) return finding;
  // OpenSSL tells its last finding only: behind one that is tolerated may stand another.
  return verifier.permitInvalidCertificates ? undefined : datesOf(certificate, now);
}

function calledBy({ name, address }: TlsServer): string {
  return name ?? address.address.toString();
}

function isTolerated(finding: string, verifier: CertificateVerifier): boolean {
  if (finding === NO_REVOCATION_LIST) return verifier.permitMissingRevocationList;
  if (verifier.trusted) return false;
  return UNTRUSTED.has(finding) || verifier.permitInvalidCertificates;
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
  return certificate.checkHost(name, options) !== undefined;
}

function pinOf(
  { pinned }: CertificateVerifier,
  { name, address }: TlsServer,
): X509Certificate | undefined {
  if (pinned.size === 0) return undefined;
  const file = pinned.get(String(address)) ?? (name === undefined ? undefined : pinned.get(name));
  return file === undefined ? undefined : new X509Certificate(file.text());
}

function refuseFinding(finding: string): Verified {
  const reason =
    REASONS[finding] ??
    (UNTRUSTED.has(finding) ? 'tls.certificate-untrusted' : 'tls.certificate-invalid');
  return refuse(reason, `The certificate of the peer is not accepted: ${finding}`);
}

function refuse(reason: string, message: string): Verified {
  return { ok: false, failure: { reason, message } };
}

function accept({ certificate }: ShownCertificate, isTrusted: boolean): Verified {
  const { subject, issuer, serialNumber, fingerprint256 } = certificate;
  const peer = { subject: oneLine(subject), issuer: oneLine(issuer), serialNumber, isTrusted };
  return { ok: true, peer: { ...peer, fingerprint: fingerprint256 } };
}

/** Node writes a name with a line for each of its parts, the most general one first. */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').reverse().join(', ');
}
