// The timer of the engine: what it measures changes with what is waited for. While a body comes there is another one.

import type { ProxyAction } from '../../proxy/engine.ts';
import { RATE_TIMER, RATE_WINDOW_MS } from './bodies/body-rate.ts';
import type { HttpSettings } from './settings.ts';

/** The name of the timer. */
export const TIMER = 'http';

// Long enough for a request that was on its way, and for what a browser asks for behind a page that it has just got.
const LAST_CALL_MS = 1_000;
const LAST_CALL = armed(LAST_CALL_MS, 'total');
const DISARMED = armed(undefined, 'total');
const RATE = armed(RATE_WINDOW_MS, 'total', RATE_TIMER);
const NO_RATE = armed(undefined, 'total', RATE_TIMER);

/** Arms the timer for each phase of an exchange. */
export class PhaseTimer {
  readonly #request: ProxyAction;
  readonly #response: ProxyAction;
  readonly #body: ProxyAction;

  constructor(settings: HttpSettings) {
    this.#request = armed(settings.timeoutRequestMs, 'total');
    this.#response = armed(settings.timeoutResponseMs, 'total');
    this.#body = armed(settings.timeoutMs, 'idle');
  }

  /** A whole request head: in all, so that a byte now and then does not help (slowloris). */
  forRequest(out: ProxyAction[]): void {
    out.push(this.#request);
  }

  /** The beginning of a request that would be the last one. */
  forLastCall(out: ProxyAction[]): void {
    out.push(LAST_CALL);
  }

  /** A whole response head. */
  forResponse(out: ProxyAction[]): void {
    out.push(this.#response);
  }

  /** A body, which may be long, but may not stand still. */
  forBody(out: ProxyAction[]): void {
    out.push(this.#body);
  }

  /** A window in which a body must move; another timer. */
  forRate(out: ProxyAction[]): void {
    out.push(RATE);
  }

  /** No rate is measured any more. */
  stopRate(out: ProxyAction[]): void {
    out.push(NO_RATE);
  }

  /** While somebody else measures: a policy function, the connection to the server, a tunnel. */
  disarm(out: ProxyAction[]): void {
    out.push(DISARMED);
  }
}

function armed(afterMs: number | undefined, mode: 'total' | 'idle', timer = TIMER): ProxyAction {
  return Object.freeze({ type: 'timer', timer, afterMs, mode });
}
