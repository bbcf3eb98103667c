// The server connections that a pump is making: one attempt a port, and what comes of one that was given up is dropped.

import type { Port, Target } from '../proxy/engine.ts';
import type { PumpHost, ServerResult } from './pump-host.ts';

interface Attempt {
  giveUp: (() => void) | undefined;
}

/** The connects of one pump that are under way. */
export class ConnectAttempts {
  readonly #host: PumpHost;
  readonly #attempts = new Map<Port, Attempt>();

  constructor(host: PumpHost) {
    this.#host = host;
  }

  /** Begins an attempt for a port; an earlier one is given up. `done` is called at most once. */
  start(port: Port, target: Target | undefined, done: (result: ServerResult) => void): void {
    this.giveUp(port);
    const attempt: Attempt = { giveUp: undefined };
    this.#attempts.set(port, attempt);
    attempt.giveUp = this.#host.connect(target, (result) => {
      if (this.#attempts.get(port) !== attempt) {
        if (result.ok) result.stream.destroy();
        return;
      }
      this.#attempts.delete(port);
      done(result);
    });
  }

  giveUp(port: Port): void {
    const attempt = this.#attempts.get(port);
    this.#attempts.delete(port);
    attempt?.giveUp?.();
  }

  giveUpAll(): void {
    for (const port of [...this.#attempts.keys()]) this.giveUp(port);
  }
}
