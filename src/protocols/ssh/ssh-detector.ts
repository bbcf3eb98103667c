// Recognises SSH by the version that each side sends first (RFC 4253, 4.2), for rules with `detect`.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../../proxy/engine.ts';
import type { Detection, Detector, DetectorInput } from '../../proxy/detector.ts';
import { declare } from '../../proxy/policy-fault.ts';

const MAX_BANNER_BYTES = 255; // line end included: RFC 4253, 4.2

/**
 * `SSH-protoversion-softwareversion SP comments CR LF`. The software version has no blank, hyphen or control character.
 * Only 1.99, which stands for a server that also speaks the old protocol, may leave out the CR (RFC 4253, 5.1).
 */
const BANNER = /^SSH-(?:2\.0-[!-,.-~]+(?: [ -~]*)?\r\n|1\.99-[!-,.-~]+(?: [ -~]*)?\r?\n)/;
const BEGINNINGS = ['SSH-2.0-', 'SSH-1.99-'];

/**
 * Recognises SSH 2 on either side: the server may speak first.
 * @example rule({ ports: 443, detect: [{ detector: sshDetector(), service: ssh }], service: web });
 */
export function sshDetector(): Detector {
  const made: Detector = {
    kind: 'detector',
    name: 'ssh',
    readsServer: true,
    detect: (_side, bytes, input) => detectBanner(bytes, input),
    explain: () => 'either side sends the version line of SSH 2',
  };
  return declare(made, sshDetector);
}

function detectBanner(bytes: Bytes, { isComplete }: DetectorInput): Detection {
  const text = Buffer.from(bytes.subarray(0, MAX_BANNER_BYTES)).toString('latin1');
  if (BANNER.test(text)) return 'match';
  if (isComplete || text.length === MAX_BANNER_BYTES || text.includes('\n')) return 'no-match';
  const couldBe = BEGINNINGS.some((begin) =>
    text.length < begin.length ? begin.startsWith(text) : text.startsWith(begin),
  );
  return couldBe ? 'undecided' : 'no-match';
}
