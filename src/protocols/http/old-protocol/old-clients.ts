// Clients of HTTP/0.9 before the engine of HTTP/1: it sees a request of HTTP/1.0, and they see the body of its answer.

import type {
  Bytes,
  LogAction,
  ProxyAction,
  ProxyEvent,
  RestingEngine,
} from '../../../proxy/engine.ts';
import type { ProxyCore } from '../../../proxy/guard.ts';
import type { PolicyFault, Violation } from '../../../proxy/violation.ts';
import { HeadRemover } from './head-remover.ts';
import { RequestOpening } from './request-opening.ts';

/** The engine of HTTP/1, for clients of HTTP/0.9 too. */
export class OldClients implements ProxyCore {
  readonly #http: ProxyCore;
  readonly #opening: RequestOpening;
  readonly #remover = new HeadRemover();
  /** The client was told that nothing more comes. */
  #hasEnded = false;

  constructor(http: ProxyCore, { maxLineLength }: { readonly maxLineLength: number }) {
    this.#http = http;
    this.#opening = new RequestOpening(maxLineLength);
  }

  handle(event: ProxyEvent, out: ProxyAction[]): void {
    if (event.type === 'received' && event.from === 'client') {
      const bytes = this.#opening.take(event.bytes);
      if (bytes.length > 0) this.#pass({ ...event, bytes }, out);
      return;
    }
    // The end of the client, or of its time, comes within a request.
    if (event.type === 'elapsed' || (event.type === 'ended' && event.from === 'client'))
      this.#flush(out);
    this.#pass(event, out);
  }

  refuse(problem: Violation | PolicyFault, out: ProxyAction[]): void {
    const said: ProxyAction[] = [];
    this.#http.refuse(problem, said);
    this.#say(said, out);
  }

  /** A client that speaks HTTP/1 needs nothing of this any more. */
  rest(): RestingEngine | undefined {
    return this.#opening.kind === 'http-1' ? this.#http.rest?.() : undefined;
  }

  lastWords(reason: string, out: LogAction[]): void {
    this.#http.lastWords?.(reason, out);
  }

  #flush(out: ProxyAction[]): void {
    const bytes = this.#opening.giveUp();
    if (bytes.length > 0) this.#pass({ type: 'received', from: 'client', bytes }, out);
  }

  #pass(event: ProxyEvent, out: ProxyAction[]): void {
    if (this.#opening.kind !== 'http-0.9') {
      this.#http.handle(event, out);
      return;
    }
    const said: ProxyAction[] = [];
    try {
      this.#http.handle(event, said);
    } finally {
      this.#say(said, out);
    }
  }

  /** What the engine says, as far as such a client can hear it. */
  #say(actions: readonly ProxyAction[], out: ProxyAction[]): void {
    if (this.#opening.kind !== 'http-0.9') {
      out.push(...actions);
      return;
    }
    for (const action of actions) {
      if (action.type === 'send' && action.to === 'client') this.#sendBody(action.bytes, out);
      else if (action.type === 'close' && this.#isCut(action))
        out.push({ ...action, how: 'reset' });
      else out.push(action);
      if (action.type === 'end' && action.to === 'client') this.#hasEnded = true;
    }
  }

  #sendBody(bytes: Bytes, out: ProxyAction[]): void {
    const body = this.#remover.take(bytes);
    if (body.length > 0) out.push({ type: 'send', to: 'client', bytes: body });
  }

  /** Whether an answer is cut off: its end is that of the connection, so only a reset tells that it is not all. */
  #isCut({ verdict }: Extract<ProxyAction, { type: 'close' }>): boolean {
    return verdict !== 'accepted' && !this.#hasEnded;
  }
}
