// A port for two protocols: the first byte of a client tells whether it speaks HTTP or SOCKS.

import type {
  LogAction,
  ProxyAction,
  ProxyContext,
  ProxyEvent,
  RestingEngine,
} from '../../proxy/engine.ts';
import type { ProxyCore } from '../../proxy/guard.ts';
import type { PolicyFault, Violation } from '../../proxy/violation.ts';
import { isSocks } from '../socks/socks-handshake.ts';
import { SocksCore } from '../socks/socks-proxy.ts';

/** The HTTP engine, or the SOCKS engine before it. */
export class FrontDoor implements ProxyCore {
  readonly #context: ProxyContext;
  #core: ProxyCore;
  #isKnown = false;

  constructor(http: ProxyCore, context: ProxyContext) {
    this.#core = http;
    this.#context = context;
  }

  handle(event: ProxyEvent, out: ProxyAction[]): void {
    if (event.type === 'elapsed') this.#isKnown = true; // whoever has said nothing in time was told so in HTTP
    const isFirst = !this.#isKnown && event.type === 'received' && event.from === 'client';
    if (isFirst && event.bytes.length > 0) {
      this.#isKnown = true;
      if (isSocks(event.bytes[0])) this.#core = new SocksCore(this.#core, this.#context);
    }
    this.#core.handle(event, out);
  }

  refuse(problem: Violation | PolicyFault, out: ProxyAction[]): void {
    this.#core.refuse(problem, out);
  }

  /** Behind a client that is known to speak HTTP there is no door any more. */
  rest(): RestingEngine | undefined {
    return this.#isKnown ? this.#core.rest?.() : undefined;
  }

  lastWords(reason: string, out: LogAction[]): void {
    this.#core.lastWords?.(reason, out);
  }
}
