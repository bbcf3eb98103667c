// The first line of a request: exactly `method SP target SP HTTP/1.x` (RFC 9112, 3).
// Indexes below are always inside the array, so `as number` only removes the undefined that cannot be.

import type { Bytes } from '../../../proxy/engine.ts';
import { Violation } from '../../../proxy/violation.ts';
import { SP, TARGET, TARGET_FRAGMENT, TOKEN } from './byte-class.ts';
import { bytesOf, equalBytes, latin1 } from './byte-text.ts';

/** What the first line of a request says. The offsets of the target count from the beginning of the line. */
export interface RequestLine {
  readonly method: string;
  readonly targetStart: number;
  readonly targetEnd: number;
  /** The TARGET bits of all bytes of the target. */
  readonly targetBits: number;
  /** 0 for HTTP/1.0, 1 for HTTP/1.1. */
  readonly minor: 0 | 1;
}

/** The longest registered method has 17 letters (UPDATEREDIRECTREF). */
export const MAX_METHOD_LENGTH = 32;

/** The longest line that a policy can tell the proxy to take. */
export const MAX_LINE_LENGTH = 32_768;

const VERSION_BEGIN = bytesOf('HTTP/1.');
const ZERO = 0x30;
const ONE = 0x31;
const VERSION_LENGTH = 'HTTP/1.1'.length;

/** Reads a request line, which stands in `bytes` from `start` to `end` without its CRLF. */
export function readRequestLine(
  bytes: Bytes,
  start: number,
  end: number,
  maxUrlLength: number,
): RequestLine {
  let at = start;
  while (at < end && TOKEN[bytes[at] as number] !== 0) at++;
  if (at === start || at - start > MAX_METHOD_LENGTH || bytes[at] !== SP || at === end)
    throw bad('bad-request-line', 'The request does not begin with a method and a blank');
  const targetStart = at + 1;
  let bits = 0;
  for (at = targetStart; at < end; at++) {
    const bit = TARGET[bytes[at] as number] as number;
    if (bit === 0) break;
    bits |= bit;
  }
  checkTarget(bytes, { start: targetStart, at, end }, maxUrlLength);
  // A fragment is never sent (RFC 9110, 7.1); servers disagree about where such a path ends.
  if ((bits & TARGET_FRAGMENT) !== 0) throw bad('fragment', 'The request target has a fragment');
  return {
    method: methodText(bytes, start, targetStart - 1),
    targetStart: targetStart - start,
    targetEnd: at - start,
    targetBits: bits,
    minor: readVersion(bytes, at + 1, end),
  };
}

/** Checks that the target ends with a blank, at `at`. */
function checkTarget(
  bytes: Bytes,
  { start, at, end }: { start: number; at: number; end: number },
  maxUrlLength: number,
): void {
  if (at - start > maxUrlLength)
    throw bad('url-too-long', 'The request target is longer than allowed');
  if (at === start) throw bad('bad-request-line', 'There is no request target');
  // `GET /` and nothing more is HTTP/0.9, which has no headers and so no Host.
  if (at === end) throw bad('bad-version', 'The request line has no HTTP version');
  if (bytes[at] !== SP)
    throw bad('bad-target', 'The request target has a byte that must be percent-encoded');
}

function readVersion(bytes: Bytes, start: number, end: number): 0 | 1 {
  if (end - start === VERSION_LENGTH && equalBytes(bytes, start, end - 1, VERSION_BEGIN)) {
    if (bytes[end - 1] === ONE) return 1;
    if (bytes[end - 1] === ZERO) return 0;
  }
  const text = latin1(bytes, start, Math.min(end, start + VERSION_LENGTH + 1));
  if (/^HTTP\/[0-9]\.[0-9]$/.test(text))
    throw bad('bad-version', 'Only HTTP/1.0 and HTTP/1.1 are spoken here');
  throw bad('bad-request-line', 'The request line does not end with an HTTP version');
}

function methodText(bytes: Bytes, start: number, end: number): string {
  const isGet =
    end - start === 3 &&
    bytes[start] === 0x47 &&
    bytes[start + 1] === 0x45 &&
    bytes[start + 2] === 0x54;
  return isGet ? 'GET' : latin1(bytes, start, end);
}

function bad(rule: string, message: string): Violation {
  return new Violation(`http.${rule}`, 'client', message);
}
