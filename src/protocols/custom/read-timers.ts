// Bounds the time of a read: what a side has begun to say, it must say to its end. A side that says nothing is idle, which
// has a bound of its own; without this one, a byte now and then would hold a session for ever.

import { Violation } from '../../proxy/violation.ts';
import type { Inbox, PeerName } from './inbox.ts';
import type { Wire } from './wire.ts';

const SIDES: readonly PeerName[] = ['client', 'server'];

/** The timers of what is read, one a side: `read.client`, `read.server`. */
export class ReadTimers {
  readonly #inboxes: Readonly<Record<PeerName, Inbox>>;
  readonly #wire: Wire;
  readonly #timeoutMs: number;
  /** For each side that has begun: how many bytes had been taken then. */
  readonly #begun = new Map<PeerName, number>();

  constructor(inboxes: Readonly<Record<PeerName, Inbox>>, wire: Wire, timeoutMs: number) {
    this.#inboxes = inboxes;
    this.#wire = wire;
    this.#timeoutMs = timeoutMs;
  }

  /** Brings the timers in line with what waits; the script waits for more of the sides in `reads`. */
  update(reads: readonly PeerName[]): void {
    for (const side of SIDES) {
      const { length, hasEnded, taken } = this.#inboxes[side];
      const begun = reads.includes(side) && length > 0 && !hasEnded ? taken : undefined;
      if (begun === this.#begun.get(side)) continue;
      this.#set(side, begun === undefined ? undefined : this.#timeoutMs);
      if (begun === undefined) this.#begun.delete(side);
      else this.#begun.set(side, begun);
    }
  }

  /** A timer has run out; it may be another's. */
  elapsed(timer: string): void {
    for (const side of this.#begun.keys()) if (timer === timerOf(side)) throw this.#violation(side);
  }

  #set(side: PeerName, afterMs: number | undefined): void {
    this.#wire.act({ type: 'timer', timer: timerOf(side), afterMs, mode: 'total' });
  }

  #violation(side: PeerName): Violation {
    const message = `The ${side} did not end what it had begun to say within ${this.#timeoutMs} ms`;
    return new Violation('custom.read-timeout', side, message);
  }
}

function timerOf(side: PeerName): string {
  return `read.${side}`;
}
