// Sessions: the facts of one connection as a proxy and its policy see them. A MasterSession per accepted connection, a
// StackedSession per proxy in the stack: what is read falls through to the owner, what is written stays.

import type { IpAddress } from '../address/ip-address.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { Transport } from '../address/transport.ts';
import { sessionIdOf } from '../log/session-record.ts';
import { findZone } from '../policy/policy.ts';
import type { Route } from '../policy/router.ts';
import type { Zone } from '../policy/zone.ts';
import type { Identity } from '../proxy/authentication.ts';
import type { Attribute, ProxySession } from '../proxy/proxy-session.ts';
import type { SessionTls } from '../proxy/tls-facts.ts';
import { Connection } from './connection.ts';
import type { ConnectionFacts } from './connection.ts';
import { PolicySession } from './policy-session.ts';
import { NONE } from './short-list.ts';

const LONGEST_CODE = 100; // characters: it stands in the record

/** What both kinds of session have. */
abstract class Session implements ProxySession {
  abstract readonly master: MasterSession;
  /** The session of the connection has none. */
  abstract readonly owner: Session | undefined;
  readonly connection: Connection;
  abstract readonly sessionId: string;
  // These are copied from the owner when a session is made (as in the original).
  serverAddress: SocketAddress | undefined;
  serverLocal: SocketAddress | undefined;
  serverZone: Zone | undefined;
  /** What the router had chosen when the session was made, or has chosen for it since. */
  #chosen: Route | undefined;
  // These are looked up in the owner as long as they are not set here.
  #route: Route | undefined;
  #identity: Identity | undefined;
  #attributes: Map<Attribute<unknown>, unknown> | undefined;

  constructor(connection: Connection, owner: Session | undefined) {
    this.connection = connection;
    this.serverAddress = owner?.serverAddress;
    this.serverLocal = owner?.serverLocal;
    this.serverZone = owner?.serverZone;
    this.#chosen = owner === undefined ? undefined : owner.#chosen;
  }

  /** Whether it runs inside another proxy; then it gets the server stream of that one, and has no chainer of its own. */
  get isStacked(): boolean {
    return this.owner?.owner !== undefined;
  }

  get protocol(): Transport {
    return this.connection.facts.protocol;
  }

  get clientAddress(): SocketAddress {
    return this.connection.facts.clientAddress;
  }

  get clientLocal(): SocketAddress {
    return this.connection.facts.clientLocal;
  }

  get clientZone(): Zone | undefined {
    return this.connection.facts.clientZone;
  }

  get targetAddress(): readonly SocketAddress[] {
    return this.#chosen?.targets ?? NONE;
  }

  get targetLocal(): SocketAddress | undefined {
    return this.#chosen?.local;
  }

  get targetAddressInband(): boolean {
    return this.#route?.isInband ?? this.owner?.targetAddressInband ?? false;
  }

  get targetLocalLoose(): boolean {
    return this.#route?.localLoose ?? this.owner?.targetLocalLoose ?? false;
  }

  get targetLocalRandom(): boolean {
    return this.#route?.localRandom ?? this.owner?.targetLocalRandom ?? false;
  }

  get tls(): SessionTls | undefined {
    return this.connection.tls;
  }

  get user(): string | undefined {
    return this.identity?.user;
  }

  get groups(): readonly string[] {
    return this.identity?.groups ?? NONE;
  }

  /** Who the client is, as far as it proved that. */
  get identity(): Identity | undefined {
    return this.#identity ?? this.owner?.identity;
  }

  /** Who the client is, as far as a proxy in which this one is stacked knows. */
  get inheritedIdentity(): Identity | undefined {
    return this.owner?.identity;
  }

  get<Value>(attribute: Attribute<Value>): Value | undefined {
    const own = this.#attributes;
    // Only `set` writes there, with the type of the attribute.
    if (own?.has(attribute) === true) return own.get(attribute) as Value;
    return this.owner?.get(attribute);
  }

  set<Value>(attribute: Attribute<Value>, value: Value): void {
    this.#attributes ??= new Map();
    this.#attributes.set(attribute, value);
  }

  warn(code: string): boolean {
    // A policy may give anything, and the record needs a text.
    const given: unknown = code;
    if (typeof given !== 'string' || given.length > LONGEST_CODE)
      throw new TypeError('session.warn() takes a reason code, such as "odd-name"');
    return this.connection.warn(code);
  }

  zoneOf(address: IpAddress): Zone | undefined {
    return findZone(this.connection.facts.loaded.policy, address);
  }

  /** Stores what the router chose. */
  setRoute(route: Route): void {
    this.#chosen = route;
    this.#route = route;
  }

  /** Stores who the client is, for this session and those below it, and for the record. */
  setIdentity(identity: Identity): void {
    this.#identity = identity;
    this.connection.identity = identity;
  }

  /** Stores the server and its zone, here and on the master session. */
  setServerAddress(address: SocketAddress, zone = this.zoneOf(address.address)): void {
    const { master } = this;
    this.serverAddress = address;
    this.serverZone = zone;
    master.serverAddress = address;
    master.serverZone = zone;
  }

  /** Stores the real local address of the server side, here and on the master session. */
  setServerLocal(address: SocketAddress): void {
    this.serverLocal = address;
    this.master.serverLocal = address;
  }
}

/** The session of an accepted connection. */
export class MasterSession extends Session {
  constructor(facts: ConnectionFacts) {
    super(new Connection(facts), undefined);
  }

  get master(): this {
    return this;
  }

  get owner(): undefined {
    return undefined;
  }

  /** Written when it is asked for: for the log and the record. */
  get sessionId(): string {
    const { instance, service, instanceId } = this.connection.facts;
    return sessionIdOf(instance, service?.name ?? null, instanceId);
  }
}

/** The session of one proxy in the stack: under its MasterSession, or under the session of the proxy that stacks it. */
export class StackedSession extends Session {
  readonly owner: MasterSession | StackedSession;
  readonly #proxyName: string;
  #forPolicy: PolicySession | undefined;

  constructor(owner: MasterSession | StackedSession, proxyName: string) {
    super(owner.connection, owner);
    this.owner = owner;
    this.#proxyName = proxyName;
  }

  get master(): MasterSession {
    return this.owner.master;
  }

  /** What proxies and functions of the policy get in its place; the same object each time. */
  get forPolicy(): ProxySession {
    return (this.#forPolicy ??= new PolicySession(this));
  }

  /** How many proxies it is stacked in. */
  get depth(): number {
    return this.owner instanceof StackedSession ? this.owner.depth + 1 : 0;
  }

  get sessionId(): string {
    const { instance } = this.connection.facts;
    return `${this.master.sessionId}/${instance}/${this.#proxyName}`;
  }
}
