// Both connections of a session, as a script may use them: what waits on each side, what goes out, who has ended.

import type {
  Bytes,
  ConnectFailure,
  Outcome,
  Port,
  ProxyAction,
  Target,
} from '../../proxy/engine.ts';
import type { RelayWay } from '../../proxy/relay-routes.ts';
import { partnerOf } from '../../proxy/relay-routes.ts';
import type { Inbox, PeerName } from './inbox.ts';
import { Violation } from '../../proxy/violation.ts';
import type { Referee } from './referee.ts';
import type { Given } from './step.ts';
import { given } from './step.ts';

/** A relay of one direction: how many bytes it has moved, and whether it is over. */
export interface Passage {
  readonly from: PeerName;
  readonly length: number;
  moved: number;
  isOver: boolean;
}

/** What came of the last connect. */
type ServerState = 'absent' | 'connecting' | 'connected' | ConnectFailure;

const SIDES: readonly PeerName[] = ['client', 'server'];
const CHILD_ENDS: readonly Port[] = ['stack-client', 'stack-server'];

/** The two connections. Whatever would break a law of engines is a fault of the script. */
export class Wire {
  readonly #inboxes: Readonly<Record<PeerName, Inbox>>;
  readonly #referee: Referee;
  readonly #maxBufferedBytes: number;
  readonly #held = new Set<PeerName>();
  /** Directions that are over, and what the script had to do with it. */
  readonly #closed = new Map<PeerName, 'had ended it' | 'was cut off from it'>();
  /** The actions of the event that is being handled; undefined outside of events. */
  #out: ProxyAction[] | undefined;
  #server: ServerState = 'absent';
  #passage: Passage | undefined;
  /** How everything passes, once it does. */
  #way: RelayWay | undefined;
  /** Bytes that a side has still to say and that nobody wants: what is left of a body that was refused. */
  readonly #unwanted: Record<PeerName, number> = { client: 0, server: 0 };
  /** A relay that begins when nothing unwanted would pass with it. */
  #deferred: (() => void) | undefined;
  #isUninspected = false;
  /** The side on which TLS begins now, and what came of that. */
  #tls: { readonly side: PeerName; result?: Given<ConnectFailure | undefined> } | undefined;
  #waiting: Outcome | 'pending' | undefined;
  #turn = 0;
  #speaker: PeerName | undefined;

  constructor(
    inboxes: Readonly<Record<PeerName, Inbox>>,
    referee: Referee,
    maxBufferedBytes: number,
  ) {
    this.#inboxes = inboxes;
    this.#referee = referee;
    this.#maxBufferedBytes = maxBufferedBytes;
  }

  /** What came of the last connect. */
  get server(): ServerState {
    return this.#server;
  }

  /** Whether a text of the firewall's own can still be understood by the client. */
  get canTell(): boolean {
    return !this.#isUninspected && !this.#closed.has('client');
  }

  /** Whether a side is connected. */
  isThere(side: PeerName): boolean {
    return side === 'client' || this.#server === 'connected';
  }

  /** A script cannot talk to a server that it has not connected. */
  checkThere(side: PeerName, did: string): void {
    if (!this.isThere(side))
      this.#referee.fail(`${did} the server before it was connected: write yield* connect() first`);
  }

  /** Nothing can be sent to a side that is not there, or not any more. */
  checkOpen(side: PeerName, did: string): void {
    this.checkThere(side, did);
    const closed = this.#closed.get(side);
    if (closed !== undefined) this.#referee.fail(`${did} the ${side} after it ${closed}`);
  }

  /** Lets actions go into `out` while `act` runs, and nowhere at other times. */
  during(out: ProxyAction[], act: () => void): void {
    this.#out = out;
    try {
      act();
    } finally {
      this.#out = undefined;
    }
  }

  /** Holds the sides that nobody reads and that have said enough, and no others. */
  updateHolds(reads: readonly PeerName[]): void {
    for (const side of SIDES)
      this.#updateHold(side, reads.includes(side) || this.#way !== undefined);
  }

  /** Bytes came from a side. */
  received(side: PeerName, bytes: Bytes): void {
    if (!this.isThere(side)) return;
    if (this.#tls?.side === side) throw plainText(side);
    this.#referee.received();
    const unwanted = Math.min(this.#unwanted[side], bytes.length);
    this.#unwanted[side] -= unwanted;
    this.#inboxes[side].push(bytes.subarray(unwanted), this.#turnOf(side));
    this.#startDeferred();
  }

  /** A side sends no more. @returns whether that was news */
  ended(side: PeerName): boolean {
    if (!this.isThere(side) || this.#inboxes[side].hasEnded) return false;
    this.#inboxes[side].end(this.#turnOf(side));
    this.#unwanted[side] = 0;
    this.passEnd(side);
    this.#startDeferred();
    return true;
  }

  /** Whether a side has ended. */
  hasEnded(side: PeerName): boolean {
    return this.#inboxes[side].hasEnded;
  }

  /** A relay of one direction is over. */
  relayed(from: string, bytes: number): void {
    const passage = this.#passage;
    if (passage?.from !== from) return;
    passage.moved += bytes;
    if (bytes > 0) this.#referee.progress();
    passage.isOver = true;
    this.#passage = undefined;
  }

  /** The connect is over. */
  connectEnded(failure: ConnectFailure | undefined): void {
    if (this.#server === 'connecting') this.#server = failure ?? 'connected';
  }

  /** The promise is settled. */
  resolved(outcome: Outcome): void {
    if (this.#waiting === 'pending') this.#waiting = outcome;
  }

  /** What the promise came to, once. */
  takeOutcome(): Outcome | undefined {
    if (this.#waiting === 'pending') return undefined;
    const outcome = this.#waiting;
    this.#waiting = undefined;
    return outcome;
  }

  /** Sends bytes, which are the wire's own from now on. */
  send(side: PeerName, bytes: Bytes): void {
    this.checkOpen(side, 'sent to');
    this.#referee.spend(bytes.length);
    if (bytes.length > 0) this.act({ type: 'send', to: side, bytes });
  }

  /** Sends contents that the script has not seen, or words of its own that go with them. */
  deliver(side: PeerName, bytes: Bytes, what: 'contents' | 'words'): void {
    if (bytes.length === 0) return;
    if (side === 'client' && what === 'contents') this.#isUninspected = true;
    this.#referee.progress();
    this.act({ type: 'send', to: side, bytes });
  }

  /** The next bytes of a side: as many as wait, but at most `limit`. */
  take(side: PeerName, limit: number): Bytes {
    const bytes = this.#inboxes[side].take(limit);
    if (bytes.length > 0) this.#referee.progress();
    return bytes;
  }

  /** Throws the next bytes of a side away, also those that are still to come. */
  drop(side: PeerName, length: number): void {
    const rest = length - this.take(side, length).length;
    if (!this.hasEnded(side)) this.#unwanted[side] += rest;
  }

  /** A side got a part of something, and must not get more. */
  cutOff(side: PeerName): void {
    this.#closed.set(side, 'was cut off from it');
  }

  /** Whether nothing more goes to a side. */
  isClosed(side: PeerName): boolean {
    return this.#closed.has(side);
  }

  /** Ends the direction to a side. */
  end(side: PeerName): void {
    this.checkOpen(side, 'ended');
    this.#close(side);
  }

  /** Asks for the server. */
  connect(target: Target | undefined): void {
    if (this.#server === 'connected' || this.#server === 'connecting')
      this.#referee.fail('called connect() twice: a session has one server');
    this.#server = 'connecting';
    const action = { type: 'connect', port: 'server' } as const;
    this.act(target === undefined ? action : { ...action, target });
  }

  /** Asks for TLS on a side that has nothing more to say in plain text. */
  beginTls(side: PeerName): void {
    this.checkOpen(side, 'began TLS with');
    if (this.#inboxes[side].length > 0 || this.#unwanted[side] > 0) throw plainText(side);
    this.#tls = { side };
    this.act({ type: 'secure', port: side });
  }

  /** TLS has begun on a side, or not: then nothing more goes there. */
  tlsBegun(side: string, failure: ConnectFailure | undefined): void {
    if (this.#tls?.side !== side) return;
    this.#tls.result = given(failure);
    if (failure !== undefined) this.cutOff(this.#tls.side);
  }

  /** What came of TLS, once. */
  takeTls(side: PeerName): Given<ConnectFailure | undefined> | undefined {
    const result = this.#tls?.side === side ? this.#tls.result : undefined;
    if (result !== undefined) this.#tls = undefined;
    return result;
  }

  /** Asks for what a promise comes to. */
  wait(promise: PromiseLike<unknown>): void {
    this.#waiting = 'pending';
    this.act({ type: 'wait', promise });
  }

  /** Everything can be relayed only to sides that are there. */
  checkRelay(): void {
    for (const side of SIDES) this.checkOpen(side, 'relayed to');
  }

  /** Starts something when no side has anything to say that nobody wants: a relay takes all that comes. */
  whenInStep(start: () => void): void {
    this.#deferred = start;
    this.#startDeferred();
  }

  /** Lets everything pass in both directions, what waits first. */
  passAll(way: RelayWay): void {
    this.#way = way;
    this.#isUninspected = true;
    for (const side of SIDES) {
      this.#forward(side, Infinity);
      if (this.hasEnded(side)) this.passEnd(side);
      else this.#relay(side, Infinity);
    }
    if (way === 'stacked') for (const port of CHILD_ENDS) this.#relay(port, Infinity);
  }

  /** What everything passed through is gone. */
  passNoMore(): void {
    this.#way = undefined;
  }

  /** While everything passes: an end does, too. */
  passEnd(port: Port): void {
    const to = this.#way && partnerOf(port, this.#way);
    if (to === 'client' || to === 'server') this.#close(to);
    else if (to !== undefined) this.act({ type: 'end', to });
  }

  /** Lets bytes of one side pass, what waits first. */
  pass(passage: Passage): void {
    const { from, length } = passage;
    this.checkOpen(otherSide(from), 'relayed to');
    this.checkThere(from, 'relayed from');
    this.whenInStep(() => {
      if (from === 'server') this.#isUninspected = true;
      passage.moved = this.#forward(from, length);
      const rest = length - passage.moved;
      passage.isOver = rest === 0 || this.hasEnded(from);
      if (passage.isOver) return;
      this.#passage = passage;
      this.#relay(from, rest);
    });
  }

  /** Asks for anything; only while an event is handled. */
  act(action: ProxyAction): void {
    if (this.#out === undefined)
      this.#referee.fail('acted while it did not run: a callback cannot talk for it');
    this.#out.push(action);
  }

  #startDeferred(): void {
    const start = this.#deferred;
    if (start === undefined || SIDES.some((side) => this.#unwanted[side] > 0)) return;
    this.#deferred = undefined;
    start();
  }

  #forward(from: PeerName, limit: number): number {
    const bytes = this.take(from, limit);
    if (bytes.length > 0) this.act({ type: 'send', to: this.#partnerOf(from), bytes });
    return bytes.length;
  }

  #relay(from: Port, length: number): void {
    this.act({ type: 'relay', from, to: this.#partnerOf(from), length });
  }

  /** Where bytes of a port go. */
  #partnerOf(port: Port): Port {
    return partnerOf(port, this.#way ?? 'direct') ?? port;
  }

  #close(side: PeerName): void {
    if (this.#closed.has(side)) return;
    this.#closed.set(side, 'had ended it');
    this.act({ type: 'end', to: side });
  }

  /** Bytes of one side that nothing of the other side came between are one turn, in whatever chunks they come. */
  #turnOf(side: PeerName): number {
    if (this.#speaker !== side) this.#turn++;
    this.#speaker = side;
    return this.#turn;
  }

  #updateHold(side: PeerName, isRead: boolean): void {
    const isWanted = isRead || this.#unwanted[side] > 0;
    const isHeld = !isWanted && this.#inboxes[side].length >= this.#maxBufferedBytes;
    if (isHeld === this.#held.has(side)) return;
    if (isHeld) this.#held.add(side);
    else this.#held.delete(side);
    this.act({ type: isHeld ? 'hold' : 'release', from: side });
  }
}

/** Who stands between the two could have put it there, and it would seem to have been said inside of TLS. */
function plainText(side: PeerName): Violation {
  const message = 'Plain text came where TLS was to begin';
  return new Violation('custom.plain-text', side, message);
}

/** The one that talks to a side. */
export function otherSide(side: PeerName): PeerName {
  return side === 'client' ? 'server' : 'client';
}
