// Recognises SOCKS by the first message of a client, for rules with `detect`.

import type { Bytes } from '../../proxy/engine.ts';
import type { Detection, Detector, DetectorInput } from '../../proxy/detector.ts';
import { declare } from '../../proxy/policy-fault.ts';
import { SOCKS4 } from './socks4-messages.ts';
import { SOCKS5 } from './socks5-messages.ts';

// CONNECT and BIND.
const COMMANDS4: readonly number[] = [1, 2];

/**
 * Recognises clients that speak SOCKS 5, 4 or 4a. The bytes of a server say nothing.
 * @example rule({ ports: 1080, detect: [{ detector: socksDetector(), service: onward }], service: refuse });
 */
export function socksDetector(): Detector {
  const made: Detector = {
    kind: 'detector',
    name: 'socks',
    readsServer: false,
    detect: (side, bytes, input) => (side === 'client' ? detectClient(bytes, input) : 'no-match'),
    explain: () => 'the client begins as SOCKS 5 or 4 does',
  };
  return declare(made, socksDetector);
}

/** 05, how many methods, each; or 04 and a command: what a client says first is no longer, or waits for an answer. */
function detectClient(bytes: Bytes, { isComplete }: DetectorInput): Detection {
  const [version, second] = bytes;
  const missing: Detection = isComplete ? 'no-match' : 'undecided';
  if (version === undefined) return missing;
  if (version !== SOCKS4 && version !== SOCKS5) return 'no-match';
  if (second === undefined) return missing;
  if (version === SOCKS4) return COMMANDS4.includes(second) ? 'match' : 'no-match';
  if (second === 0) return 'no-match';
  return bytes.length >= 2 + second ? 'match' : missing;
}
