// Where the body of a message ends (RFC 9112, 6): one reading, or the message is refused.

import { Violation } from '../../../proxy/violation.ts';
import { HTAB } from '../heads/byte-class.ts';
import type { Head } from '../heads/head.ts';
import { CONTENT_LENGTH, TRANSFER_ENCODING } from '../heads/header-table.ts';
import type { KnownFields } from '../heads/known-fields.ts';
import type { RequestLine } from '../heads/request-line.ts';
import type { StatusLine } from '../heads/status-line.ts';

/** How a body ends. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' };

/** Whether there is a body; one of no bytes is none. */
export function hasBody(framing: Framing): boolean {
  return framing.kind === 'length' ? framing.length > 0 : framing.kind !== 'none';
}

/** There is no body. */
export const NO_BODY: Framing = { kind: 'none' };
const CHUNKED: Framing = { kind: 'chunked' };
const UNTIL_CLOSE: Framing = { kind: 'until-close' };

/** Methods whose requests have a body; in HTTP/1.0 only a length says where it ends. */
const NEEDS_LENGTH: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** How the body of a request ends. Without a length and a coding there is none. */
export function requestFraming(head: Head<RequestLine>, known: KnownFields): Framing {
  const coding = codingOf(head, known, 'client');
  if (coding !== undefined) return coding;
  if (known.has(CONTENT_LENGTH)) return { kind: 'length', length: lengthOf(head, known, 'client') };
  // Old readers take what follows up to the end of the connection for the body (RFC 1945, 7.2.2 and 8.3).
  if (head.line.minor === 0 && NEEDS_LENGTH.has(head.line.method))
    throw bad(
      'length-required',
      'client',
      'A request of HTTP/1.0 with a body has no Content-Length',
    );
  return NO_BODY;
}

/** How the body of a response to `method` ends. */
export function responseFraming(
  head: Head<StatusLine>,
  known: KnownFields,
  method: string,
): Framing {
  const { status } = head.line;
  const coding = codingOf(head, known, 'server');
  const length = lengthIfAny(head, known);
  // Whoever expects a body there reads the next response as one (RFC 9112, 6.1; RFC 9110, 8.6).
  if (isBodiless(status) && (coding !== undefined || (length ?? 0) > 0))
    throw bad('body-not-allowed', 'server', 'The server announced a body where none may be');
  // For HEAD and 304 the length is that of the body that is not sent (RFC 9110, 8.6).
  if (hasNoBody(status) || method === 'HEAD' || opensTunnel(method, status)) return NO_BODY;
  return coding ?? (length === undefined ? UNTIL_CLOSE : { kind: 'length', length });
}

/**
 * How the body of a response ends on its way to a client of this version. Clients of HTTP/1.0 know no chunks; for others
 * they may take the place of a close, which nobody can tell from a break.
 */
export function leavingFraming(
  framing: Framing,
  minor: 0 | 1,
  { rechunk }: { readonly rechunk: boolean },
): Framing {
  if (minor === 0) return framing.kind === 'chunked' ? UNTIL_CLOSE : framing;
  return framing.kind === 'until-close' && rechunk ? CHUNKED : framing;
}

/** Whether what follows such a response is a tunnel: length and coding mean nothing there (RFC 9110, 9.3.6). */
export function opensTunnel(method: string, status: number): boolean {
  return method === 'CONNECT' && status >= 200 && status < 300;
}

function lengthIfAny(head: Head<unknown>, known: KnownFields): number | undefined {
  return known.has(CONTENT_LENGTH) ? lengthOf(head, known, 'server') : undefined;
}

/** Whether a response of this status has no body, whatever its fields say. */
export function hasNoBody(status: number): boolean {
  return isBodiless(status) || status === 304;
}

function isBodiless(status: number): boolean {
  return status < 200 || status === 204;
}

/** The transfer coding: only ever `chunked`, once, in HTTP/1.1, and without a Content-Length. */
function codingOf(
  head: Head<RequestLine | StatusLine>,
  known: KnownFields,
  side: 'client' | 'server',
): Framing | undefined {
  const place = known.place(TRANSFER_ENCODING);
  if (place === -1) return undefined;
  // TE in HTTP/1.0 is read by some and ignored by others (RFC 9112, 6.1).
  if (head.line.minor === 0)
    throw bad('coding-in-http10', side, 'There is a Transfer-Encoding in HTTP/1.0');
  if (known.has(CONTENT_LENGTH))
    // CL.TE and TE.CL (RFC 9112, 6.3 no. 3).
    throw bad('length-and-coding', side, 'There are a Content-Length and a Transfer-Encoding');
  // `xchunked`, `gzip, chunked` and `chunked, identity` end elsewhere for a reader who knows other codings.
  // With a tab beside it, some readers know no `chunked` (llhttp, among others), although it is a blank like others.
  if (!head.hasToken(place, 'chunked') || hasTab(head, place))
    throw bad('bad-transfer-coding', side, 'The Transfer-Encoding is not exactly "chunked"');
  return CHUNKED;
}

function hasTab(head: Head<unknown>, place: number): boolean {
  const end = head.lineStart(place + 1);
  for (let at = head.colon(place); at < end; at++) if (head.bytes[at] === HTAB) return true;
  return false;
}

/** Digits only: a sign, a list, a blank or an overflow means different lengths to different readers (RFC 9110, 8.6). */
function lengthOf(head: Head<unknown>, known: KnownFields, side: 'client' | 'server'): number {
  const place = known.place(CONTENT_LENGTH);
  const start = head.valueStart(place);
  const end = head.valueEnd(place);
  let length = 0;
  for (let at = start; at < end; at++) {
    const digit = (head.bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) length = NaN;
    length = length * 10 + digit;
  }
  // The length is compared so that a NaN is refused, too.
  if (start === end || !(length <= Number.MAX_SAFE_INTEGER))
    throw bad('bad-content-length', side, 'The Content-Length is not a number');
  return length;
}

function bad(rule: string, side: 'client' | 'server', message: string): Violation {
  return new Violation(`http.${rule}`, side, message);
}
