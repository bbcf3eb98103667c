// The client side: what is read of it now, and whether it is read at all.

import type { ProxyAction } from '../../proxy/engine.ts';
import { Unread } from './unread.ts';

/** What the next bytes of the client are. While `busy` it is held, so that requests are taken one at a time. */
export type ClientState = 'head' | 'body' | 'busy' | 'leaving';

const HOLD: ProxyAction = Object.freeze({ type: 'hold', from: 'client' });
const RELEASE: ProxyAction = Object.freeze({ type: 'release', from: 'client' });

/** The reading state of the client connection. */
export class ClientSide {
  readonly unread = new Unread();
  /** The client sends no more; what it sent before may still have to be read. */
  hasEnded = false;
  /** How many bytes had been read when a body began, or went on. */
  bodyFrom = 0;
  /** Heads of requests that have come. */
  requestCount = 0;
  #state: ClientState = 'head';

  get state(): ClientState {
    return this.#state;
  }

  get isReading(): boolean {
    return this.#state === 'head' || this.#state === 'body';
  }

  /** Whether it has said all that it began, and may begin a request. */
  get isQuiet(): boolean {
    return this.#state === 'head' && !this.hasEnded && this.unread.count === 0;
  }

  /** Goes on after so many requests, which were so many bytes. */
  goOn(requestCount: number, bytes: number): void {
    this.requestCount = requestCount;
    this.unread.relayed(bytes);
  }

  /** Nothing is read until further notice. */
  busy(out: ProxyAction[]): void {
    if (this.#state === 'busy') return;
    this.#state = 'busy';
    out.push(HOLD);
  }

  /** Is held again, after something else has let it go. */
  hold(out: ProxyAction[]): void {
    out.push(HOLD);
  }

  /** Reading goes on. */
  become(state: 'head' | 'body' | 'leaving', out: ProxyAction[]): void {
    if (this.#state === 'busy') out.push(RELEASE);
    this.#state = state;
    if (state === 'body') this.bodyFrom = this.unread.consumed;
  }

  /** The session is over: nothing is read any more. */
  stop(): void {
    this.#state = 'leaving';
  }
}
