// The one timer of the engine: what it measures changes with what is waited for.

import type { ProxyAction } from '../../proxy/engine.ts';
import type { HttpSettings } from './settings.ts';

/** The name of the timer. */
export const TIMER = 'http';

/** Arms the timer for each phase of an exchange. */
export class PhaseTimer {
  readonly #settings: HttpSettings;

  constructor(settings: HttpSettings) {
    this.#settings = settings;
  }

  /** A whole request head: in all, so that a byte now and then does not help (slowloris). */
  forRequest(out: ProxyAction[]): void {
    out.push(armed(this.#settings.timeoutRequestMs, 'total'));
  }

  /** A whole response head. */
  forResponse(out: ProxyAction[]): void {
    out.push(armed(this.#settings.timeoutResponseMs, 'total'));
  }

  /** A body, which may be long, but may not stand still. */
  forBody(out: ProxyAction[]): void {
    out.push(armed(this.#settings.timeoutMs, 'idle'));
  }

  /** While somebody else measures: a policy function, the connection to the server, a tunnel. */
  disarm(out: ProxyAction[]): void {
    out.push(armed(undefined, 'total'));
  }
}

function armed(afterMs: number | undefined, mode: 'total' | 'idle'): ProxyAction {
  return { type: 'timer', timer: TIMER, afterMs, mode };
}
