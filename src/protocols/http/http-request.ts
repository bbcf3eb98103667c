// A request and a response as functions of the policy see them.

import type { Target } from '../../proxy/engine.ts';
import type { Head } from './head.ts';
import { HeaderView } from './header-view.ts';
import type { RequestLine } from './request-line.ts';
import type { StatusLine } from './status-line.ts';

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

/** The parts of a URL for the policy. */
export function urlOf(parts: UrlParts): HttpUrl {
  const mark = parts.path.indexOf('?');
  return {
    scheme: parts.scheme,
    host: parts.host,
    port: parts.port,
    path: mark === -1 ? parts.path : parts.path.slice(0, mark),
    query: mark === -1 ? undefined : parts.path.slice(mark + 1),
    text: urlText(parts),
  };
}

/** A request. Everything in it is what was received, in canonical form; only `server` may be set. */
export class HttpRequest {
  readonly method: string;
  readonly version: '1.0' | '1.1';
  readonly headers: HeaderView;
  /** Where to connect instead of the host of the URL; counts only where the router lets the proxy choose. */
  server: Target | undefined;
  readonly #parts: UrlParts;

  constructor(head: Head<RequestLine>, parts: UrlParts) {
    this.method = head.line.method;
    this.version = head.line.minor === 1 ? '1.1' : '1.0';
    this.headers = new HeaderView(head);
    this.#parts = parts;
  }

  get url(): HttpUrl {
    return urlOf(this.#parts);
  }
}

/** A response, as received. */
export class HttpResponse {
  readonly status: number;
  readonly version: '1.0' | '1.1';
  readonly headers: HeaderView;

  constructor(head: Head<StatusLine>) {
    this.status = head.line.status;
    this.version = head.line.minor === 1 ? '1.1' : '1.0';
    this.headers = new HeaderView(head);
  }
}
