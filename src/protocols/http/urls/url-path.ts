// The one canonical form of a path and query, so that a policy, this proxy and the server see the same resource:
// escapes of unreserved characters are decoded, others in upper case, dot segments are resolved (RFC 3986, 6.2.2), and
// characters that no URL may have are escaped as browsers do it (WHATWG URL, 1.3).

import { Violation } from '../../../proxy/violation.ts';
import type { UrlSettings } from './url-settings.ts';
import { DEFAULT_URL_SETTINGS } from './url-settings.ts';

const UNRESERVED = /[A-Za-z0-9\-._~]/;
/** A percent sign with the digits of an escape behind it, or with nothing that makes it one. */
const ESCAPE = /%(u[0-9A-Fa-f]{4}|[0-9A-Fa-f]{2}|)/g;
// What the path and the query of a URL leave a browser as escapes, those aside that no request target can hold at all.
const UNSAFE_IN_PATH = /["<>^`{}]/g;
const UNSAFE_IN_QUERY = /["'<>]/g;
/**
 * Dot segments for servers that decode an escaped slash or backslash first, or that cut a parameter off: the path would
 * lead them elsewhere than the policy has seen.
 */
const HIDDEN_DOTS = /(?:%2F|%5C)\.\.?(?:\/|%2F|%5C|;|$)|\/\.\.?(?:%2F|%5C|;)/;
/**
 * A segment that is none, or several, to some servers: where a path leaves as it was written, `..` behind it parts
 * readers.
 */
const UNSURE_SEGMENT = /^(?:;|$)|%2F|%5C/;
const UNICODE_DOT = /%u002e/i;
/** Where `%u` is no escape to us: the slashes that it is to servers of Windows. */
const UNICODE_SLASH = /%25u00(2F|5C)/gi;
/**
 * Characters that servers of Windows take for dots, slashes and other ASCII when they convert a path to a code page: full
 * width forms, fraction and division slashes, leaders ("best fit").
 */
const LOOKS_LIKE_ASCII =
  /[\u2024-\u2026\u2044\u2215\u2216\u29f5\u29f8\u29f9\u3002\ufe52\ufe68\uff01-\uff5e\uff61]/;
const FIRST_OTHER = 0x80;

/** The canonical form of a path with its query, which begins with a slash. Throws a Violation for a bad escape. */
export function canonicalPath(text: string, settings: UrlSettings = DEFAULT_URL_SETTINGS): string {
  const mark = text.indexOf('?');
  const path = mark === -1 ? text : text.slice(0, mark);
  // Browsers never send it, and some servers read it as a slash.
  if (path.includes('\\')) throw bad('backslash', 'The path has a backslash');
  const segments = canonicalEscapes(path, settings).replace(UNSAFE_IN_PATH, escaped);
  const isVerbatim = !settings.useCanonicalizedUrls;
  if (HIDDEN_DOTS.test(segments) || (isVerbatim && hasUnicodeDots(path, segments)))
    throw bad('hidden-dots', 'The path hides "." or ".." behind an escape or a parameter');
  const resolved = resolveDots(segments, isVerbatim);
  if (mark === -1) return resolved;
  return resolved + canonicalEscapes(text.slice(mark), settings).replace(UNSAFE_IN_QUERY, escaped);
}

function hasUnicodeDots(path: string, segments: string): boolean {
  return UNICODE_DOT.test(path) || HIDDEN_DOTS.test(readOnWindows(segments));
}

function readOnWindows(text: string): string {
  return text.replace(UNICODE_SLASH, (_, digits: string) => `%${digits.toUpperCase()}`);
}

function canonicalEscapes(text: string, settings: UrlSettings): string {
  if (!text.includes('%')) return text;
  return text.replace(ESCAPE, (_, digits: string) => canonicalEscape(digits, settings));
}

function canonicalEscape(digits: string, settings: UrlSettings): string {
  const isUnicode = digits.startsWith('u');
  if (digits !== '' && (!isUnicode || settings.permitUnicodeUrl))
    return isUnicode
      ? canonicalCharacter(parseInt(digits.slice(1), 16))
      : canonicalByte(parseInt(digits, 16));
  if (settings.permitInvalidHexEscape) return `%25${digits}`;
  throw bad('bad-escape', 'A percent sign is not followed by two hexadecimal digits');
}

function canonicalByte(code: number): string {
  // NUL ends the path for servers written in C.
  if (code === 0) throw bad('nul-escape', 'The URL has an encoded NUL');
  const character = String.fromCharCode(code);
  return UNRESERVED.test(character) ? character : escaped(character);
}

/** ASCII has one form only; what is beyond stays as it is, because `%E9` is not what every server reads as `%u00E9`. */
function canonicalCharacter(code: number): string {
  if (code < FIRST_OTHER) return canonicalByte(code);
  if (LOOKS_LIKE_ASCII.test(String.fromCharCode(code)))
    throw bad('bad-escape', 'The URL has an escape of a character that may be taken for another');
  return `%u${hex(code, 4)}`;
}

function escaped(character: string): string {
  return `%${hex(character.charCodeAt(0), 2)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, '0');
}

/** Removes `.` and `..` segments (RFC 3986, 5.2.4); above the root there is only the root. */
function resolveDots(path: string, isVerbatim: boolean): string {
  if (!path.includes('/.')) return path;
  const kept: string[] = [];
  const segments = path.slice(1).split('/');
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === '..') leave(kept.pop(), isVerbatim);
    else if (segment !== '.') kept.push(segment);
    if (isLast && (segment === '.' || segment === '..')) kept.push('');
  }
  return `/${kept.join('/')}`;
}

function leave(segment: string | undefined, isVerbatim: boolean): void {
  if (isVerbatim && segment !== undefined && UNSURE_SEGMENT.test(readOnWindows(segment)))
    throw bad('hidden-dots', 'The path has ".." behind an empty segment or an escaped slash');
}

function bad(rule: string, message: string): Violation {
  return new Violation(`http.${rule}`, 'client', message);
}
