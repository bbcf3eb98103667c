// What is written down of the attempts of one connect to reach a server: one entry each.

import type { SocketAddress } from '../address/socket-address.ts';
import type { Zone } from '../policy/zone.ts';
import type { Clock } from './outside.ts';
import type { StackedSession } from './session.ts';

/** The entry of the attempt that is going on. */
export class AttemptRecord {
  readonly #clock: Clock;
  readonly #session: StackedSession;
  readonly #host: string | null;
  #server: SocketAddress | null = null;
  #zone: string | null = null;
  #startedAt: number;
  #isWritten = false;

  /** `host` is what the protocol asked for; null if the router chose. The first attempt begins now. */
  constructor(clock: Clock, session: StackedSession, host: string | null) {
    this.#clock = clock;
    this.#session = session;
    this.#host = host;
    this.#startedAt = clock.monotonic();
  }

  /** The server of the attempt is known; after an attempt that is written down, this is another one. */
  goesTo(server: SocketAddress | undefined, zone: Zone | undefined): void {
    this.#server = server ?? null;
    this.#zone = zone?.name ?? null;
    if (!this.#isWritten) return;
    this.#isWritten = false;
    this.#startedAt = this.#clock.monotonic();
  }

  /** Writes down what came of the attempt; once. */
  write(outcome: string): void {
    if (this.#isWritten) return;
    this.#isWritten = true;
    this.#session.connection.recordConnect({
      host: this.#host,
      server: this.#server,
      zone: this.#zone,
      outcome,
      durationMs: Math.round(this.#clock.monotonic() - this.#startedAt),
    });
  }
}
