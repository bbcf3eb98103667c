// The URL of a request, for the policy and for people.

import { writeAuthority } from './authority.ts';
import { queryValue, queryValues } from './query-value.ts';

/** A URL in the canonical form in which the proxy passes it on. */
export interface HttpUrl {
  readonly scheme: 'http' | 'https';
  /** Lower case; IPv6 without brackets. Empty if the request names no host. */
  readonly host: string;
  readonly port: number;
  /** Begins with a slash; `*` for OPTIONS of the whole server, empty for CONNECT. */
  readonly path: string;
  /** Without the question mark; undefined if there is none. */
  readonly query: string | undefined;
  readonly text: string;
  /** The first value of a key of the query, without escapes: `b c` for `a` in `?a=b+c`. Undefined if there is none. */
  queryValue(key: string): string | undefined;
  /** All values of a key: servers disagree about which of them counts. */
  queryValues(key: string): readonly string[];
}

/** What is known of a URL. */
export interface UrlParts {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** Host and port as they are written: no port where the scheme implies it, brackets around IPv6. */
  readonly authority: string;
  /** Path and query. */
  readonly path: string;
}

/** The text of a URL. */
export function urlText(parts: UrlParts): string {
  return `${parts.scheme}://${parts.authority}${parts.path === '*' ? '' : parts.path}`;
}

/** What a request asks for, as logs and pages show it: its URL, of CONNECT the host and the port (RFC 9110, 9.3.6). */
export function shownUrl({ method, url }: { method: string; url: UrlParts }): string {
  return method === 'CONNECT' ? writeAuthority(url.host, url.port) : urlText(url);
}

/** The parts of a URL for the policy. */
export function urlOf(parts: UrlParts): HttpUrl {
  return new CanonicalUrl(parts);
}

class CanonicalUrl implements HttpUrl {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly query: string | undefined;
  readonly text: string;

  constructor(parts: UrlParts) {
    const mark = parts.path.indexOf('?');
    this.scheme = parts.scheme;
    this.host = parts.host;
    this.port = parts.port;
    this.path = mark === -1 ? parts.path : parts.path.slice(0, mark);
    this.query = mark === -1 ? undefined : parts.path.slice(mark + 1);
    this.text = urlText(parts);
    Object.freeze(this); // who writes `request.url.path = ...` is told that this changes nothing
  }

  queryValue(key: string): string | undefined {
    return queryValue(this.query, key);
  }

  queryValues(key: string): readonly string[] {
    return queryValues(this.query, key);
  }
}
