// Both connections of a session, as a script may use them: what waits on each side, what goes out, who has ended.

import type { Bytes, ConnectFailure, Outcome, ProxyAction, Target } from '../../proxy/engine.ts';
import type { Inbox, PeerName } from './inbox.ts';
import type { Referee } from './referee.ts';

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

/** The two connections. Whatever would break a law of engines is a fault of the script. */
export class Wire {
  readonly #inboxes: Readonly<Record<PeerName, Inbox>>;
  readonly #referee: Referee;
  readonly #maxBufferedBytes: number;
  readonly #held = new Set<PeerName>();
  /** Directions that the script ended, or a relay for it. */
  readonly #closed = new Set<PeerName>();
  /** The actions of the event that is being handled; undefined outside of events. */
  #out: ProxyAction[] | undefined;
  #server: ServerState = 'absent';
  #passage: Passage | undefined;
  #passesAll = false;
  #isUninspected = false;
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
    for (const side of SIDES) this.#updateHold(side, reads.includes(side) || this.#passesAll);
  }

  /** Bytes came from a side. */
  received(side: PeerName, bytes: Bytes): void {
    if (!this.isThere(side)) return;
    this.#referee.received();
    this.#inboxes[side].push(bytes, this.#turnOf(side));
  }

  /** A side sends no more. @returns whether that was news */
  ended(side: PeerName): boolean {
    if (!this.isThere(side) || this.#inboxes[side].hasEnded) return false;
    this.#inboxes[side].end(this.#turnOf(side));
    if (this.#passesAll) this.#close(otherSide(side));
    return true;
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
    this.#checkOpen(side, 'sent to');
    this.#referee.spend(bytes.length);
    if (bytes.length > 0) this.act({ type: 'send', to: side, bytes });
  }

  /** Ends the direction to a side. */
  end(side: PeerName): void {
    this.#checkOpen(side, 'ended');
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

  /** Asks for what a promise comes to. */
  wait(promise: PromiseLike<unknown>): void {
    this.#waiting = 'pending';
    this.act({ type: 'wait', promise });
  }

  /** Lets everything pass in both directions, what waits first. */
  passAll(): void {
    for (const side of SIDES) this.#checkOpen(side, 'relayed to');
    this.#passesAll = true;
    this.#isUninspected = true;
    for (const side of SIDES) {
      const inbox = this.#inboxes[side];
      this.#forward(side, Infinity);
      if (inbox.hasEnded) this.#close(otherSide(side));
      else this.act({ type: 'relay', from: side, to: otherSide(side), length: Infinity });
    }
  }

  /** Lets bytes of one side pass, what waits first. */
  pass(passage: Passage): void {
    const { from, length } = passage;
    this.#checkOpen(otherSide(from), 'relayed to');
    this.checkThere(from, 'relayed from');
    if (from === 'server') this.#isUninspected = true;
    passage.moved = this.#forward(from, length);
    const rest = length - passage.moved;
    passage.isOver = rest === 0 || this.#inboxes[from].hasEnded;
    if (passage.isOver) return;
    this.#passage = passage;
    this.act({ type: 'relay', from, to: otherSide(from), length: rest });
  }

  /** Asks for anything; only while an event is handled. */
  act(action: ProxyAction): void {
    if (this.#out === undefined)
      this.#referee.fail('acted while it did not run: a callback cannot talk for it');
    this.#out.push(action);
  }

  #forward(from: PeerName, limit: number): number {
    const bytes = this.#inboxes[from].take(limit);
    if (bytes.length === 0) return 0;
    this.#referee.progress();
    this.act({ type: 'send', to: otherSide(from), bytes });
    return bytes.length;
  }

  #close(side: PeerName): void {
    if (this.#closed.has(side)) return;
    this.#closed.add(side);
    this.act({ type: 'end', to: side });
  }

  #checkOpen(side: PeerName, did: string): void {
    this.checkThere(side, did);
    if (this.#closed.has(side)) this.#referee.fail(`${did} the ${side} after it had ended it`);
  }

  /** Bytes of one side that nothing of the other side came between are one turn, in whatever chunks they come. */
  #turnOf(side: PeerName): number {
    if (this.#speaker !== side) this.#turn++;
    this.#speaker = side;
    return this.#turn;
  }

  #updateHold(side: PeerName, isRead: boolean): void {
    const isHeld = !isRead && this.#inboxes[side].length >= this.#maxBufferedBytes;
    if (isHeld === this.#held.has(side)) return;
    if (isHeld) this.#held.add(side);
    else this.#held.delete(side);
    this.act({ type: isHeld ? 'hold' : 'release', from: side });
  }
}

/** The one that talks to a side. */
export function otherSide(side: PeerName): PeerName {
  return side === 'client' ? 'server' : 'client';
}
