// What a handshake of TLS came to, as proxies and the functions of a policy see it.

import type { Bytes } from './port.ts';

/** A certificate that a peer has shown. */
export interface PeerCertificate {
  /** One line, such as `CN=www.example, O=Example`. */
  readonly subject: string;
  readonly issuer: string;
  /** Names and addresses of hosts that it is for (subjectAltName). */
  readonly names: readonly string[];
  /** Hexadecimal. */
  readonly serialNumber: string;
  /** SHA-256 of the certificate, hexadecimal with colons. */
  readonly fingerprint: string;
  /** In milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
  /** Whether a trusted authority, or the policy by name, vouches for it. */
  readonly isTrusted: boolean;
  /** Whether it was found to be for the server that the client meant, and not for one that the policy names itself. */
  readonly isNameChecked: boolean;
  /** What was found wrong with it and permitted, such as `CERT_HAS_EXPIRED`; undefined: nothing. */
  readonly finding: string | undefined;
  /** What came of stapled OCSP; undefined: the peer was not asked. */
  readonly ocsp: 'good' | 'revoked' | 'invalid' | 'missing' | undefined;
  /** The certificate itself, in DER. */
  readonly encoded: Bytes;
}

/** What a detector is told of the certificate of a server. */
export type SeenCertificate = Pick<
  PeerCertificate,
  'subject' | 'issuer' | 'names' | 'fingerprint' | 'isTrusted'
>;

/** What a handshake came to. */
export interface TlsFacts {
  /** `TLSv1.3` and so on. */
  readonly version: string;
  /** As the RFCs write it. */
  readonly cipher: string;
  /** The server that was asked for (SNI). The layer does not know it of a client that resumes a session of TLS 1.2. */
  readonly serverName: string | undefined;
  /** What ALPN came to. */
  readonly applicationProtocol: string | undefined;
  readonly isResumed: boolean;
  /** Whether the peer has ended without the closing alert of TLS so far. */
  readonly isTruncated: boolean;
  readonly peer: PeerCertificate | undefined;
}

/** TLS on the sides of a connection that speak it. Of servers the last one. */
export interface SessionTls {
  readonly client?: TlsFacts;
  readonly server?: TlsFacts;
}

/** Whether names of a certificate have a host, in lower case: itself, or a wildcard for its first label (RFC 9525, 6.3). */
export function coversHost(names: readonly string[], host: string): boolean {
  if (names.includes(host)) return true;
  const dot = host.indexOf('.');
  const parent = host.slice(dot + 1);
  return dot > 0 && parent.includes('.') && names.includes(`*.${parent}`);
}
