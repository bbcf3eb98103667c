// The body of a request on its way through a child. The server is connected, and hears nothing before the child has given
// its first byte or its word; if it has gone by then, another connection is made.

import type { Bytes, ProxyAction } from '../../../proxy/engine.ts';
import type { TransferFailure } from '../../../proxy/stack-transfer.ts';
import { BodyTransfer } from '../bodies/body-transfer.ts';
import { bytesOf } from '../heads/byte-text.ts';
import type { Dialogue } from '../dialogue.ts';
import type { Exchange } from '../exchange.ts';
import type { Framing } from '../bodies/framing.ts';
import { NO_BODY } from '../bodies/framing.ts';
import { framingField } from '../heads/head-forms.ts';
import { Refused } from '../problem.ts';
import { childBody } from './child-body.ts';
import { problemOfContent } from './content-problem.ts';
import { OutputBody } from './output-body.ts';
import type { ChosenStack } from './stack-plan.ts';
import type { Announcer, StackedBody } from './stacked-body.ts';

/** Sends the head of a request with these last lines. */
export type SendHead = (end: Bytes, out: ProxyAction[]) => void;

/** What a stacked request needs. */
export interface StackedRequestParts {
  readonly dialogue: Dialogue;
  readonly exchange: Exchange;
  readonly stack: ChosenStack;
  /** The head as the server gets it, without the fields that frame the body and without its empty line. */
  readonly head: Bytes;
  readonly sendHead: SendHead;
}

/** A request whose body a child looks at. */
export class StackedRequest implements Announcer {
  readonly #parts: StackedRequestParts;
  readonly #body: StackedBody;
  /** `held`: the server has heard nothing yet. */
  #state: 'new' | 'held' | 'reconnecting' | 'flowing' | 'finished' = 'new';
  #framing: Framing | undefined;

  constructor(parts: StackedRequestParts) {
    const { dialogue, exchange, stack, head } = parts;
    const { framing } = exchange.request;
    this.#parts = parts;
    this.#body = childBody(dialogue.plan, { source: 'client', stack, head, framing }, this);
  }

  /** Whether the server has all of it. */
  get isFinished(): boolean {
    return this.#state === 'finished';
  }

  /** The server is connected: for the first time, again after it went while the child worked, or to be asked once more. */
  connected(out: ProxyAction[]): void {
    if (this.#state === 'new') this.#begin(out);
    else if (this.#state === 'reconnecting') this.#go(out);
    else this.#sendHead(out);
  }

  #begin(out: ProxyAction[]): void {
    this.#state = 'held';
    const { dialogue, exchange } = this.#parts;
    const { client, server, plan } = dialogue;
    exchange.stacked = this.#body;
    server.standBy();
    plan.timer.disarm(out);
    if (exchange.hasNoBody) {
      client.busy(out);
      this.#body.begin(out);
      this.#body.complete(out);
      return;
    }
    // The server hears nothing before the body has come: it cannot ask for it.
    exchange.tellToGoOn(out);
    exchange.body = new BodyTransfer({
      from: 'client',
      to: 'server',
      coding: 'plain',
      framing: exchange.request.framing,
      limits: plan.settings,
      sink: this.#body,
    });
    client.become('body', out);
    this.#body.begin(out);
  }

  /** The whole body has come from the client. */
  complete(out: ProxyAction[]): void {
    this.#body.complete(out);
  }

  announce(length: number | undefined, out: ProxyAction[]): void {
    const { dialogue, exchange } = this.#parts;
    const { server } = dialogue;
    this.#framing = framingOf(exchange, length);
    if (server.phase === 'idle') {
      this.#go(out);
      return;
    }
    this.#state = 'reconnecting';
    server.retry(exchange, out);
  }

  /** What has been held back goes. */
  #go(out: ProxyAction[]): void {
    this.#state = 'flowing';
    this.#sendHead(out);
    const { spool } = this.#parts.exchange;
    this.#body.resume(new OutputBody('server', this.#framing ?? NO_BODY, spool), out);
  }

  #sendHead(out: ProxyAction[]): void {
    const end = framingField(this.#framing ?? NO_BODY);
    this.#parts.sendHead(bytesOf(`${end}\r\n`), out);
    if (this.#state === 'finished') this.#parts.dialogue.plan.timer.forResponse(out);
  }

  finished(out: ProxyAction[]): void {
    const { dialogue, exchange } = this.#parts;
    this.#state = 'finished';
    if (exchange.response?.hasBegun !== true) dialogue.plan.timer.forResponse(out);
  }

  failed(failure: TransferFailure): void {
    throw new Refused(problemOfContent(failure, 'client'));
  }
}

/** A request without a body has none afterwards. */
function framingOf(exchange: Exchange, length: number | undefined): Framing {
  if (exchange.hasNoBody) return exchange.request.framing.kind === 'none' ? NO_BODY : EMPTY;
  return length === undefined ? { kind: 'chunked' } : { kind: 'length', length };
}

const EMPTY: Framing = { kind: 'length', length: 0 };
