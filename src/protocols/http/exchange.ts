// One request and its response.

import type {
  Bytes,
  Outcome,
  ProxyAction,
  ProxyContext,
  Target,
  WallClock,
} from '../../proxy/engine.ts';
import type { BodyTransfer } from './bodies/body-transfer.ts';
import { bytesOf } from './heads/byte-text.ts';
import { RequestDraft } from './rules/draft.ts';
import { hasBody } from './bodies/framing.ts';
import type { Head } from './heads/head.ts';
import type { RequestRules } from './rules/http-request.ts';
import { HttpRequest } from './rules/http-request.ts';
import { shownUrl } from './urls/http-url.ts';
import type { IncomingRequest } from './incoming-request.ts';
import type { Parent } from './parent-proxy.ts';
import type { ResponseOpening } from './old-protocol/response-opening.ts';
import type { FieldKnowledge } from './rules/policy-changes.ts';
import { changedRequest } from './rules/policy-changes.ts';
import type { RequestLine } from './heads/request-line.ts';
import type { HttpSettings } from './settings.ts';
import type { TunnelContents } from './tunnel/connect-option.ts';
import type { BodySpool } from './rerequest/body-spool.ts';
import type { Upgrade } from './upgrade/upgrade.ts';
import type { StackedBody } from './stacking/stacked-body.ts';

const CONTINUE = bytesOf('HTTP/1.1 100 Continue\r\n\r\n');

/** Goes on when a promise about a request or a response is settled. */
export type Resume = (outcome: Outcome, out: ProxyAction[]) => void;

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

/** The connection that a response goes to. */
export interface ResponseClient {
  readonly context: Pick<ProxyContext, 'session'>;
  /** Whether it may stay, as far as the request says. Asked when the response head has come. */
  mayKeepClient(exchange: Exchange): boolean;
}

/** The settings that an exchange obeys. */
export type ExchangeSettings = Pick<HttpSettings, 'logRequests' | 'rerequestMethods'> &
  RequestRules;

/** A request that goes through a child. */
export interface RequestThroughChild {
  /** Whether the server has all of it. */
  readonly isFinished: boolean;
  /** The server is connected, for the first time or again. */
  connected(out: ProxyAction[]): void;
  /** The whole body has come from the client. */
  complete(out: ProxyAction[]): void;
}

/** What is known of a request on its way and of its response. */
export class Exchange {
  /** The head of the request as the server gets it; kept until it was sent for the last time. */
  outgoing: Bytes | undefined;
  /** The body of the request; undefined until the head was sent, and where there is none. */
  body: BodyTransfer | undefined;
  response: ResponseProgress | undefined;
  /** The further proxy that it goes to. */
  parent: Parent | undefined;
  /** What gets the contents of the tunnel that a further proxy is asked for. */
  contents: TunnelContents | undefined;
  /** Looks at the beginning of the response, where it may be of HTTP/0.9. */
  opening: ResponseOpening | undefined;
  /** The switch to another protocol that the policy allows. */
  upgrade: Upgrade | undefined;
  /** The Max-Forwards field for the server, as a whole line, where it is not the received one. */
  maxForwards: string | undefined;
  /** How often its head was sent. */
  attempts = 0;
  /** Another connection is made for it: one was lost before the response. */
  isRepeated = false;
  /** What it says on its way to the server makes the connection that of one user, whatever the client has said. */
  isSentAsUser = false;
  /** Keeps the body to be sent again. */
  spool: BodySpool | undefined;
  /** Who proved to have sent it. */
  user: string | undefined;
  /** The line in which its credentials go on to the server, where the policy wants that. */
  credentials: string | undefined;
  /** Where a login that it brings leads to. */
  loginPath: string | undefined;
  /** Where a child looks at the body of the request. */
  stackedRequest: RequestThroughChild | undefined;
  /** The body that a child looks at now. */
  stacked: StackedBody | undefined;
  /** The step of the gate that keeps the request waiting. */
  gateStep = 0;
  /** What time it is; undefined: nobody knows. */
  readonly clock: WallClock | undefined;
  readonly #settings: ExchangeSettings;
  #request: IncomingRequest;
  #head: Head<RequestLine>;
  #policyRequest: HttpRequest | undefined;
  #draft: RequestDraft | undefined;
  #isDecided = false;
  #hasContinued = false;

  constructor(
    request: IncomingRequest,
    head: Head<RequestLine>,
    settings: ExchangeSettings,
    clock?: WallClock,
  ) {
    this.clock = clock;
    this.#request = request;
    this.#head = head;
    this.#settings = settings;
  }

  /** The request: as received, and once the policy has decided, as its functions have changed it. */
  get request(): IncomingRequest {
    return this.#request;
  }

  /** The head of the request: valid within the event that brought it, unless kept. */
  get head(): Head<RequestLine> {
    return this.#head;
  }

  /** Keeps the head beyond this event. */
  keepHead(): void {
    this.#head = this.#head.snapshot();
  }

  /** Another head in the place of the one that was received: what it does not have, nobody behind sees. */
  replaceHead(head: Head<RequestLine>): void {
    this.#head = head;
  }

  /** The request as functions of the policy see it; the same object each time. */
  policyRequest(): HttpRequest {
    if (this.#policyRequest !== undefined) return this.#policyRequest;
    const { method, url } = this.#request;
    this.#draft = new RequestDraft(method, url);
    if (this.#isDecided) this.#draft.seal();
    this.#policyRequest = new HttpRequest(this.#head, this.#draft, this.#settings);
    return this.#policyRequest;
  }

  /** The policy lets it pass: what its functions have changed counts, and nothing that they change from now on. */
  decided(fields: FieldKnowledge): void {
    this.#isDecided = true;
    const draft = this.#draft;
    if (draft === undefined || this.#policyRequest === undefined) return;
    draft.seal();
    if (!draft.isChanged) return;
    const changed = changedRequest(this.#request, this.#policyRequest, draft, fields);
    this.#request = changed.request;
    this.#head = changed.head;
  }

  /** Whether functions of the policy have changed anything of it. */
  get isChanged(): boolean {
    return this.#draft?.isChanged === true;
  }

  /** Whether the policy has made it a request for something else. */
  get isRetargeted(): boolean {
    return this.#draft?.isRetargeted === true;
  }

  /** Whether the policy has set Host, so that it need not follow the URL. */
  get hasOwnHost(): boolean {
    return this.#draft?.hasOwnHost === true;
  }

  /** Whether there is such an object, which will be the same whoever asks. */
  get hasPolicyRequest(): boolean {
    return this.#policyRequest !== undefined;
  }

  /** The server that a function of the policy has chosen. */
  get chosenServer(): Target | undefined {
    return this.#policyRequest?.server;
  }

  /** Whether the server knows a user by the connection over which it has gone. */
  get bindsConnection(): boolean {
    return this.isSentAsUser || this.#request.bindsConnection;
  }

  /** Lower-case names of fields that do not go to the server. */
  get strip(): readonly string[] {
    const { strip } = this.request;
    if (this.upgrade !== undefined) return [...strip, ...this.upgrade.strip];
    return this.maxForwards === undefined ? strip : [...strip, 'max-forwards'];
  }

  /** Whether the whole request has been read, and has gone to the server. */
  get isRequestComplete(): boolean {
    const isRead = this.body?.isComplete ?? this.hasNoBody;
    return isRead && this.stackedRequest?.isFinished !== false;
  }

  get hasNoBody(): boolean {
    return !hasBody(this.request.framing);
  }

  /** Whether its client waits to be told to go on with the body, unless it does so by itself. */
  get awaitsWord(): boolean {
    return this.#request.expectsContinue && !this.#hasContinued;
  }

  /** Tells a client that waits for it to go on with the body. */
  tellToGoOn(out: ProxyAction[]): void {
    if (!this.awaitsWord) return;
    this.#hasContinued = true;
    out.push({ type: 'send', to: 'client', bytes: CONTINUE });
  }

  /** Whether the policy lets it be sent again if a connection fails before the response. */
  get isRepeatable(): boolean {
    return this.#settings.rerequestMethods.has(this.request.method);
  }

  /** The accounting line of this request, where requests have one; `reason` says why it was refused. */
  log(status: number, bytes: number, out: ProxyAction[], reason?: string): void {
    if (!this.#settings.logRequests) return;
    const { method, url } = this.request;
    const { user } = this;
    out.push({
      type: 'log',
      level: 'accounting',
      code: 'http.request',
      message: 'Request finished',
      fields: {
        method,
        url: shownUrl({ method, url }),
        status,
        bytes,
        ...(user !== undefined && { user }),
        ...(reason !== undefined && { reason }),
      },
    });
  }
}
