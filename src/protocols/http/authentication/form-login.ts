// Asks for users with a page of its own, for clients that do not know of the proxy: a form, then a cookie. Both are sealed
// for this client, this service and this very site; nothing that comes from outside decides where a browser goes next.

import { Buffer } from 'node:buffer';
import type {
  AuthenticationAnswer,
  Authenticator,
  Identity,
} from '../../../proxy/authentication.ts';
import type { Bytes } from '../../../proxy/engine.ts';
import { isPromise } from '../../../proxy/policy-call.ts';
import type { Exchange } from '../exchange.ts';
import type { StepResult } from '../gate.ts';
import { HeadFields } from '../heads/head-fields.ts';
import type { UrlParts } from '../urls/http-url.ts';
import type { OwnAnswer } from '../own-answer.ts';
import { fieldLines } from '../own-answer.ts';
import { policyProblem, Refused } from '../problem.ts';
import { latin1 } from '../heads/byte-text.ts';
import { CONTENT_TYPE } from '../heads/header-table.ts';
import type { BasicLogin, BasicSettings } from './basic-login.ts';
import { isFormType, readForm } from './form-fields.ts';
import type { Login } from './login.ts';
import { acceptedOf, placeOf } from './login.ts';
import { takeLoginCookie, writeLoginCookie } from './login-cookie.ts';
import { FORM_FIELDS, LOGIN_PATH, loginPage } from './login-page.ts';

// Long enough to find a password, and for a page that was left open over lunch.
const FORM_LIFETIME_MS = 3_600_000;

// What is sealed is a third longer, and seals have at most 8192 characters.
const MAX_PATH_LENGTH = 6_000;

/** Asks with a page. */
export class FormLogin implements Login {
  readonly #settings: BasicSettings;
  readonly #lifetimeMs: number;
  /** For programs that bring credentials by themselves. */
  readonly #basic: BasicLogin;

  constructor(settings: BasicSettings, lifetimeMs: number, basic: BasicLogin) {
    this.#settings = settings;
    this.#lifetimeMs = lifetimeMs;
    this.#basic = basic;
  }

  ask(exchange: Exchange, authenticator: Authenticator): StepResult {
    if (isLogin(exchange)) return 'body';
    const cookie = takeLoginCookie(exchange, authenticator.seals);
    if (cookie !== undefined) {
      const identity = acceptedOf(authenticator.accept(cookie));
      if (identity !== undefined) return this.#goOn(exchange, authenticator);
    }
    if (this.#basic.hasCredentials(exchange))
      return this.#basic.ask(exchange, authenticator) ?? toSite(exchange);
    return this.#page(exchange, authenticator, 'authentication.required');
  }

  known(exchange: Exchange, authenticator: Authenticator): StepResult {
    // The address became known while the page was open: the form leads on as it would have then.
    if (isLogin(exchange)) return 'body';
    takeLoginCookie(exchange, authenticator.seals);
    return this.#goOn(exchange, authenticator);
  }

  withBody(exchange: Exchange, body: Bytes, authenticator: Authenticator): StepResult {
    const form = isForm(exchange) ? readForm(latin1(body, 0, body.length)) : undefined;
    const ticket = form?.get(FORM_FIELDS.ticket) ?? '';
    const path = authenticator.seals.open(formPurpose(exchange.request.url), ticket);
    // A form that nobody got from us, or long ago: its password is not even looked at.
    if (form === undefined || path === undefined) return this.#askAnew(exchange, authenticator);
    exchange.loginPath = path;
    const answer = authenticator.check({
      user: form.get(FORM_FIELDS.user) ?? '',
      password: form.get(FORM_FIELDS.password) ?? '',
    });
    return isPromise(answer) ? answer : this.concluded(exchange, answer, authenticator);
  }

  concluded(
    exchange: Exchange,
    answer: AuthenticationAnswer,
    authenticator: Authenticator,
  ): StepResult {
    const path = exchange.loginPath;
    // The credentials were those of a program.
    if (path === undefined) {
      if (answer.type === 'rejected') return this.#page(exchange, authenticator, answer.reason);
      return this.#basic.concluded(exchange, answer, authenticator) ?? toSite(exchange);
    }
    const identity = acceptedOf(answer);
    if (identity === undefined)
      return this.#page(exchange, authenticator, 'authentication.rejected');
    exchange.user = identity.user;
    const cookie = this.#cookie(exchange.request.url, identity, authenticator);
    return redirect(originOf(exchange.request.url), path, cookie);
  }

  #askAnew(exchange: Exchange, authenticator: Authenticator): StepResult {
    if (authenticator.known()?.type === 'accepted') return toSite(exchange);
    return this.#page(exchange, authenticator, 'authentication.required');
  }

  /** Who is known without credentials may bring some all the same. */
  #goOn(exchange: Exchange, authenticator: Authenticator): OwnAnswer | undefined {
    this.#basic.known(exchange, authenticator);
    return toSite(exchange);
  }

  #cookie(url: UrlParts, identity: Identity, authenticator: Authenticator): string {
    const lifetimeMs = Math.min(this.#lifetimeMs, authenticator.maxAuthTimeMs ?? Infinity);
    return writeLoginCookie(url, identity, { seals: authenticator.seals, lifetimeMs });
  }

  #page(exchange: Exchange, { seals }: Authenticator, reason: string): OwnAnswer {
    const { pages, authentication } = this.#settings;
    const { url } = exchange.request;
    const path = exchange.loginPath ?? (canLeadTo(url) ? url.path : '/');
    const ticket = seals.seal(formPurpose(url), path, FORM_LIFETIME_MS);
    const isRepeated = reason !== 'authentication.required';
    const { realm } = authentication;
    const page = { language: pages.language, realm, ticket, isRepeated };
    return loginPage(page, reason, pages.login);
  }
}

/** The page of the login has nothing for who is known. */
function toSite({ request }: Exchange): OwnAnswer | undefined {
  return isLoginPath(request.url) ? redirect(originOf(request.url), '/') : undefined;
}

function isForm({ head }: Exchange): boolean {
  const place = placeOf(head, CONTENT_TYPE);
  return place !== -1 && isFormType(head.value(place));
}

/** Whether it is a form that was filled in. Throws what refuses one of another site. */
function isLogin(exchange: Exchange): boolean {
  const { method, url } = exchange.request;
  if (method !== 'POST' || !isLoginPath(url)) return false;
  checkOrigin(exchange);
  return true;
}

function isLoginPath({ path }: UrlParts): boolean {
  return path === LOGIN_PATH || path.startsWith(`${LOGIN_PATH}?`);
}

/** `OPTIONS *` has no page: behind the name of the host its path would make another name. */
function canLeadTo(url: UrlParts): boolean {
  return url.path.startsWith('/') && url.path.length <= MAX_PATH_LENGTH && !isLoginPath(url);
}

function originOf({ scheme, authority }: UrlParts): string {
  return `${scheme}://${authority}`;
}

/** A form for one site is none for another. */
function formPurpose(url: UrlParts): string {
  return `http-login-form ${originOf(url)}`;
}

/**
 * Another site may not log somebody in (login CSRF): browsers say where a form comes from. One that does not say it
 * has no ticket of another client either.
 */
function checkOrigin({ head, request }: Exchange): void {
  const own = originOf(request.url);
  const origins = new HeadFields(head).getAll('origin');
  if (origins.every((origin) => withoutLastDot(origin.toLowerCase()) === own)) return;
  // Whose TLS ends in front of this proxy sees http here, and has to say so: defaultPort.
  const message = `The login comes from another site than ${own}`;
  throw new Refused(policyProblem('http.login-forged', message));
}

/** `http://example.org.` is the same site: our URLs have no such dot, and browsers keep it. */
function withoutLastDot(origin: string): string {
  return origin.replace(/\.(?=$|:\d+$)/, '');
}

/** To a page of the same site, and nowhere else: the path was sealed by us, and the origin is that of the request. */
function redirect(origin: string, path: string, cookie?: string): OwnAnswer {
  const fields: (readonly [string, string])[] = [
    ['Location', `${origin}${path}`],
    ['Cache-Control', 'no-store'],
  ];
  if (cookie !== undefined) fields.push(['Set-Cookie', cookie]);
  return {
    action: 'answer',
    status: 303,
    fields: fieldLines(fields),
    body: Buffer.alloc(0),
    reason: 'authentication.accepted',
  };
}
