// One request and its response.

import type { Bytes, ProxyAction, Target } from '../../proxy/engine.ts';
import type { BodyTransfer } from './body-transfer.ts';
import type { Head } from './head.ts';
import { HttpRequest, urlText } from './http-request.ts';
import type { IncomingRequest } from './incoming-request.ts';
import type { RequestLine } from './request-line.ts';
import type { HttpSettings } from './settings.ts';

// A request that may be sent twice does the same as sent once (RFC 9110, 9.2.2).
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'DELETE', 'PUT']);

/** How far a response is. */
export interface ResponseProgress {
  /** Whether the client has got the final head: then there is no place for an error page. */
  readonly hasBegun: boolean;
  /** 0 until the head has been accepted. */
  readonly status: number;
  readonly bodyBytes: number;
  /** Whether the client can only tell by the way the connection ends that the body is complete. */
  readonly endsByClose: boolean;
}

/** What is known of a request on its way and of its response. */
export class Exchange {
  readonly request: IncomingRequest;
  /** The head of the request as the server gets it; kept until it was sent for the last time. */
  outgoing: Bytes | undefined;
  /** The body of the request; undefined until the head was sent, and where there is none. */
  body: BodyTransfer | undefined;
  response: ResponseProgress | undefined;
  /** The step of the gate that keeps the request waiting. */
  gateStep = 0;
  readonly #settings: Pick<HttpSettings, 'logRequests'>;
  #head: Head<RequestLine>;
  #policyRequest: HttpRequest | undefined;

  constructor(
    request: IncomingRequest,
    head: Head<RequestLine>,
    settings: Pick<HttpSettings, 'logRequests'>,
  ) {
    this.request = request;
    this.#head = head;
    this.#settings = settings;
  }

  /** The head of the request: valid within the event that brought it, unless kept. */
  get head(): Head<RequestLine> {
    return this.#head;
  }

  /** Keeps the head beyond this event. */
  keepHead(): void {
    this.#head = this.#head.snapshot();
  }

  /** The request as functions of the policy see it; the same object each time. */
  policyRequest(): HttpRequest {
    this.#policyRequest ??= new HttpRequest(this.#head.snapshot(), this.request.url);
    return this.#policyRequest;
  }

  /** Whether there is such an object, which will be the same whoever asks. */
  get hasPolicyRequest(): boolean {
    return this.#policyRequest !== undefined;
  }

  /** The server that a function of the policy has chosen. */
  get chosenServer(): Target | undefined {
    return this.#policyRequest?.server;
  }

  /** Whether the whole request has been read. */
  get isRequestComplete(): boolean {
    return this.body?.isComplete ?? this.hasNoBody;
  }

  get hasNoBody(): boolean {
    const { framing } = this.request;
    return framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0);
  }

  /** Whether the request may be sent again if a connection fails before the response. */
  get isRepeatable(): boolean {
    return this.hasNoBody && IDEMPOTENT.has(this.request.method);
  }

  /** The accounting line of this request, where requests have one; `reason` says why it was refused. */
  log(status: number, bytes: number, out: ProxyAction[], reason?: string): void {
    if (!this.#settings.logRequests) return;
    const { method, url } = this.request;
    out.push({
      type: 'log',
      level: 'accounting',
      code: 'http.request',
      message: 'Request finished',
      fields: { method, url: urlText(url), status, bytes, ...(reason !== undefined && { reason }) },
    });
  }
}
