// The facts of a session as a proxy and the functions of a policy see them. The session itself lives in session/.

import type { SocketAddress } from '../address/socket-address.ts';
import type { Transport } from '../address/transport.ts';
import type { IpAddress } from '../address/ip-address.ts';
import type { SessionTls } from './tls-facts.ts';

/** A zone, seen from where the policy is not known. */
export interface NamedZone {
  readonly name: string;
}

/**
 * A typed extra attribute of a session, through which proxies of one stack talk to one another: a proxy sets it on its
 * own session, and the proxies stacked in it read it.
 */
export interface Attribute<Value> {
  readonly name: string;
  /** Never present: it carries the type of the value. */
  readonly value?: Value;
}

/**
 * Makes the key of an extra attribute. Two keys of the same name are different attributes.
 * @example const mailSender = attribute<string>('mail-sender');
 */
export function attribute<Value>(name: string): Attribute<Value> {
  return Object.freeze({ name });
}

/** The facts of one connection. Fields that are not known yet are undefined (`serverAddress` before a connect). */
export interface ProxySession {
  /** `svc/<instance>/<service>:<number>/<instance>/<proxy>`. */
  readonly sessionId: string;
  /** What carries it: over UDP a session is all datagrams between the client's address and port and `clientLocal`. */
  readonly protocol: Transport;
  /** Source of the connection. */
  readonly clientAddress: SocketAddress;
  /** Original destination as the client saw it. */
  readonly clientLocal: SocketAddress;
  readonly clientZone: NamedZone | undefined;
  /** The server that is connected or was connected last. */
  readonly serverAddress: SocketAddress | undefined;
  readonly serverLocal: SocketAddress | undefined;
  readonly serverZone: NamedZone | undefined;
  /** Candidate servers that the router chose. */
  readonly targetAddress: readonly SocketAddress[];
  /** Whether the protocol may choose the server (in-band or overrideable router). */
  readonly targetAddressInband: boolean;
  /** Whether this session runs inside another proxy. */
  readonly isStacked: boolean;
  /** Local address of the server side that the router wants; undefined lets the kernel choose. */
  readonly targetLocal: SocketAddress | undefined;
  /** What the handshakes of TLS came to; undefined: there were none so far. */
  readonly tls: SessionTls | undefined;
  /** Who the client is, as far as it proved that; undefined if nobody asked, or not yet. */
  readonly user: string | undefined;
  /** The groups of this user; empty while there is none. */
  readonly groups: readonly string[];
  get<Value>(attribute: Attribute<Value>): Value | undefined;
  set<Value>(attribute: Attribute<Value>, value: Value): void;
  /** Notes in the decision record, by a reason code, what was noticed and let pass. False: that was noted before. */
  warn(code: string): boolean;
  /** The zone of an address in the policy that this session runs under. */
  zoneOf(address: IpAddress): NamedZone | undefined;
}
