// Recognises HTTP/1 by its first line, for rules with `detect`.

import type { Bytes } from '../../proxy/engine.ts';
import type { Detection, Detector, DetectorInput } from '../../proxy/detector.ts';
import { declare } from '../../proxy/policy-fault.ts';
import { CR, LF, SP, TARGET, TOKEN } from './heads/byte-class.ts';
import { latin1 } from './heads/byte-text.ts';
import { MAX_LINE_LENGTH, MAX_METHOD_LENGTH } from './heads/request-line.ts';

// A client may send an empty line before its request (RFC 9112, 2.2); more of them say nothing about the protocol.
const MAX_EMPTY_LINES = 2;

/**
 * Recognises clients that speak HTTP/1.0 or 1.1: a method, a target and a version. The bytes of a server say nothing.
 * @example rule({ ports: 80, detect: [{ detector: httpDetector(), service: web }], service: refuse });
 */
export function httpDetector(): Detector {
  const made: Detector = {
    kind: 'detector',
    name: 'http',
    readsServer: false,
    detect: (side, bytes, input) => (side === 'client' ? detectRequest(bytes, input) : 'no-match'),
    explain: () => 'the client sends a request line of HTTP/1',
  };
  return declare(made, httpDetector);
}

/** Reads `method SP target SP HTTP/1.x` (RFC 9112, 3) as far as it has come. */
function detectRequest(bytes: Bytes, { isComplete }: DetectorInput): Detection {
  const missing: Detection = isComplete ? 'no-match' : 'undecided';
  const method = afterEmptyLines(bytes);
  if (method === undefined) return 'no-match';
  const methodEnd = endOf(bytes, method, TOKEN);
  if (methodEnd - method > MAX_METHOD_LENGTH) return 'no-match';
  if (methodEnd === bytes.length) return missing;
  if (methodEnd === method || bytes[methodEnd] !== SP) return 'no-match';
  return detectTarget(bytes.subarray(methodEnd + 1), missing);
}

function detectTarget(bytes: Bytes, missing: Detection): Detection {
  const end = endOf(bytes, 0, TARGET);
  if (end > MAX_LINE_LENGTH) return 'no-match';
  if (end === bytes.length) return missing;
  if (end === 0 || bytes[end] !== SP) return 'no-match';
  return detectVersion(bytes.subarray(end + 1), missing);
}

/** Where the first line with something in it begins; undefined if too many lines are empty. */
function afterEmptyLines(bytes: Bytes): number | undefined {
  let at = 0;
  for (let lines = 0; bytes[at] === CR || bytes[at] === LF; lines++) {
    if (lines === MAX_EMPTY_LINES) return undefined;
    if (bytes[at] === CR && at + 1 < bytes.length && bytes[at + 1] !== LF) return undefined;
    at += bytes[at] === CR ? 2 : 1;
  }
  return Math.min(at, bytes.length);
}

function endOf(bytes: Bytes, start: number, table: Uint8Array): number {
  let at = start;
  while (at < bytes.length && table[bytes[at] ?? 0] !== 0) at++;
  return at;
}

/** The end of the line, with CRLF or a bare LF, which the proxy itself then judges. */
function detectVersion(bytes: Bytes, missing: Detection): Detection {
  const rest = latin1(bytes, 0, Math.min(bytes.length, LONGEST_ENDING));
  if (ENDINGS.some((ending) => rest.startsWith(ending))) return 'match';
  return ENDINGS.some((ending) => ending.startsWith(rest)) ? missing : 'no-match';
}

const ENDINGS = ['HTTP/1.1\r\n', 'HTTP/1.0\r\n', 'HTTP/1.1\n', 'HTTP/1.0\n'];
const LONGEST_ENDING = 'HTTP/1.1\r\n'.length;
