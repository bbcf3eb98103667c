// Recognises TLS by the head of the record and of the ClientHello with which every client begins (RFC 8446, 5.1 and 4).

import type { Bytes } from '../../proxy/engine.ts';
import type { Detection, Detector, DetectorInput } from '../../proxy/detector.ts';
import { declare } from '../../proxy/policy-fault.ts';

/** What each of the first bytes may be: from, to. */
const BEGINNING: readonly (readonly [number, number])[] = [
  [22, 22], // a record of the handshake
  [3, 3], // major version: 3 since SSL 3.0
  [0, 4], // minor version: SSL 3.0 to TLS 1.3, as far as clients ever wrote it there
  [0, 0x40], // length, high byte: a record has 2^14 bytes at most
  [0, 0xff],
  [1, 1], // a ClientHello
  [0, 0], // its length, high byte: none has 64 KiB
  [0, 0xff],
  [0, 0xff],
  [3, 3], // its version
  [0, 3],
];

/**
 * Recognises clients that speak TLS. The bytes of a server say nothing.
 * @example detect: [{ detector: tlsDetector(), service: secure }]
 */
export function tlsDetector(): Detector {
  const made: Detector = {
    kind: 'detector',
    name: 'tls',
    readsServer: false,
    detect: (side, bytes, input) => (side === 'client' ? detectHello(bytes, input) : 'no-match'),
    explain: () => 'the client sends a ClientHello of TLS',
  };
  return declare(made, tlsDetector);
}

function detectHello(bytes: Bytes, { isComplete }: DetectorInput): Detection {
  for (const [index, [from, to]] of BEGINNING.entries()) {
    const byte = bytes[index];
    if (byte === undefined) return isComplete ? 'no-match' : 'undecided';
    if (byte < from || byte > to) return 'no-match';
  }
  return 'match';
}
