// The first line of a response: `HTTP/1.x SP status [SP reason]` (RFC 9112, 4).

import type { Bytes } from '../../../proxy/engine.ts';
import { Violation } from '../../../proxy/violation.ts';
import { bytesOf, equalBytes } from './byte-text.ts';
import { SP } from './byte-class.ts';

/** What the first line of a response says. */
export interface StatusLine {
  /** 0 for HTTP/1.0, 1 for HTTP/1.1. */
  readonly minor: 0 | 1;
  readonly status: number;
  /** Offset from the beginning of the line to the reason phrase, which may be empty. */
  readonly reasonStart: number;
  readonly length: number;
}

/** The status of a switch to another protocol (RFC 9110, 15.2.2). */
export const SWITCHING_PROTOCOLS = 101;

const VERSION_BEGIN = bytesOf('HTTP/1.');
const MINOR_AT = VERSION_BEGIN.length;
const STATUS_AT = MINOR_AT + 2;
const STATUS_END = STATUS_AT + 3;
const ZERO = 0x30;

/** Reads a status line, which stands in `bytes` from `start` to `end` without its CRLF. */
export function readStatusLine(bytes: Bytes, start: number, end: number): StatusLine {
  const length = end - start;
  const minor = digitAt(bytes, start + MINOR_AT);
  const status =
    digitAt(bytes, start + STATUS_AT) * 100 +
    digitAt(bytes, start + STATUS_AT + 1) * 10 +
    digitAt(bytes, start + STATUS_AT + 2);
  // RFC 9112 asks for the blank even before an empty reason; many servers leave it out, and nothing else can be meant.
  const hasEnd = length === STATUS_END || bytes[start + STATUS_END] === SP;
  const isSound =
    length >= STATUS_END &&
    hasEnd &&
    bytes[start + STATUS_AT - 1] === SP &&
    equalBytes(bytes, start, start + MINOR_AT, VERSION_BEGIN);
  if (!isSound || !(status >= 100 && status < 600) || !(minor === 0 || minor === 1))
    throw new Violation('http.bad-status-line', 'server', 'The server sent no valid status line');
  return { minor, status, reasonStart: Math.min(STATUS_END + 1, length), length };
}

/** The digit at a place, NaN if there is none. */
function digitAt(bytes: Bytes, at: number): number {
  const digit = (bytes[at] ?? 0) - ZERO;
  return digit >= 0 && digit <= 9 ? digit : NaN;
}
