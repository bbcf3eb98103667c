// The cookie in which a login is remembered: sealed, for one host, and never seen by a server.

import type { Identity, Seals } from '../../../proxy/authentication.ts';
import type { Exchange } from '../exchange.ts';
import type { EditedValue } from '../heads/head-edit.ts';
import { editHead } from '../heads/head-edit.ts';
import { COOKIE } from '../heads/header-table.ts';
import type { UrlParts } from '../urls/http-url.ts';
import { policyProblem, Refused } from '../problem.ts';
import { takeCookie } from './cookie-pairs.ts';

// Browsers keep 4096 bytes of name, value and attributes (RFC 6265, 6.1).
const MAX_COOKIE_BYTES = 3_900;

const PLAIN_NAME = 'zorp-login';

/** With the prefix `__Host-` a browser takes it from this very host only, and only over TLS (RFC 6265bis, 4.1.3). */
const SECURE_NAME = '__Host-zorp-login';

function nameFor({ scheme }: UrlParts): string {
  return scheme === 'https' ? SECURE_NAME : PLAIN_NAME;
}

function purposeFor({ scheme, authority }: UrlParts): string {
  return `http-login-cookie ${scheme}://${authority}`;
}

/** What a cookie is made with. */
export interface CookieSeals {
  readonly seals: Seals;
  readonly lifetimeMs: number;
}

/** The value of a Set-Cookie field. Throws what refuses where a user has more groups than a cookie holds. */
export function writeLoginCookie(
  url: UrlParts,
  { user, groups }: Identity,
  { seals, lifetimeMs }: CookieSeals,
): string {
  const value = seals.seal(purposeFor(url), JSON.stringify([user, ...groups]), lifetimeMs);
  const secure = url.scheme === 'https' ? '; Secure' : '';
  const seconds = Math.floor(lifetimeMs / 1_000);
  const cookie = `${nameFor(url)}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
  if (cookie.length <= MAX_COOKIE_BYTES) return cookie;
  const message = 'The user has more groups than a login can remember';
  throw new Refused(policyProblem('http.login-too-big', message));
}

/**
 * Takes the cookie out of a request, and that of the same host without TLS, which browsers send over TLS, too: no server
 * ever sees one. @returns whom it names, if we made it for this site.
 */
export function takeLoginCookie(exchange: Exchange, seals: Seals): Identity | undefined {
  const { head, request } = exchange;
  const name = nameFor(request.url);
  const found: string[] = [];
  const edit = (index: number): EditedValue => {
    if (head.id(index) !== COOKIE) return undefined;
    const field = head.value(index);
    const { values, rest = '' } = takeCookie(field, name);
    found.push(...values);
    const left = name === PLAIN_NAME ? rest : (takeCookie(rest, PLAIN_NAME).rest ?? '');
    if (left === field) return undefined;
    return left === '' ? null : left;
  };
  exchange.replaceHead(editHead(head, edit));
  for (const value of found) {
    const text = seals.open(purposeFor(request.url), value);
    if (text !== undefined) return identityIn(text);
  }
  return undefined;
}

/** Only we can have sealed it, as the list that `writeLoginCookie` made. */
function identityIn(text: string): Identity | undefined {
  const [user, ...groups] = JSON.parse(text) as readonly string[];
  return user === undefined ? undefined : { user, groups };
}
