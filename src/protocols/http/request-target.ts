// The four forms of a request target (RFC 9112, 3.2).

import { Violation } from '../../proxy/violation.ts';
import { TARGET_BACKSLASH, TARGET_DOT, TARGET_PERCENT } from './byte-class.ts';
import { latin1 } from './byte-text.ts';
import type { Head } from './head.ts';
import type { RequestLine } from './request-line.ts';
import { canonicalPath } from './url-path.ts';

/** A request target. */
export interface RequestTarget {
  readonly form: 'origin' | 'absolute' | 'authority' | 'asterisk';
  /** Host and port as written in the forms `absolute` and `authority`; otherwise empty. */
  readonly authority: string;
  /** What goes to the server: the canonical path and query, or `*`. Empty in the form `authority`. */
  readonly path: string;
  /** Whether `path` stands in the head as it is, at the end of the target. */
  readonly isPathVerbatim: boolean;
}

const SLASH = 0x2f;
const NEEDS_CARE = TARGET_PERCENT | TARGET_BACKSLASH | TARGET_DOT;

/** Reads the target of a request. */
export function readTarget(head: Head<RequestLine>): RequestTarget {
  const { method, targetStart, targetEnd, targetBits } = head.line;
  const start = head.base + targetStart;
  const text = latin1(head.bytes, start, head.base + targetEnd);
  if (method === 'CONNECT') return authorityForm(text);
  if (head.bytes[start] === SLASH) return withPath('origin', '', { text, bits: targetBits });
  if (text === '*' && method === 'OPTIONS')
    return { form: 'asterisk', authority: '', path: '*', isPathVerbatim: true };
  return absoluteForm(text, targetBits, method);
}

function authorityForm(text: string): RequestTarget {
  // `host:port` and nothing else (RFC 9112, 3.2.3).
  if (!/^(?:\[[^\]]+\]|[^:/?@[\]]+):[0-9]+$/.test(text))
    throw bad('bad-target', 'CONNECT takes a host and a port');
  return { form: 'authority', authority: text, path: '', isPathVerbatim: false };
}

function absoluteForm(text: string, bits: number, method: string): RequestTarget {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?]*)(.*)$/.exec(text);
  if (match === null)
    throw bad('bad-target', 'The request target is neither a path nor an absolute URL');
  const [, scheme = '', authority = '', rest = ''] = match;
  if (scheme.toLowerCase() !== 'http')
    throw bad('bad-scheme', 'Only http URLs can be asked of this proxy');
  checkAuthority(authority);
  if (rest.startsWith('?')) throw bad('bad-target', 'The URL has a query but no path');
  if (rest !== '') return withPath('absolute', authority, { text: rest, bits });
  const path = method === 'OPTIONS' ? '*' : '/'; // RFC 9112, 3.2.4
  return { form: 'absolute', authority, path, isPathVerbatim: false };
}

function checkAuthority(authority: string): void {
  // Without a host it is no http URL (RFC 9110, 4.2.1); some readers would take Host instead, others the path.
  if (authority === '' || authority.startsWith(':')) throw bad('bad-host', 'The URL has no host');
  // http://trusted@evil/ is read as trusted by people and as evil by programs (RFC 9110, 4.2.4).
  if (authority.includes('@')) throw bad('userinfo', 'The URL has a user name');
}

function withPath(
  form: 'origin' | 'absolute',
  authority: string,
  { text, bits }: { text: string; bits: number },
): RequestTarget {
  if ((bits & NEEDS_CARE) === 0) return { form, authority, path: text, isPathVerbatim: true };
  const path = canonicalPath(text);
  return { form, authority, path, isPathVerbatim: path === text };
}

function bad(rule: string, message: string): Violation {
  return new Violation(`http.${rule}`, 'client', message);
}
