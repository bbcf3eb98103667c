// What a policy may say to httpProxy().

import type { PortList } from '../../address/port-range.ts';
import type { Stackable } from '../../proxy/engine.ts';
import type { Abort, Accept, Reject } from '../../proxy/policy-action.ts';
import type { ProxySession } from '../../proxy/proxy-session.ts';
import type { Answer } from './rules/answer.ts';
import type { AuthenticationOptions } from './authentication/authentication-settings.ts';
import type { CategoryOptions } from './filters/category-settings.ts';
import type { ErrorPagesOptions } from './pages/error-pages.ts';
import type { BodyOptions } from './bodies/body-settings.ts';
import type { HeaderRules } from './rules/field-policy.ts';
import type { HttpRequest, HttpResponse } from './rules/http-request.ts';
import type { ForwardedOption } from './forwarding/forwarded.ts';
import type { ViaOption } from './forwarding/via.ts';
import type { OldProtocolOptions } from './old-protocol/old-settings.ts';
import type { RerequestOptions } from './rerequest/rerequest-settings.ts';
import type { StrictHeaderOptions } from './strict-header/strict-settings.ts';
import type { ConnectOption } from './tunnel/connect-option.ts';
import type { UpgradeRules } from './upgrade/upgrade-option.ts';
import type { ParentChoice, ParentProxy } from './parent-proxy.ts';
import type { StackOptions } from './stacking/stack-settings.ts';
import type { UrlFilter } from './filters/url-filter.ts';
import type { UrlOptions } from './urls/url-settings.ts';
import type { ServerNameCheck } from './server-name-settings.ts';

/** What a policy may answer to a request or a response. */
export type HttpAction = Accept | Reject | Abort | Answer;

/** What is done with requests of a method. The function may be async. */
export type RequestRule =
  | HttpAction
  | ((request: HttpRequest, session: ProxySession) => HttpAction | PromiseLike<HttpAction>);

/** What is done with responses. The function may be async. */
export type ResponseRule =
  | HttpAction
  | ((
      response: HttpResponse,
      request: HttpRequest,
      session: ProxySession,
    ) => HttpAction | PromiseLike<HttpAction>);

/** Settings of `httpProxy`. */
export interface HttpOptions
  extends
    UrlOptions,
    StrictHeaderOptions,
    OldProtocolOptions,
    CategoryOptions,
    BodyOptions,
    RerequestOptions,
    StackOptions {
  /**
   * `transparent`: clients think that they talk to the web server. `explicit`: they know the proxy and send it whole
   * URLs. Default: transparent.
   */
  readonly mode?: 'transparent' | 'explicit';
  /** Allow `GET /path`, as servers are asked. Default: true if transparent, false if explicit. */
  readonly permitServerRequests?: boolean;
  /** Allow `GET http://host/path`, as proxies are asked. Default: false if transparent, true if explicit. */
  readonly permitProxyRequests?: boolean;
  /** Black and white lists of URLs and hosts, asked before anything else. Default: none. */
  readonly urlFilter?: UrlFilter;
  /** How the proxy asks who its clients are, where the service has an `authentication` policy. Default: all defaults. */
  readonly authentication?: AuthenticationOptions;
  /** By method (as it is written, `GET`) or `*`. What is not listed is refused. Default: GET, HEAD and POST pass. */
  readonly request?: Readonly<Record<string, RequestRule>>;
  /**
   * By method or `*`, then by status: `404`, `40` (400 to 409), `4` (400 to 499) or `*`. The rules of the method come
   * before those of `*`, and the longer status first. What is not listed passes. Default: all pass.
   */
  readonly response?: Readonly<Record<string, Readonly<Record<string, ResponseRule>>>>;
  /** Fields of requests by name or `*`. What is not listed passes. Default: all pass. */
  readonly requestHeader?: HeaderRules;
  /** Fields of responses by name or `*`. What is not listed passes. Default: all pass. */
  readonly responseHeader?: HeaderRules;
  /**
   * Take clients that speak SOCKS 5, 4 or 4a at the same port, too: what they ask for is decided as CONNECT is. Needs
   * `connect`. Default: false.
   */
  readonly socks?: boolean;
  /**
   * What gets what is inside CONNECT: a service or a program, `{ detect: [...] }` to choose it by the first bytes, a table
   * of these by port, or a function. With it CONNECT is a permitted method by default.
   */
  readonly connect?: ConnectOption;
  /** Protocols that a client may go on in on its connection, by name: `websocket`. Default: none; the wish is dropped. */
  readonly upgrade?: UpgradeRules;
  /**
   * What functions in `connect`, `upgrade`, `requestStack` and `responseStack` may stack, so that the policy knows and
   * checks it. Default: nothing.
   */
  readonly stacks?: readonly Stackable[];
  /** Milliseconds without a byte in a tunnel that nobody looks into. Default: 600000. */
  readonly timeoutTunnelMs?: number;
  /** Whether the 103 of servers pass, with the fields that the policy lets pass. Default: drop. */
  readonly earlyHints?: 'drop' | 'pass';
  /** What becomes of Via, and how this proxy calls itself in it. Default: keep. */
  readonly via?: ViaOption;
  /** What becomes of Forwarded and the X-Forwarded fields, by which servers are told of the client. Default: drop. */
  readonly forwarded?: ForwardedOption;
  /** The further proxy that gets the requests, or a function that chooses it for each. Default: none. */
  readonly parentProxy?: ParentProxy | ParentChoice;
  /** Ports that clients may choose, where they choose the server, and for CONNECT. Default: 80 and 443. */
  readonly targetPorts?: PortList;
  /** The port when Host and URL name none; 443 where the service decrypts TLS. Default: 80. */
  readonly defaultPort?: number;
  /** Write Host in canonical form. Default: true. */
  readonly rewriteHostHeader?: boolean;
  /** Refuse HTTP/1.0 requests without Host; otherwise the original destination takes its place. Default: true. */
  readonly requireHostHeader?: boolean;
  /**
   * What becomes of requests for another host than TLS was asked for, or than the certificate of the server is for,
   * where the service speaks TLS with its clients: `refuse`, `warn` (they pass, and the record says so), or `off`.
   * Default: `'refuse'`.
   */
  readonly checkServerName?: ServerNameCheck;
  /** Bytes of a request, status or header line, at most 32768. Default: 8192, which has room for the longest URL. */
  readonly maxLineLength?: number;
  /** Bytes of a head: first line, fields and empty line. Default: 65536, twice what browsers and servers ever need. */
  readonly maxHeadBytes?: number;
  /** Bytes of a request target. Default: 4096. */
  readonly maxUrlLength?: number;
  /** Bytes of a host name. Default: 256. */
  readonly maxHostnameLength?: number;
  /** Fields of a head. Default: 50. */
  readonly maxHeaderLines?: number;
  /** Requests of one connection; 0 is no limit. Default: 0. */
  readonly maxKeepaliveRequests?: number;
  /**
   * A server connection that is kept goes to whoever of the service needs one next, other clients included, and not back to
   * the same client only. Each use is decided anew. Default: false.
   */
  readonly shareServerConnections?: boolean;
  /** Milliseconds without a byte while a body passes. Default: 300000. */
  readonly timeoutMs?: number;
  /** Milliseconds in all until a request head is complete, counted from the end of the last answer. Default: 10000. */
  readonly timeoutRequestMs?: number;
  /** Milliseconds in all from the end of a request to a complete response head. Default: 300000. */
  readonly timeoutResponseMs?: number;
  /** Write one accounting line for each request. Default: true. */
  readonly logRequests?: boolean;
  /** Close without an error page. Default: false. */
  readonly errorSilent?: boolean;
  /** Error pages of your own, in the language of the service. Default: built-in ones. */
  readonly errorPages?: ErrorPagesOptions;
  /** The language of error pages. Default: en. */
  readonly language?: 'en' | 'de' | 'hu';
}
