// TLS, as far as Zorp knows it: it can be recognised.

export { tlsDetector } from './tls-detector.ts';
