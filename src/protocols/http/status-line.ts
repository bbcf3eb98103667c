// The first line of a response: `HTTP/1.x SP status [SP reason]` (RFC 9112, 4).

import type { Bytes } from '../../proxy/engine.ts';
import { Violation } from '../../proxy/violation.ts';
import { latin1 } from './byte-text.ts';

/** What the first line of a response says. */
export interface StatusLine {
  /** 0 for HTTP/1.0, 1 for HTTP/1.1. */
  readonly minor: 0 | 1;
  readonly status: number;
  /** Offset from the beginning of the line to the reason phrase, which may be empty. */
  readonly reasonStart: number;
  readonly length: number;
}

// RFC 9112 asks for the blank even before an empty reason; many servers leave it out, and nothing else can be meant.
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5][0-9]{2})(?: |$)/;
const REASON_START = 'HTTP/1.1 200 '.length;

/** Reads a status line, which stands in `bytes` from `start` to `end` without its CRLF. */
export function readStatusLine(bytes: Bytes, start: number, end: number): StatusLine {
  const match = STATUS_LINE.exec(latin1(bytes, start, Math.min(end, start + REASON_START)));
  if (match === null)
    throw new Violation('http.bad-status-line', 'server', 'The server sent no valid status line');
  return {
    minor: match[1] === '1' ? 1 : 0,
    status: Number(match[2]),
    reasonStart: Math.min(REASON_START, end - start),
    length: end - start,
  };
}
