// The one timer of the engine: what it measures changes with what is waited for.

import type { ProxyAction } from '../../proxy/engine.ts';
import type { HttpSettings } from './settings.ts';

/** The name of the timer. */
export const TIMER = 'http';

const DISARMED = armed(undefined, 'total');

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

  /** A whole response head. */
  forResponse(out: ProxyAction[]): void {
    out.push(this.#response);
  }

  /** A body, which may be long, but may not stand still. */
  forBody(out: ProxyAction[]): void {
    out.push(this.#body);
  }

  /** While somebody else measures: a policy function, the connection to the server, a tunnel. */
  disarm(out: ProxyAction[]): void {
    out.push(DISARMED);
  }
}

function armed(afterMs: number | undefined, mode: 'total' | 'idle'): ProxyAction {
  return Object.freeze({ type: 'timer', timer: TIMER, afterMs, mode });
}
