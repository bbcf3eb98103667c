// The four forms of a request target (RFC 9112, 3.2).

import { Violation } from '../../../proxy/violation.ts';
import {
  TARGET_BACKSLASH,
  TARGET_DOT,
  TARGET_PERCENT,
  TARGET_UNSAFE,
} from '../heads/byte-class.ts';
import { equalsText, latin1 } from '../heads/byte-text.ts';
import type { Head } from '../heads/head.ts';
import type { RequestLine } from '../heads/request-line.ts';
import { canonicalPath } from './url-path.ts';
import type { UrlSettings } from './url-settings.ts';

/** A request target. */
export interface RequestTarget {
  readonly form: 'origin' | 'absolute' | 'authority' | 'asterisk';
  /** Host and port as written in the forms `absolute` and `authority`; otherwise empty. */
  readonly authority: string;
  /** The canonical path and query, or `*`. Empty in the form `authority`. */
  readonly path: string;
  /** What goes to the server: `path`, or the path and query as received where the policy wants that. */
  readonly sentPath: string;
  /** Whether `sentPath` stands in the head as it is, at the end of the target. */
  readonly isPathVerbatim: boolean;
}

/** The beginning of a whole URL, as it was written: `text` up to its path. */
export interface WrittenSite {
  text: string;
  authority: string;
}

/** How targets are read. */
export interface TargetRules extends UrlSettings {
  /** The scheme of whole URLs follows from it: https for 443, where the service decrypts TLS. */
  readonly defaultPort: number;
}

/** A path with its query as it was written, and the TARGET bits of the target that it is of. */
interface WrittenPath {
  readonly form: 'origin' | 'absolute';
  readonly authority?: string;
  readonly text: string;
  readonly bits: number;
}

const SLASH = 0x2f;
/** RFC 3986, 3.2.1 */
const USER_INFO = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})*$/;
/** RFC 3986, 3.1 */
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const NEEDS_CARE = TARGET_PERCENT | TARGET_BACKSLASH | TARGET_DOT | TARGET_UNSAFE;

/**
 * Reads the target of a request. `last` keeps where the last whole URL led: what begins with the same bytes leads
 * there, too.
 */
export function readTarget(
  head: Head<RequestLine>,
  rules: TargetRules,
  last?: WrittenSite,
): RequestTarget {
  const { method, targetStart, targetEnd, targetBits } = head.line;
  const start = head.base + targetStart;
  if (last !== undefined && isAt(last, head)) {
    const rest = latin1(head.bytes, start + last.text.length, head.base + targetEnd);
    return absolutePath(last.authority, rest, targetBits, rules);
  }
  const text = latin1(head.bytes, start, head.base + targetEnd);
  if (method === 'CONNECT') return authorityForm(text);
  if (head.bytes[start] === SLASH)
    return withPath({ form: 'origin', text, bits: targetBits }, rules);
  if (text === '*' && method === 'OPTIONS') return withoutPath('asterisk', '', '*');
  return absoluteForm(text, targetBits, { method, rules, last });
}

/** Whether the target of a request is a path at this site. */
function isAt({ text }: WrittenSite, { bytes, base, line }: Head<RequestLine>): boolean {
  const start = base + line.targetStart;
  const end = start + text.length;
  if (text === '' || end >= base + line.targetEnd || bytes[end] !== SLASH) return false;
  return line.method !== 'CONNECT' && equalsText(bytes, start, end, text);
}

function authorityForm(text: string): RequestTarget {
  // `host:port` and nothing else (RFC 9112, 3.2.3).
  if (!/^(?:\[[^\]]+\]|[^:/?@[\]]+):[0-9]+$/.test(text))
    throw bad('bad-target', 'CONNECT takes a host and a port');
  return withoutPath('authority', text, '');
}

function absoluteForm(
  text: string,
  bits: number,
  { method, rules, last }: { method: string; rules: TargetRules; last: WrittenSite | undefined },
): RequestTarget {
  const colon = text.indexOf('://');
  const scheme = colon === -1 ? '' : text.slice(0, colon);
  if (!SCHEME.test(scheme))
    throw bad('bad-target', 'The request target is neither a path nor an absolute URL');
  checkScheme(scheme.toLowerCase(), rules);
  const siteEnd = endOfSite(text, colon + 3);
  const authority = authorityOf(text.slice(colon + 3, siteEnd), rules.permitUserInfo);
  const rest = text.slice(siteEnd);
  if (rest.startsWith('?')) throw bad('bad-target', 'The URL has a query but no path');
  // RFC 9112, 3.2.4
  if (rest === '') return withoutPath('absolute', authority, method === 'OPTIONS' ? '*' : '/');
  if (last !== undefined) {
    last.text = text.slice(0, siteEnd);
    last.authority = authority;
  }
  return absolutePath(authority, rest, bits, rules);
}

function absolutePath(
  authority: string,
  text: string,
  bits: number,
  rules: TargetRules,
): RequestTarget {
  // Of what may need care, dots are in nearly all names of hosts, and in few paths.
  const pathBits = text.includes('.') ? bits : bits & ~TARGET_DOT;
  return withPath({ form: 'absolute', authority, text, bits: pathBits }, rules);
}

/** The authority ends where the path or the query begins. */
function endOfSite(text: string, start: number): number {
  const slash = text.indexOf('/', start);
  const end = slash === -1 ? text.length : slash;
  const mark = text.indexOf('?', start);
  return mark === -1 ? end : Math.min(mark, end);
}

function checkScheme(scheme: string, { defaultPort }: TargetRules): void {
  const expected = defaultPort === 443 ? 'https' : 'http';
  if (scheme === expected) return;
  // Browsers have given it up, and what the names of files do in the commands of FTP is how gateways were attacked.
  if (scheme === 'ftp')
    throw bad('ftp-url', 'This proxy does not fetch from FTP servers: use a program for FTP');
  if (scheme === 'https')
    throw bad(
      'https-url',
      'This proxy makes no TLS for its clients: ask for the server by CONNECT',
    );
  throw bad('bad-scheme', `Only ${expected} URLs can be asked of this proxy`);
}

/** The authority of a URL without a user, which people take for the host: http://trusted@evil/ (RFC 9110, 4.2.4). */
function authorityOf(site: string, permitUserInfo: boolean): string {
  const mark = site.indexOf('@');
  if (mark !== -1 && !(permitUserInfo && isSoundUser(site, mark)))
    throw bad('userinfo', 'The URL has a user name');
  const authority = site.slice(mark + 1);
  // Without a host it is no http URL (RFC 9110, 4.2.1); some readers would take Host instead, others the path.
  if (authority === '' || authority.startsWith(':')) throw bad('bad-host', 'The URL has no host');
  return authority;
}

/** With two of them, some programs end the user at the first and others at the last one. */
function isSoundUser(site: string, mark: number): boolean {
  return site.lastIndexOf('@') === mark && USER_INFO.test(site.slice(0, mark));
}

function withPath(
  { form, authority = '', text, bits }: WrittenPath,
  rules: TargetRules,
): RequestTarget {
  const path = (bits & NEEDS_CARE) === 0 ? text : canonicalPath(text, rules);
  const sentPath = rules.useCanonicalizedUrls ? path : text;
  return { form, authority, path, sentPath, isPathVerbatim: sentPath === text };
}

function withoutPath(form: RequestTarget['form'], authority: string, path: string): RequestTarget {
  return { form, authority, path, sentPath: path, isPathVerbatim: form === 'asterisk' };
}

function bad(rule: string, message: string): Violation {
  return new Violation(`http.${rule}`, 'client', message);
}
