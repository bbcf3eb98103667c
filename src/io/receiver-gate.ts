// Who may come in at a UDP port: new clients as long as there are fewer sessions than there may be, and descriptors. Whoever
// forges addresses can send as many first datagrams as he likes, so that turning them away is said once for a crowd.

import type { DescriptorBudget } from './descriptor-budget.ts';

/** What runs out. */
export type ReceiverShortage = 'sessions' | 'descriptors';

/** What a gate says. */
export interface GateHandlers {
  /** From now on datagrams of new clients are dropped. Once, until `recovered`. */
  exhausted(shortage: ReceiverShortage): void;
  /** There is room again; so many datagrams were dropped meanwhile. */
  recovered(facts: { readonly dropped: number }): void;
}

// A port that is full says so once, and not at each session that comes and goes.
const RECOVERY_ROOM = 32;

/** Counts those that it turns away. */
export class ReceiverGate {
  readonly #budget: DescriptorBudget;
  readonly #maxSessions: () => number;
  readonly #handlers: GateHandlers;
  #shortage: ReceiverShortage | undefined;
  #dropped = 0;
  #stopWaiting = (): void => undefined;

  constructor(budget: DescriptorBudget, maxSessions: () => number, handlers: GateHandlers) {
    this.#budget = budget;
    this.#maxSessions = maxSessions;
    this.#handlers = handlers;
  }

  /** Whether there may be one more session beside these. */
  mayEnter(sessionCount: number): boolean {
    if (this.#shortage === undefined) {
      if (sessionCount >= this.#maxSessions()) this.#shut('sessions');
      else if (!this.#budget.hasRoom) this.#shut('descriptors');
    }
    if (this.#shortage === undefined) return true;
    this.#dropped++;
    return false;
  }

  /** A session has ended; so many are left. */
  left(sessionCount: number): void {
    if (this.#shortage !== 'sessions') return;
    const most = this.#maxSessions();
    const room = Math.max(1, Math.min(RECOVERY_ROOM, Math.floor(most / 2)));
    if (sessionCount <= most - room) this.#open();
  }

  close(): void {
    this.#stopWaiting();
    this.#shortage = undefined;
  }

  #shut(shortage: ReceiverShortage): void {
    this.#shortage = shortage;
    this.#dropped = 0;
    if (shortage === 'descriptors')
      this.#stopWaiting = this.#budget.onceRoomy(() => {
        this.#open();
      });
    this.#handlers.exhausted(shortage);
  }

  #open(): void {
    this.#shortage = undefined;
    this.#handlers.recovered({ dropped: this.#dropped });
  }
}
