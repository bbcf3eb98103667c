// What a handshake of TLS came to, and a certificate that a peer has shown, for tests of what is made of them.
import type { PeerCertificate, TlsFacts } from '../../src/proxy/tls-facts.ts';

/** A new session of TLS 1.3 without names and certificates, with these facts changed. */
export function sampleTlsFacts(changes: Partial<TlsFacts> = {}): TlsFacts {
  return {
    version: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    serverName: undefined,
    applicationProtocol: undefined,
    isResumed: false,
    isTruncated: false,
    peer: undefined,
    ...changes,
  };
}

/** That of www.example, which is trusted, with these facts changed. */
export function samplePeer(changes: Partial<PeerCertificate> = {}): PeerCertificate {
  return {
    subject: 'CN=www.example',
    issuer: 'CN=authority',
    names: ['www.example'],
    serialNumber: '01',
    fingerprint: 'AB',
    validFrom: Date.UTC(2026, 0, 1),
    validTo: Date.UTC(2027, 0, 1),
    isTrusted: true,
    isNameChecked: true,
    finding: undefined,
    ocsp: 'missing',
    encoded: Buffer.of(0x30, 0),
    ...changes,
  };
}
