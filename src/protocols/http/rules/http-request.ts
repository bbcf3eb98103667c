// A request and a response as functions of the policy see and change them.

import { SHOWN, shownValues } from '../../../address/shown.ts';
import type { Target } from '../../../proxy/engine.ts';
import { invalidValue } from '../../../proxy/policy-call.ts';
import type { UrlCategories } from '../../../proxy/url-categories.ts';
import { categoriesOf } from '../../../proxy/url-categories.ts';
import { isFieldValue, isToken, latin1 } from '../heads/byte-text.ts';
import { chosenServer } from './chosen-server.ts';
import type { Draft, RequestDraft } from './draft.ts';
import { MAX_FIELD_LENGTH } from './field-check.ts';
import { hasNoBody } from '../bodies/framing.ts';
import type { Head } from '../heads/head.ts';
import { HttpHeaders } from './http-headers.ts';
import type { HttpUrl } from '../urls/http-url.ts';
import { urlOf } from '../urls/http-url.ts';
import type { RequestLine } from '../heads/request-line.ts';
import { MAX_METHOD_LENGTH } from '../heads/request-line.ts';
import type { StatusLine } from '../heads/status-line.ts';
import { phraseOf } from '../heads/status-phrase.ts';
import { askedUrl } from '../filters/url-filter.ts';
import type { UrlChange, UrlRules } from '../urls/url-change.ts';
import { changedUrl } from '../urls/url-change.ts';

/** Their messages have another framing, or mean another conversation: no method becomes one of them, nor they another. */
const FIXED_METHODS = ['CONNECT', 'HEAD'];
const METHODS = 'a method; CONNECT, HEAD and OPTIONS * stay what they are';
const STATUSES =
  'one of 200 to 599; what is to be a 204 or a 304, or no longer one, takes answer()';

const REASONS = `a text of at most ${MAX_FIELD_LENGTH} Latin-1 characters without control characters`;

/** How URLs are read, and what is known of them. */
export interface RequestRules extends UrlRules {
  readonly urlCategories: UrlCategories | undefined;
}

const NO_CATEGORIES: readonly string[] = Object.freeze([]);

/**
 * A request: as received, in canonical form. A function over requests may change the method, the URL and the headers
 * until it answers; what then stands here is what is checked, routed, logged and sent.
 */
export class HttpRequest {
  readonly version: '1.0' | '1.1';
  readonly headers: HttpHeaders;
  readonly #rules: RequestRules;
  readonly #draft: RequestDraft;
  #server: Target | undefined;

  constructor(head: Head<RequestLine>, draft: RequestDraft, rules: RequestRules) {
    this.version = head.line.minor === 1 ? '1.1' : '1.0';
    this.headers = new HttpHeaders(head, draft);
    this.#rules = rules;
    this.#draft = draft;
  }

  get method(): string {
    return this.#draft.method;
  }

  set method(method: string) {
    const { method: current, url } = this.#draft;
    if (method === current) return;
    const isFixed = FIXED_METHODS.includes(method) || FIXED_METHODS.includes(current);
    if (!isToken(method) || method.length > MAX_METHOD_LENGTH || isFixed || url.path === '*')
      throw invalidValue('method', method, METHODS);
    this.#retarget('method').method = method;
  }

  /** Where to connect instead of the host of the URL; counts only where the router lets the proxy choose. */
  get server(): Target | undefined {
    return this.#server;
  }

  set server(server: Target | undefined) {
    this.#draft.checkTime('server');
    this.#server = server === undefined ? undefined : chosenServer(server);
  }

  /** The categories of the URL as it is now, in the order of the policy; none where the proxy has no `urlCategories`. */
  get categories(): readonly string[] {
    const { urlCategories } = this.#rules;
    if (urlCategories === undefined) return NO_CATEGORIES;
    const { method, url } = this.#draft;
    return categoriesOf(urlCategories, { text: askedUrl({ method, url }), host: url.host });
  }

  /** Takes a whole URL or the parts that are to change; reading gives all parts. */
  get url(): HttpUrl {
    return urlOf(this.#draft.url);
  }

  set url(change: string | UrlChange) {
    const { method, url } = this.#draft;
    const changed = changedUrl(change, { method, current: url }, this.#rules);
    this.#retarget('URL').url = changed;
  }

  [SHOWN](): object {
    return shownValues(this);
  }

  #retarget(what: string): RequestDraft {
    this.#draft.change(what);
    this.#draft.isRetargeted = true;
    return this.#draft;
  }
}

/** A response: as received. A function over responses may change the status, the reason and the headers until it answers. */
export class HttpResponse {
  readonly version: '1.0' | '1.1';
  readonly headers: HttpHeaders;
  readonly #draft: Draft;
  readonly #method: string;
  #status: number;
  #reason: string;

  /** `method` is that of the request. */
  constructor(head: Head<StatusLine>, draft: Draft, method: string) {
    const { status, minor, reasonStart, length } = head.line;
    this.version = minor === 1 ? '1.1' : '1.0';
    this.headers = new HttpHeaders(head, draft);
    this.#draft = draft;
    this.#method = method;
    this.#status = status;
    this.#reason = latin1(head.bytes, head.base + reasonStart, head.base + length);
  }

  get status(): number {
    return this.#status;
  }

  /** A status changes together with its reason. */
  set status(status: number) {
    // Whether there is a body follows from the status, and it is read as that of the received one says.
    const isSameKind = hasNoBody(status) === hasNoBody(this.#status) || this.#method === 'HEAD';
    if (!isFinal(status) || !isFinal(this.#status) || !isSameKind)
      throw invalidValue('status', status, STATUSES);
    this.#draft.change('status');
    this.#status = status;
    this.#reason = phraseOf(status);
  }

  /** The words beside the status. */
  get reason(): string {
    return this.#reason;
  }

  set reason(reason: string) {
    if (!isReason(reason)) throw invalidValue('reason', reason, REASONS);
    this.#draft.change('reason');
    this.#reason = reason;
  }

  [SHOWN](): object {
    return shownValues(this);
  }
}

/** A policy may give anything. */
function isReason(reason: unknown): boolean {
  return typeof reason === 'string' && reason.length <= MAX_FIELD_LENGTH && isFieldValue(reason);
}

function isFinal(status: number): boolean {
  return Number.isInteger(status) && status >= 200 && status <= 599;
}
