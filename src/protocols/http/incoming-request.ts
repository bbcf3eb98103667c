// What a request head means: to whom it goes, how its body ends, and whether this proxy takes requests of that form.

import type { Target } from '../../proxy/engine.ts';
import type { ProxySession } from '../../proxy/proxy-session.ts';
import { Violation } from '../../proxy/violation.ts';
import type { Authority } from './urls/authority.ts';
import { readAuthority, urlAuthority } from './urls/authority.ts';
import { isTooLong } from './bodies/body-transfer.ts';
import { isPersistent, readConnection } from './heads/connection-options.ts';
import type { Framing } from './bodies/framing.ts';
import { hasBody, requestFraming } from './bodies/framing.ts';
import type { Head } from './heads/head.ts';
import type { HeaderTable } from './heads/header-table.ts';
import { AUTHORIZATION, EXPECT, HOST } from './heads/header-table.ts';
import type { UrlParts } from './urls/http-url.ts';
import type { KnownFields } from './heads/known-fields.ts';
import { policyProblem, Refused } from './problem.ts';
import type { RequestLine } from './heads/request-line.ts';
import type { RequestTarget, WrittenSite } from './urls/request-target.ts';
import { readTarget } from './urls/request-target.ts';
import type { HttpSettings } from './settings.ts';
import { tunnelTarget } from './tunnel/tunnel-target.ts';

/** A request that keeps to the protocol. */
export interface IncomingRequest {
  readonly method: string;
  readonly minor: 0 | 1;
  readonly target: RequestTarget;
  readonly url: UrlParts;
  /** Where the request is for; undefined if it names no host. */
  readonly server: Target | undefined;
  /** The index of the Host field; -1 if there is none. */
  readonly hostPlace: number;
  readonly framing: Framing;
  /** Whether the client keeps its connection. */
  readonly isPersistent: boolean;
  /** Lower-case names of fields that end here. */
  readonly strip: readonly string[];
  /** Whether a server may take whoever uses the connection from now on for this user. */
  readonly bindsConnection: boolean;
  /** Whether the client waits for a 100 before it sends the body. */
  readonly expectsContinue: boolean;
}

/** What an authority means here. */
interface Site {
  readonly of: Authority;
  readonly scheme: 'http' | 'https';
  readonly server: Target;
  /** The canonical form of the authority. */
  readonly text: string;
}

/** Reads request heads of one connection. */
export class RequestReader {
  readonly #settings: HttpSettings;
  readonly #session: ProxySession;
  readonly #names: HeaderTable;
  readonly #known: KnownFields;
  /** What the client asked a tunnel for, if its requests come out of one. */
  readonly #tunnel: Target | undefined;
  /** The last host that was read: on one connection it is nearly always the same. */
  #lastText = '';
  #lastAuthority: Authority | undefined;
  #lastSite: Site | undefined;
  /** Where the last whole URL led, and the text of its authority. */
  readonly #lastUrl: WrittenSite = { text: '', authority: '' };
  #urlText = '';
  #urlAuthority: Authority | undefined;

  constructor(
    settings: HttpSettings,
    session: ProxySession,
    names: HeaderTable,
    known: KnownFields,
  ) {
    this.#settings = settings;
    this.#session = session;
    this.#names = names;
    this.#known = known;
    this.#tunnel = session.isStacked ? session.get(tunnelTarget) : undefined;
  }

  /** Reads a head; throws a Violation for anything in doubt. */
  read(head: Head<RequestLine>): IncomingRequest {
    const known = this.#known;
    known.note(head);
    const { method, minor } = head.line;
    const target = readTarget(head, this.#settings, this.#lastUrl);
    const hostPlace = known.place(HOST);
    const site = this.#site(this.#authority(head, target, hostPlace));
    const framing = requestFraming(head, known);
    this.#checkForm(target);
    if (this.#tunnel !== undefined) checkTunnel(site.server, this.#tunnel);
    this.#checkBody(method, framing);
    const connection = readConnection(head, known, { names: this.#names, side: 'client' });
    return {
      method,
      minor,
      target,
      hostPlace,
      framing,
      url: urlAt(site, target.path),
      server: hostPlace === -1 && target.authority === '' ? undefined : site.server,
      isPersistent: isPersistent(minor, connection),
      strip: connection.strip,
      bindsConnection: bindsConnection(head, known.place(AUTHORIZATION)),
      expectsContinue: this.#expectsContinue(head, framing),
    };
  }

  /** The host and port that a request is for; where URL and Host name one, they must agree. */
  #authority(head: Head<RequestLine>, target: RequestTarget, hostPlace: number): Authority {
    // RFC 9112, 3.2; without it a policy would decide about a host that nobody named.
    if (hostPlace === -1 && head.line.minor === 1)
      throw bad('missing-host', 'An HTTP/1.1 request has no Host');
    const host = hostPlace === -1 ? undefined : this.#readHost(head, hostPlace);
    if (target.authority !== '') {
      const authority = this.#readUrl(target.authority);
      if (host !== undefined) this.#checkAgreement(authority, host, target.form);
      return authority;
    }
    if (host !== undefined) return host;
    if (this.#settings.requireHostHeader) throw bad('missing-host', 'The request has no Host');
    if (this.#tunnel !== undefined) return this.#tunnel;
    const { address, port } = this.#session.clientLocal;
    return { host: address.toString(), port };
  }

  #readHost(head: Head<RequestLine>, place: number): Authority {
    if (this.#lastAuthority === undefined || !head.hasValue(place, this.#lastText)) {
      const text = head.value(place);
      this.#lastAuthority = readAuthority(text, this.#settings.maxHostnameLength);
      this.#lastText = text;
    }
    return this.#lastAuthority;
  }

  #readUrl(text: string): Authority {
    if (this.#urlAuthority === undefined || this.#urlText !== text) {
      this.#urlAuthority = readAuthority(text, this.#settings.maxHostnameLength);
      this.#urlText = text;
    }
    return this.#urlAuthority;
  }

  /** One of two hosts would be what the policy sees, and the other what the server serves. */
  #checkAgreement(url: Authority, host: Authority, form: RequestTarget['form']): void {
    const { defaultPort } = this.#settings;
    const isSamePort = (url.port ?? defaultPort) === (host.port ?? defaultPort);
    // Clients of CONNECT often leave the port out of Host.
    const hasPort = form !== 'authority' || host.port !== undefined;
    if (url.host !== host.host || (hasPort && !isSamePort))
      throw bad('host-mismatch', 'The request line and Host name different servers');
  }

  #site(authority: Authority): Site {
    if (this.#lastSite?.of === authority) return this.#lastSite;
    const { host, port } = authority;
    const { defaultPort } = this.#settings;
    this.#lastSite = {
      of: authority,
      scheme: defaultPort === 443 ? 'https' : 'http',
      server: { host, port: port ?? defaultPort },
      text: urlAuthority(host, port, defaultPort),
    };
    return this.#lastSite;
  }

  #checkForm({ form }: RequestTarget): void {
    const { permitProxyRequests, permitServerRequests } = this.#settings;
    if (form === 'absolute' && !permitProxyRequests)
      throw denied('proxy-request-refused', 'Requests for whole URLs are not permitted here');
    if ((form === 'origin' || form === 'asterisk') && !permitServerRequests)
      throw denied('server-request-refused', 'This is a proxy: ask it for whole URLs');
  }

  #checkBody(method: string, framing: Framing): void {
    if (!hasBody(framing)) return;
    // What follows the head of a CONNECT is the tunnel's (RFC 9110, 9.3.6).
    if (method === 'CONNECT') throw bad('connect-with-body', 'A CONNECT request has a body');
    // RFC 9110, 9.3.8.
    if (method === 'TRACE') throw bad('trace-with-body', 'A TRACE request has a body');
    if (isTooLong(framing, this.#settings))
      throw bad('body-too-long', 'The body is longer than allowed');
  }

  #expectsContinue(head: Head<RequestLine>, framing: Framing): boolean {
    const place = this.#known.place(EXPECT);
    // In HTTP/1.0 it means nothing (RFC 9110, 10.1.1).
    if (place === -1 || head.line.minor === 0) return false;
    // Servers that half understand an expectation disagree about whether the body comes (0.CL).
    if (!head.hasToken(place, '100-continue'))
      throw bad('bad-expect', 'The only expectation that can be met is 100-continue');
    if (framing.kind === 'none')
      throw bad('expect-without-body', 'A request without a body expects a 100');
    return true;
  }
}

/** A tunnel to one server is no way to ask another one: the policy has decided about the first (domain fronting). */
function checkTunnel(asked: Target, { host, port }: Target): void {
  if (asked.host !== host || asked.port !== port)
    throw bad('tunnel-host-mismatch', 'The request is for another server than its tunnel');
}

function urlAt({ scheme, server, text }: Site, path: string): UrlParts {
  return { scheme, host: server.host, port: server.port, authority: text, path };
}

function denied(rule: string, message: string): Refused {
  return new Refused(policyProblem(`http.${rule}`, message));
}

function bad(rule: string, message: string): Violation {
  return new Violation(`http.${rule}`, 'client', message);
}

/**
 * The schemes with which every request says who it is from, as a pattern. NTLM and Negotiate say it once for the whole connection (RFC
 * 4559, 6), and of others nobody knows.
 */
export const OF_REQUEST = '(?:basic|bearer|digest) ';

const SAYS_OF_REQUEST = new RegExp(`^${OF_REQUEST}`, 'i');

function bindsConnection(head: Head<RequestLine>, place: number): boolean {
  return place !== -1 && !SAYS_OF_REQUEST.test(head.value(place));
}
