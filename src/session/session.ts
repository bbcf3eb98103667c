// Sessions: the facts of one connection as a proxy and its policy see them. A MasterSession per accepted connection, a
// StackedSession per proxy in the stack: what is read falls through to the owner, what is written stays.

import type { IpAddress } from '../address/ip-address.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { Transport } from '../address/transport.ts';
import { findZone } from '../policy/policy.ts';
import type { Route } from '../policy/router.ts';
import type { Zone } from '../policy/zone.ts';
import type { Attribute, ProxySession } from '../proxy/proxy-session.ts';
import { Connection } from './connection.ts';
import type { ConnectionFacts } from './connection.ts';

/** What both kinds of session have. */
abstract class Session implements ProxySession {
  abstract readonly master: MasterSession;
  abstract readonly isStacked: boolean;
  readonly connection: Connection;
  readonly sessionId: string;
  // These are copied from the owner when a session is made (reference: StackedSession).
  serverAddress: SocketAddress | undefined;
  serverLocal: SocketAddress | undefined;
  serverZone: Zone | undefined;
  targetAddress: readonly SocketAddress[];
  targetZone: readonly (Zone | undefined)[];
  targetLocal: SocketAddress | undefined;
  // These are looked up in the owner as long as they are not set here.
  readonly #owner: Session | undefined;
  #targetAddressInband: boolean | undefined;
  #targetLocalLoose: boolean | undefined;
  #targetLocalRandom: boolean | undefined;
  #attributes: Map<Attribute<unknown>, unknown> | undefined;

  constructor(connection: Connection, sessionId: string, owner: Session | undefined) {
    this.connection = connection;
    this.sessionId = sessionId;
    this.serverAddress = owner?.serverAddress;
    this.serverLocal = owner?.serverLocal;
    this.serverZone = owner?.serverZone;
    this.targetAddress = owner?.targetAddress ?? NONE;
    this.targetZone = owner?.targetZone ?? NONE;
    this.targetLocal = owner?.targetLocal;
    this.#owner = owner;
    this.#targetAddressInband = undefined;
    this.#targetLocalLoose = undefined;
    this.#targetLocalRandom = undefined;
    this.#attributes = undefined;
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

  get targetAddressInband(): boolean {
    return this.#targetAddressInband ?? this.#owner?.targetAddressInband ?? false;
  }

  get targetLocalLoose(): boolean {
    return this.#targetLocalLoose ?? this.#owner?.targetLocalLoose ?? false;
  }

  get targetLocalRandom(): boolean {
    return this.#targetLocalRandom ?? this.#owner?.targetLocalRandom ?? false;
  }

  get<Value>(attribute: Attribute<Value>): Value | undefined {
    const own = this.#attributes;
    // Only `set` writes there, with the type of the attribute.
    if (own?.has(attribute) === true) return own.get(attribute) as Value;
    return this.#owner?.get(attribute);
  }

  set<Value>(attribute: Attribute<Value>, value: Value): void {
    this.#attributes ??= new Map();
    this.#attributes.set(attribute, value);
  }

  zoneOf(address: IpAddress): Zone | undefined {
    return findZone(this.connection.facts.loaded.policy, address);
  }

  /** Stores what the router chose. */
  setRoute(route: Route): void {
    this.setTargetAddress(route.targets);
    this.targetLocal = route.local;
    this.#targetAddressInband = route.isInband;
    this.#targetLocalLoose = route.localLoose;
    this.#targetLocalRandom = route.localRandom;
  }

  /** Stores the candidate servers and their zones; one address counts as a list of one. */
  setTargetAddress(targets: SocketAddress | readonly SocketAddress[]): void {
    this.targetAddress = 'address' in targets ? [targets] : targets;
    this.targetZone = this.targetAddress.map((target) => this.zoneOf(target.address));
  }

  /** Stores the server and its zone, here and on the master session. */
  setServerAddress(address: SocketAddress): void {
    const zone = this.zoneOf(address.address);
    for (const session of [this, this.master]) {
      session.serverAddress = address;
      session.serverZone = zone;
    }
  }

  /** Stores the real local address of the server side, here and on the master session. */
  setServerLocal(address: SocketAddress): void {
    this.serverLocal = address;
    this.master.serverLocal = address;
  }
}

const NONE: readonly never[] = [];

/** The session of an accepted connection. */
export class MasterSession extends Session {
  readonly master: MasterSession = this;
  readonly isStacked = false;

  constructor(facts: ConnectionFacts) {
    const { instance, service, instanceId } = facts;
    super(new Connection(facts), `svc/${instance}/${service?.name ?? ''}:${instanceId}`, undefined);
  }
}

/** The session of one proxy in the stack: under its MasterSession, or under the session of the proxy that stacks it. */
export class StackedSession extends Session {
  readonly master: MasterSession;
  readonly owner: MasterSession | StackedSession;
  /** How many proxies it is stacked in. */
  readonly depth: number;

  constructor(owner: MasterSession | StackedSession, proxyName: string) {
    const { master, connection } = owner;
    const { instance } = connection.facts;
    super(connection, `${master.sessionId}/${instance}/${proxyName}`, owner);
    this.master = master;
    this.owner = owner;
    this.depth = owner instanceof StackedSession ? owner.depth + 1 : 0;
  }

  /** Whether it runs inside another proxy; then it gets the server stream of that one, and has no chainer of its own. */
  get isStacked(): boolean {
    return this.depth > 0;
  }
}
