// What all sessions of one connection share: its facts, and what becomes of it. The decision record is made of this.

import type { SocketAddress } from '../address/socket-address.ts';
import type { Transport } from '../address/transport.ts';
import type { RecordedRelated } from '../log/decision-record.ts';
import type { ConnectAttempt } from '../log/session-record.ts';
import type { Listener } from '../policy/make-listener.ts';
import type { Policy } from '../policy/policy.ts';
import type { RuleMatch } from '../policy/rule-index.ts';
import type { AnyService } from '../policy/service.ts';
import type { Zone } from '../policy/zone.ts';
import type { Identity } from '../proxy/authentication.ts';
import type { Verdict } from '../proxy/verdict.ts';
import { NONE, withItem, withLatest } from './short-list.ts';
import type { SessionTls } from '../proxy/tls-facts.ts';

/** A policy with the hash that names it in records. */
export interface Revision {
  /** As it is now: the addresses of its host names change. Read it each time, and keep the revision instead. */
  readonly policy: Policy;
  readonly revision: string;
  /** New connections do not get it any more, and its sessions are to end as soon as nothing is in work. Default: false. */
  readonly isRetired?: boolean;
}

/** What the handshakes of TLS came to, on the sides that have it. */
export interface ConnectionTls extends SessionTls {
  /** Whether the client was shown a certificate made on the fly that says that its server is trusted. */
  readonly isVouchedFor?: boolean;
}

/** What is known of a connection when it is accepted. */
export interface ConnectionFacts {
  /** The policy that the connection came under, and its sessions stay under. */
  readonly loaded: Revision;
  readonly instance: string;
  readonly listener: Listener;
  readonly protocol: Transport;
  /** The rule that won; undefined where none was asked, or none matched. */
  readonly rule: RuleMatch | undefined;
  readonly service: AnyService | undefined;
  /** Number of this session among those of its service, from 0. */
  readonly instanceId: number;
  readonly clientAddress: SocketAddress;
  readonly clientLocal: SocketAddress;
  readonly clientZone: Zone | undefined;
  /** Who is connected, where a PROXY header said that the client is somebody else. */
  readonly peer?: SocketAddress | undefined;
  /** When it was accepted, in milliseconds since 1970. */
  readonly startedAt: number;
  /** The same moment on the clock that never runs backwards. */
  readonly startedMonotonic: number;
}

// A record shows the last attempts to reach a server: enough for a round over the targets of a chainer, and bounded for
// a client that asks an explicit proxy for one server after another.
const MAX_RECORDED_CONNECTS = 16;

// So does it show the last connections that came to a session: a long file transfer has one for each file.
const MAX_RECORDED_RELATED = 16;

// Each is a code of Zorp itself, so there are no more kinds than that.
const MAX_RECORDED_WARNINGS = 16;

/** What few connections have. */
interface Notes {
  readonly stackedServices: readonly string[];
  readonly related: readonly RecordedRelated[];
  readonly warnings: readonly string[];
}

const NO_NOTES: Notes = { stackedServices: NONE, related: NONE, warnings: NONE };

/** How a connection ended, or would end now. */
interface ConnectionEnding {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly message: string;
}

const FINISHED: ConnectionEnding = { verdict: 'accepted', reason: 'finished', message: '' };

/** One accepted connection. */
export class Connection {
  readonly facts: ConnectionFacts;
  /** How many connections its proxies expect now. */
  expectedCount = 0;
  /** Who proved last to be its client. */
  identity: Identity | undefined = undefined;
  #tls: ConnectionTls | undefined = undefined;
  // There may be many thousand that do nothing: what most have alike, or one of, or nothing, they share or do without.
  #connects: ConnectAttempt | readonly ConnectAttempt[] = NONE;
  #notes = NO_NOTES;
  #ending = FINISHED;

  constructor(facts: ConnectionFacts) {
    this.facts = facts;
  }

  get tls(): ConnectionTls | undefined {
    return this.#tls;
  }

  /** Functions of the policy see it, and do not change what sides are checked by and what stands in the record. */
  set tls(tls: ConnectionTls | undefined) {
    this.#tls = Object.freeze(tls);
  }

  get connects(): readonly ConnectAttempt[] {
    return 'outcome' in this.#connects ? [this.#connects] : this.#connects;
  }

  get stackedServices(): readonly string[] {
    return this.#notes.stackedServices;
  }

  get related(): readonly RecordedRelated[] {
    return this.#notes.related;
  }

  /** Reason codes of what was noticed and let pass. */
  get warnings(): readonly string[] {
    return this.#notes.warnings;
  }

  get verdict(): Verdict {
    return this.#ending.verdict;
  }

  get reason(): string {
    return this.#ending.reason;
  }

  get message(): string {
    return this.#ending.message;
  }

  /** Whether it was denied: its proxy may tell its client why, and nothing else. */
  get isRefused(): boolean {
    return this.verdict !== 'accepted';
  }

  /** Notes how it ended; the first denial stays. */
  end(verdict: Verdict, reason: string, message = ''): void {
    if (this.verdict === 'accepted') this.#ending = { verdict, reason, message };
  }

  /** Notes an attempt to reach a server. */
  recordConnect(attempt: ConnectAttempt): void {
    const before = this.connects;
    this.#connects =
      before.length === 0 ? attempt : withLatest(before, attempt, MAX_RECORDED_CONNECTS);
  }

  /** Notes a connection that came to this session. */
  recordRelated(related: RecordedRelated): void {
    const notes = this.#notes;
    const all = withLatest(notes.related, related, MAX_RECORDED_RELATED);
    this.#notes = { ...notes, related: all };
  }

  /** Notes that something was noticed and let pass; false: that is known, or there are too many. */
  warn(code: string): boolean {
    if (this.warnings.includes(code) || this.warnings.length >= MAX_RECORDED_WARNINGS) return false;
    this.#notes = { ...this.#notes, warnings: withItem(this.warnings, code) };
    return true;
  }

  /** Notes that a service was stacked; once, however often a session stacks it. */
  recordStacked(service: string): void {
    if (this.stackedServices.includes(service)) return;
    const stackedServices = withItem(this.stackedServices, service);
    this.#notes = { ...this.#notes, stackedServices };
  }
}
