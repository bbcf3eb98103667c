// A URL that a function of the policy gives: read by the parser that reads those of clients, so that it has one canonical
// form, too, or is refused.

import { isPort } from '../../../address/port.ts';
import { invalidValue } from '../../../proxy/policy-call.ts';
import { Violation } from '../../../proxy/violation.ts';
import { canonicalGivenHost, readAuthority, urlAuthority, writeAuthority } from './authority.ts';
import { bytesOf } from '../heads/byte-text.ts';
import { Head } from '../heads/head.ts';
import type { HttpUrl, UrlParts } from './http-url.ts';
import { urlOf } from './http-url.ts';
import { readRequestLine } from '../heads/request-line.ts';
import type { RequestTarget, TargetRules } from './request-target.ts';
import { readTarget } from './request-target.ts';

/** The parts of a URL that are to change. What is not given stays; a query of undefined removes it. */
export interface UrlChange {
  readonly host?: string;
  readonly port?: number;
  /** Begins with a slash, and has no query. */
  readonly path?: string;
  readonly query?: string | undefined;
}

/** How URLs are read. */
export interface UrlRules extends TargetRules {
  readonly maxUrlLength: number;
  readonly maxHostnameLength: number;
}

/** The URL that is to change, and the method of its request. */
interface CurrentUrl {
  readonly method: string;
  readonly current: UrlParts;
}

const EXPECTED = 'a URL as text, such as http://host.example/path, or parts of one';

/** The URL that `current` becomes. Throws a PolicyFault for what is none. */
export function changedUrl(
  change: unknown,
  { method, current }: CurrentUrl,
  rules: UrlRules,
): UrlParts {
  const text = textOf(change, current);
  if (text === undefined) throw invalidValue('URL', change, EXPECTED);
  try {
    return read(text, { method, current }, rules);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    throw invalidValue('URL', text, `${EXPECTED} (${error.message})`);
  }
}

function read(text: string, { method, current }: CurrentUrl, rules: UrlRules): UrlParts {
  const isTunnel = method === 'CONNECT';
  const target = targetOf(text, isTunnel ? 'GET' : method, current, rules);
  if (target.form !== 'absolute') throw bad('It is no whole URL');
  if (isTunnel && target.path !== '/') throw bad('There is no path in the URL of a CONNECT');
  const { host, port = rules.defaultPort } = readAuthority(
    target.authority,
    rules.maxHostnameLength,
  );
  return {
    scheme: current.scheme,
    host,
    port,
    authority: urlAuthority(host, port, rules.defaultPort),
    path: isTunnel ? '' : target.path,
  };
}

function targetOf(text: string, method: string, current: UrlParts, rules: UrlRules): RequestTarget {
  // A character beyond would lose a part of itself on its way into a byte.
  if (/[^\x21-\x7e]/.test(text)) throw bad('It has a character that must be percent-encoded');
  const bytes = bytesOf(`${method} ${text} HTTP/1.1`);
  const line = readRequestLine(bytes, 0, bytes.length, limitOf(text, current, rules));
  const end = bytes.length;
  return readTarget(new Head({ line, bytes, base: 0, end, table: NO_FIELDS, count: 0 }), rules);
}

/**
 * What counts is the path with its query, as where a client asks a server: with scheme and host, and in canonical form, what
 * a client may send would often be too long to change anything of it.
 */
function limitOf(text: string, { path }: UrlParts, { maxUrlLength }: UrlRules): number {
  const site = /^[^/]*\/\/[^/?#]*/.exec(text)?.[0] ?? '';
  return site.length + Math.max(maxUrlLength, path.length);
}

const NO_FIELDS: readonly number[] = [];

/** The whole text of a URL that is given as one, or in parts. */
function textOf(change: unknown, parts: UrlParts): string | undefined {
  if (typeof change === 'string') return change;
  const current = urlOf(parts);
  if (!isChange(change, current)) return undefined;
  const { host, port, path, query } = { ...current, ...change };
  // For a whole server and for CONNECT there is no path.
  const place = path.startsWith('/') ? path : '';
  const mark = query === undefined || place === '' ? '' : `?${query}`;
  return `${current.scheme}://${writeAuthority(host, port)}${place}${mark}`;
}

type UrlPart = Exclude<keyof HttpUrl, 'queryValue' | 'queryValues'>;
type Check = (value: unknown, current: HttpUrl) => boolean;

/** What of one part would become another part of the URL is refused, such as a slash in a host. */
const CHECKS: Readonly<Record<UrlPart, Check>> = {
  // These are there where somebody writes { ...request.url, host: 'other.example' }.
  scheme: (value, { scheme }) => value === scheme,
  text: (value, { text }) => value === text,
  host: (value) => typeof value === 'string' && canonicalGivenHost(value) !== undefined,
  port: isPort,
  path: (value, { path }) =>
    value === path || (typeof value === 'string' && /^\/[^?#]*$/.test(value)),
  query: (value) => value === undefined || (typeof value === 'string' && !value.includes('#')),
};

function isChange(change: unknown, current: HttpUrl): change is UrlChange {
  return (
    typeof change === 'object' &&
    change !== null &&
    isOwnKind(change, current) &&
    Object.entries(change).every(([key, value]) => isPart(key) && CHECKS[key](value, current))
  );
}

/** Objects of other kinds, such as a URL() or a Map, have no properties of their own: they would change nothing, unseen. */
function isOwnKind(change: object, current: HttpUrl): boolean {
  const prototype: unknown = Object.getPrototypeOf(change);
  return [Object.prototype, Object.getPrototypeOf(current)].includes(prototype);
}

function isPart(key: string): key is UrlPart {
  return Object.hasOwn(CHECKS, key);
}

function bad(message: string): Violation {
  return new Violation('http.bad-target', 'client', message);
}
