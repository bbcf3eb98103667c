// The place for the child of a session: one at a time, and what it does is for whoever started it.

import type { ProxyEvent } from '../../proxy/engine.ts';
import type { Ending } from './ending.ts';
import type { PeerName } from './inbox.ts';
import type { Referee } from './referee.ts';

/** What a script runs a child for. */
export interface ChildUse {
  /** Asks for the child. */
  begin(): void;
  /** Takes an event of the child or of a timer. @returns how the session ends with it, if it does */
  handle(event: ProxyEvent): Ending | undefined;
  /** Takes what peers have said, if that is for the child. */
  flow(): void;
  /** The sides that it reads. */
  readonly reads: readonly PeerName[];
  /** Whether a peer has a part of something: an end of the session must not look like the end of it. */
  readonly isHalfDone: boolean;
  readonly isOver: boolean;
}

/** The place for a child. */
export class ChildSlot {
  readonly #referee: Referee;
  /** The last one stays, when it is over: a child that comes too late is sent away. */
  #use: ChildUse | undefined;
  #isHalfDone = false;

  constructor(referee: Referee) {
    this.#referee = referee;
  }

  /** The sides that a child reads. */
  get reads(): readonly PeerName[] {
    return this.#use?.reads ?? [];
  }

  /** Whether a peer has a part of something, of this child or of an earlier one. */
  get isHalfDone(): boolean {
    return this.#isHalfDone || this.#use?.isHalfDone === true;
  }

  /** Starts a child. */
  begin(use: ChildUse): void {
    this.checkFree('started a child');
    this.#isHalfDone = this.isHalfDone;
    this.#use = use;
    use.begin();
  }

  /** Nothing else may move bytes while a child does. */
  checkFree(did: string): void {
    if (this.#use?.isOver === false) this.#referee.fail(`${did} while another child runs`);
  }

  /** Takes an event that may be about the child. */
  handle(event: ProxyEvent): Ending | undefined {
    return this.#use?.handle(event);
  }

  /** Peers have said something. */
  flow(): void {
    this.#use?.flow();
  }
}
