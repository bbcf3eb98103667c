// What is written down of the attempts of one connect to reach a server: one entry each.

import type { SocketAddress } from '../address/socket-address.ts';
import type { Clock } from './outside.ts';
import type { StackedSession } from './session.ts';

/** The entry of the attempt that is going on. */
export class AttemptRecord {
  readonly #clock: Clock;
  readonly #session: StackedSession;
  readonly #host: string | null;
  #server: SocketAddress | undefined;
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
  goesTo(server: SocketAddress | undefined): void {
    this.#server = server;
    if (!this.#isWritten) return;
    this.#isWritten = false;
    this.#startedAt = this.#clock.monotonic();
  }

  /** Writes down what came of the attempt; once. */
  write(outcome: string): void {
    if (this.#isWritten) return;
    this.#isWritten = true;
    const server = this.#server;
    this.#session.connection.recordConnect({
      host: this.#host,
      server: server ?? null,
      zone: (server && this.#session.zoneOf(server.address)?.name) ?? null,
      outcome,
      durationMs: Math.round(this.#clock.monotonic() - this.#startedAt),
    });
  }
}
