// Detectors: they look at the first bytes of a connection and say whether these are of the protocol that they know.

import type { SeenCertificate } from './tls-facts.ts';

/**
 * What a detector makes of the bytes so far. `undecided` asks for more; `certificate`, for the certificate of the server that a
 * client of TLS asks for: the bytes fit, and it decides.
 */
export type Detection = 'match' | 'no-match' | 'undecided' | 'certificate';

/** Whether more bytes may come. */
export interface DetectorInput {
  /** No more bytes of this side will be seen. */
  readonly isComplete: boolean;
}

/** Recognises one protocol by the first bytes of a side. Pure: the same bytes get the same answer. */
export interface Detector {
  readonly kind: 'detector';
  readonly name: string;
  /** Whether the server speaks first in this protocol, so that its bytes have to be read. */
  readonly readsServer: boolean;
  /** Looks at all bytes of a side since its beginning; `isComplete` means that no more will come. */
  detect(side: 'client' | 'server', bytes: Uint8Array, input: DetectorInput): Detection;
  /** Whether a certificate is one that it recognises; only detectors that ask for certificates have it. */
  readonly judgeCertificate?: (certificate: SeenCertificate) => boolean;
  /** One line in English: what it recognises. */
  explain(): string;
}
