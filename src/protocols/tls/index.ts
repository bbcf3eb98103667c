// TLS, as far as it can be read without keys: it is recognised, and by its first message decided about.

export { certificateDetector } from './certificate-detector.ts';
export type { CertificateDetectorOptions } from './certificate-detector.ts';
export { sniDetector } from './sni-detector.ts';
export type { SniDetectorOptions } from './sni-detector.ts';
export { tlsDetector } from './tls-detector.ts';
