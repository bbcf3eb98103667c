// Recognises TLS by the head of the record and of the ClientHello with which every client begins (RFC 8446, 5.1 and 4).

import type { Bytes } from '../../proxy/engine.ts';
import type { Detection, Detector, DetectorInput } from '../../proxy/detector.ts';
import { declare } from '../../proxy/policy-fault.ts';

/** What a byte may be: from, to. */
type Allowed = readonly [from: number, to: number];

const ANY: Allowed = [0, 0xff];
// No more than what servers insist on: a client that is not recognised here may be one for them all the same.
const RECORD: readonly Allowed[] = [
  [22, 22], // a record of the handshake
  [3, 3], // major version: 3 since SSL 3.0
  ANY, // minor version
  [0, 0x40], // length, high byte: a record has 2^14 bytes at most
  ANY,
];
const MESSAGE: readonly Allowed[] = [
  [1, 1], // a ClientHello
  [0, 2], // its length, high byte: OpenSSL takes 128 KiB
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

/** A client may cut its hello into records as it likes, and even send empty ones before it. */
function detectHello(bytes: Bytes, { isComplete }: DetectorInput): Detection {
  const early = isComplete ? 'no-match' : 'undecided';
  let seen = 0;
  for (let at = 0; seen < MESSAGE.length;) {
    const head = check(RECORD, bytes, at);
    if (head !== 'match') return head === 'no-match' ? head : early;
    at += RECORD.length;
    const length = (bytes[at - 2] ?? 0) * 256 + (bytes[at - 1] ?? 0);
    const part = MESSAGE.slice(seen, seen + length);
    const contents = check(part, bytes, at);
    if (contents !== 'match') return contents === 'no-match' ? contents : early;
    seen += part.length;
    at += length;
  }
  return 'match';
}

/** Whether bytes are what they may be; undecided if they are not all there. */
function check(allowed: readonly Allowed[], bytes: Bytes, at: number): Detection {
  for (const [index, [from, to]] of allowed.entries()) {
    const byte = bytes[at + index];
    if (byte === undefined) return 'undecided';
    if (byte < from || byte > to) return 'no-match';
  }
  return 'match';
}
