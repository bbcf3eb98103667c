// The body of one response on its way from the server: to the client, or to the child that looks at it.

import type { Bytes, ProxyAction } from '../../proxy/engine.ts';
import type { BodyRoute } from './bodies/body-transfer.ts';
import { BodyTransfer } from './bodies/body-transfer.ts';
import type { OutputBody } from './stacking/output-body.ts';
import type { StackedResponse } from './stacking/stacked-response.ts';
import type { HttpPlan } from './http-plan.ts';

/** Where a body goes; without a child its end is that of the connection if it leaves plain. */
export interface BodyWay extends Pick<BodyRoute, 'framing' | 'coding' | 'trailers'> {
  /** The child that looks at it. */
  readonly stacked?: StackedResponse;
  /** Puts a body without length into chunks, where no child looks at it. */
  readonly rechunked?: OutputBody | undefined;
}

/** The body of one response. */
export class ResponseBody {
  readonly #plan: Pick<HttpPlan, 'settings' | 'timer'>;
  readonly #way: BodyWay;
  readonly #transfer: BodyTransfer;
  /** `untimed` until its pauses are measured, `received` when the server has sent all. */
  #state: 'untimed' | 'timed' | 'received';

  constructor(plan: Pick<HttpPlan, 'settings' | 'timer'>, way: BodyWay) {
    const { framing, coding, trailers, stacked, rechunked } = way;
    const sink = stacked?.body ?? rechunked;
    const route = { framing, coding, trailers, sink, limits: plan.settings };
    this.#plan = plan;
    this.#way = way;
    this.#transfer = new BodyTransfer({ ...route, from: 'server', to: 'client' });
    this.#state = stacked === undefined ? 'untimed' : 'timed'; // a child has its own time
  }

  /** Bytes of it that the client has got. */
  get sentBytes(): number {
    return this.#way.stacked?.body.sentBytes ?? this.#transfer.bodyBytes;
  }

  /** Whether the server has sent all of it. */
  get isReceived(): boolean {
    return this.#state === 'received';
  }

  /** Whether all of it is through, where no child has the last word. */
  get isOver(): boolean {
    return this.isReceived && this.#way.stacked === undefined;
  }

  /** Whether the client can only tell by the way the connection ends that it is complete. */
  get endsByClose(): boolean {
    return this.#way.stacked?.endsByClose ?? this.#way.coding === 'plain';
  }

  /** The head has gone: a body without bytes is over now. */
  begin(out: ProxyAction[]): void {
    this.#way.stacked?.body.begin(out);
    this.#checkComplete(out);
  }

  /** Takes bytes of the server from `from` on; gives where those begin that are not of the body, or cannot be taken now. */
  take(bytes: Bytes, from: number, out: ProxyAction[]): number {
    const at = this.#transfer.take(bytes, from, out);
    this.#checkComplete(out);
    // One that came with its head is over before a timer could run.
    if (this.#state === 'untimed') {
      this.#state = 'timed';
      this.#plan.timer.forBody(out);
    }
    return at;
  }

  /** Bytes that a relay has moved. */
  relayed(bytes: number): void {
    this.#transfer.relayed(bytes);
    if (this.#transfer.isComplete) this.#state = 'received';
  }

  /** The server sends no more. Whether that properly ends the body. */
  ended(error: string | undefined, out: ProxyAction[]): boolean {
    const isProper = this.#way.framing.kind === 'until-close' && error === undefined;
    if (isProper) this.#complete(out);
    return isProper;
  }

  /** The connection of the server is dropped, after it has sent all. */
  forgetServer(): void {
    this.#way.stacked?.body.forgetSource();
  }

  #checkComplete(out: ProxyAction[]): void {
    if (this.#transfer.isComplete && !this.isReceived) this.#complete(out);
  }

  /** The server has sent all; where a child looks at it, the child says when it is over. */
  #complete(out: ProxyAction[]): void {
    this.#state = 'received';
    this.#way.rechunked?.end(out);
    this.#way.stacked?.body.complete(out);
  }
}
