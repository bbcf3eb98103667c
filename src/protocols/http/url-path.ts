// The one canonical form of a path and query, so that a policy, this proxy and the server see the same resource:
// escapes of unreserved characters are decoded, others in upper case, dot segments are resolved (RFC 3986, 6.2.2).

import { Violation } from '../../proxy/violation.ts';

const UNRESERVED = /[A-Za-z0-9\-._~]/;

/** The canonical form of a path with its query, which begins with a slash. Throws a Violation for a bad escape. */
export function canonicalPath(text: string): string {
  const mark = text.indexOf('?');
  const path = mark === -1 ? text : text.slice(0, mark);
  // Browsers never send it, and some servers read it as a slash.
  if (path.includes('\\')) throw bad('backslash', 'The path has a backslash');
  const query = mark === -1 ? '' : text.slice(mark);
  return resolveDots(canonicalEscapes(path)) + canonicalEscapes(query);
}

function canonicalEscapes(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/%(.{0,2})/g, (_, digits: string) => {
    if (!/^[0-9A-Fa-f]{2}$/.test(digits))
      throw bad('bad-escape', 'A percent sign is not followed by two hexadecimal digits');
    const code = parseInt(digits, 16);
    // NUL ends the path for servers written in C.
    if (code === 0) throw bad('nul-escape', 'The URL has an encoded NUL');
    const character = String.fromCharCode(code);
    return UNRESERVED.test(character) ? character : `%${digits.toUpperCase()}`;
  });
}

/** Removes `.` and `..` segments (RFC 3986, 5.2.4); above the root there is only the root. */
function resolveDots(path: string): string {
  if (!path.includes('/.')) return path;
  const kept: string[] = [];
  const segments = path.slice(1).split('/');
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
    if (isLast && (segment === '.' || segment === '..')) kept.push('');
  }
  return `/${kept.join('/')}`;
}

function bad(rule: string, message: string): Violation {
  return new Violation(`http.${rule}`, 'client', message);
}
