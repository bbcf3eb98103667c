// Sessions: the facts of one connection. A MasterSession per accepted connection, a StackedSession per proxy in the
// stack, made with its owner as prototype: reads fall through to the owner, writes stay.

import type { IpAddress } from '../address/ip-address.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { RecordedConnect } from '../log/decision-record.ts';
import type { Listener } from '../policy/listener.ts';
import type { Policy } from '../policy/policy.ts';
import { findZone } from '../policy/policy.ts';
import type { Route } from '../policy/router.ts';
import type { AnyService } from '../policy/service.ts';
import type { Zone } from '../policy/zone.ts';
import type { Attribute, ProxySession } from '../proxy/proxy-session.ts';
import type { Verdict } from '../proxy/verdict.ts';

/** A policy with the hash that names it in records. */
export interface Revision {
  readonly policy: Policy;
  readonly revision: string;
}

/** What a MasterSession is made of. */
export interface MasterFacts extends Revision {
  readonly instance: string;
  readonly listener: Listener;
  readonly service: AnyService | undefined;
  /** Number of this session among those of its service, from 0. */
  readonly instanceId: number;
  readonly clientAddress: SocketAddress;
  readonly clientLocal: SocketAddress;
  readonly clientZone: Zone | undefined;
  /** When it was accepted, in milliseconds since 1970. */
  readonly startedAt: number;
  /** The same moment on the clock that never runs backwards. */
  readonly startedMonotonic: number;
}

// A record shows the last attempts to reach a server: enough for a round over the targets of a chainer, and bounded for
// a client that asks an explicit proxy for one server after another.
const MAX_RECORDED_CONNECTS = 16;

/** What both kinds of session can tell. */
export type Session = MasterSession | StackedSession;

/** The facts of one accepted connection. */
export class MasterSession implements ProxySession {
  readonly master: MasterSession;
  readonly facts: MasterFacts;
  readonly clientAddress: SocketAddress;
  readonly clientLocal: SocketAddress;
  readonly clientZone: Zone | undefined;
  readonly isStacked: boolean = false;
  readonly connects: RecordedConnect[] = [];
  readonly stackedServices: string[] = [];
  sessionId: string;
  serverAddress: SocketAddress | undefined;
  serverLocal: SocketAddress | undefined;
  serverZone: Zone | undefined;
  targetAddress: readonly SocketAddress[] = [];
  targetZone: readonly (Zone | undefined)[] = [];
  targetLocal: SocketAddress | undefined;
  targetLocalLoose = false;
  targetLocalRandom = false;
  targetAddressInband = false;
  verdict: Verdict = 'accepted';
  reason = 'finished';
  message = '';
  // Extra attributes, under the symbols of their keys.
  [key: symbol]: unknown;

  constructor(facts: MasterFacts) {
    this.master = this;
    this.facts = facts;
    this.clientAddress = facts.clientAddress;
    this.clientLocal = facts.clientLocal;
    this.clientZone = facts.clientZone;
    this.sessionId = `svc/${facts.instance}/${facts.service?.name ?? ''}:${String(facts.instanceId)}`;
  }

  get<Value>(attribute: Attribute<Value>): Value | undefined {
    return this[attribute.key] as Value | undefined; // only `set` writes there, with the attribute's own type
  }

  set<Value>(attribute: Attribute<Value>, value: Value): void {
    this[attribute.key] = value;
  }

  zoneOf(address: IpAddress): Zone | undefined {
    return findZone(this.facts.policy, address);
  }

  /** Stores what the router chose. */
  setRoute(route: Route): void {
    this.setTargetAddress(route.targets);
    this.targetAddressInband = route.isInband;
    this.targetLocal = route.local;
    this.targetLocalLoose = route.localLoose;
    this.targetLocalRandom = route.localRandom;
  }

  /** Stores the candidate servers and their zones; one address counts as a list of one. */
  setTargetAddress(targets: SocketAddress | readonly SocketAddress[]): void {
    this.targetAddress = 'address' in targets ? [targets] : targets;
    this.targetZone = this.targetAddress.map((target) => this.zoneOf(target.address));
  }

  /** Stores the server and its zone, here and on the master session. */
  setServerAddress(address: SocketAddress): void {
    for (const session of [this, this.master]) {
      session.serverAddress = address;
      session.serverZone = session.zoneOf(address.address);
    }
  }

  /** Stores the real local address of the server side, here and on the master session. */
  setServerLocal(address: SocketAddress): void {
    for (const session of [this, this.master]) session.serverLocal = address;
  }

  /** Notes how the connection ended; the first denial stays. */
  end(verdict: Verdict, reason: string, message = ''): void {
    const { master } = this;
    if (master.verdict !== 'accepted') return;
    master.verdict = verdict;
    master.reason = reason;
    master.message = message;
  }

  /** Notes an attempt to reach a server. */
  recordConnect(attempt: RecordedConnect): void {
    const { connects } = this.master;
    if (connects.length === MAX_RECORDED_CONNECTS) connects.shift();
    connects.push(attempt);
  }

  /** Notes that a service was stacked; once, however often a session stacks it. */
  recordStacked(service: string): void {
    const { stackedServices } = this.master;
    if (!stackedServices.includes(service)) stackedServices.push(service);
  }
}

/** The session of one proxy in the stack. */
export interface StackedSession extends MasterSession {
  readonly owner: Session;
  /** Whether it has a chainer of its own: a child that is stacked under a proxy gets a server stream handed instead. */
  readonly hasChainer: boolean;
}

/** Makes the session of a proxy: it sees what its owner holds, and what it writes stays its own. */
export function stackSession(owner: Session, proxyName: string): StackedSession {
  const isStacked = owner !== owner.master;
  const { master } = owner;
  const own = {
    owner,
    isStacked,
    hasChainer: !isStacked,
    sessionId: `${master.sessionId}/${master.facts.instance}/${proxyName}`,
    serverAddress: owner.serverAddress,
    serverLocal: owner.serverLocal,
    serverZone: owner.serverZone,
    targetAddress: owner.targetAddress,
    targetLocal: owner.targetLocal,
    targetZone: owner.targetZone,
  };
  // Object.create cannot tell that the result has what its prototype has.
  return Object.assign(Object.create(owner) as StackedSession, own);
}
