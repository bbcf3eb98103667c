// A certificate that a peer has shown, for tests of what is made of it.
import type { PeerCertificate } from '../../src/proxy/tls-facts.ts';

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
