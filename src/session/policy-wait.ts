// The promise of a policy function that an engine waits for. It is settled once: by the promise, or by its time.

import type { Outcome, ProxyAction } from '../proxy/engine.ts';

/**
 * A function of the policy that never answers must not hold a connection for ever; half a minute is longer than any look-up
 * that a user would wait for.
 */
export const WAIT_TIMEOUT_MS = 30_000;

/** How a session ends whose client is lost meanwhile: nobody waits for an answer on its behalf. */
export const CLIENT_LOST: Extract<ProxyAction, { type: 'close' }> = {
  type: 'close',
  verdict: 'accepted',
  reason: 'session.client-lost',
  message: 'The client was lost while a policy function was asked',
  how: 'reset',
};

/** What one pump waits for. */
export class PolicyWait {
  /** Stands for the promise; an answer that comes too late finds another one, or none. */
  #current: symbol | undefined;
  readonly #settled: (outcome: Outcome) => void;

  /** `settled` is told what came of a promise, also from within `start`. */
  constructor(settled: (outcome: Outcome) => void) {
    this.#settled = settled;
  }

  get isWaiting(): boolean {
    return this.#current !== undefined;
  }

  start(promise: PromiseLike<unknown>): void {
    const current = Symbol('wait');
    this.#current = current;
    const settle = (outcome: Outcome): void => {
      if (this.#current === current) this.#settle(outcome);
    };
    const fail = (error: unknown): void => {
      settle({ ok: false, error });
    };
    try {
      promise.then((value) => {
        settle({ ok: true, value });
      }, fail);
    } catch (error) {
      fail(error); // what the function made only looks like a promise
    }
  }

  /** Fails a promise that takes too long. */
  timeOut(): void {
    if (!this.isWaiting) return;
    const seconds = String(WAIT_TIMEOUT_MS / 1000);
    this.#settle({ ok: false, error: new Error(`it did not answer within ${seconds} seconds`) });
  }

  #settle(outcome: Outcome): void {
    this.#current = undefined;
    this.#settled(outcome);
  }
}
