// What takes part in a comparison: a proxy that can be started, before one and the same back end.

import type { Command } from './child.ts';
import type { TlsSite } from './tls-site.ts';

/**
 * Who takes part. `haproxy-dom` is HAProxy with its list of domains written the obvious way; `zorp-net` is Zorp on
 * node:net, without its driver.
 */
export type Name =
  | 'zorp'
  | 'haproxy'
  | 'haproxy-dom'
  | 'nginx'
  | 'squid'
  | 'http-proxy'
  | 'sslsplit'
  | 'mitmproxy'
  | 'zorp-net';

/** What a proxy may be asked to do; each has a port of its own. */
export const PORT_NAMES = [
  'http',
  'httpOnce',
  'policy',
  'policyOnce',
  'forward',
  'forwardPolicy',
  'plug',
  'httpOnceLogged',
  'plugLogged',
  'tls',
  'tlsNames',
  'tlsPlug',
] as const;

/** One of them. */
export type PortName = (typeof PORT_NAMES)[number];

/**
 * Where a proxy listens, for what it can do here.
 * http: connections to the server are used again, as far as the proxy does that.
 * httpOnce: a new connection to the server for each of the client.
 * policy: as http, with a policy over method, host and headers (policy-under-test.ts).
 * policyOnce: as httpOnce, with the same policy.
 * forward: an explicit proxy, which clients ask for whole URLs.
 * forwardPolicy: as forward, with the policy of `policy`.
 * plug: bytes, unseen.
 * httpOnceLogged, plugLogged: as httpOnce and plug, for clients of listed networks only and with a line in the log for each
 * connection.
 * tls: HTTP inside of TLS, which is intercepted, to the server with one name.
 * tlsNames: the same, to the server with every name.
 * tlsPlug: bytes inside of TLS, which is intercepted, to the server with one name.
 */
export type Ports = Readonly<Partial<Record<PortName, number | undefined>>>;

/** A proxy that can be started. */
export interface Contender {
  readonly name: Name;
  readonly version: string;
  readonly ports: Ports;
  readonly command: Command;
  /** How much of a row's work it gets: one that is slow takes long, and its figure is exact with less. Default: 1. */
  readonly share?: number;
  /** Whether it has to be asked for the servers of TLS by CONNECT; who is not asked has one server for each port. */
  readonly isExplicit?: boolean;
}

/** A peer that is missing, or a part of one, and how to get it. */
export interface Missing {
  readonly what: string;
  readonly cure: string;
}

/** What was found of a peer on this machine. */
export interface FoundPeer {
  readonly contender?: Contender;
  readonly missing: readonly Missing[];
}

/** Where a contender is to be set up. */
export interface Place {
  /** A folder for its files, removed at the end. */
  readonly folder: string;
  readonly serverPort: number;
  /** A free port for all that it may do. */
  readonly ports: Readonly<Record<PortName, number>>;
  /** The file with the domains that the policy blocks, one a line. */
  readonly blockedDomains: string;
  readonly tls: TlsSite;
}
