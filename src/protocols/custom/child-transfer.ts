// A body of one peer goes through a child to the other one, whole or not at all as far as that can be. What announces it
// waits until the child has said something, so that the script can answer with something else.

import type { ContentVerdict } from '../../proxy/content-verdict.ts';
import type { Bytes, ProxyAction, ProxyEvent, Stackable } from '../../proxy/engine.ts';
import type { TransferFailure, TransferNews } from '../../proxy/stack-transfer.ts';
import { StackTransfer } from '../../proxy/stack-transfer.ts';
import type { BodyOutcome } from './body.ts';
import type { ChildUse } from './child-slot.ts';
import type { PeerName } from './inbox.ts';
import type { Encoding } from './text-code.ts';
import { oneLine } from './text-code.ts';
import type { Wire } from './wire.ts';
import { otherSide } from './wire.ts';

/** A body, and how it goes. */
export interface TransferPlan {
  readonly child: Stackable;
  readonly from: PeerName;
  /** Bytes that it has; Infinity: all up to the end of the peer. */
  readonly length: number;
  readonly format: 'file' | 'email';
  readonly timeoutMs: number;
  readonly completeCopy: boolean;
  /** Of the protocol, in which a description may be sent on. */
  readonly encoding: Encoding;
  /** What announces it; `by-script`: the body waits for `announced`. */
  readonly preamble: Bytes | 'by-script';
  readonly keepAlive?: { readonly everyMs: number; readonly bytes: Bytes };
}

const SILENT: ContentVerdict = { word: 'unspecified', description: '' };

/** One body on its way. */
export class ChildTransfer implements ChildUse {
  readonly #plan: TransferPlan;
  readonly #wire: Wire;
  readonly #to: PeerName;
  readonly #transfer: StackTransfer;
  #left: number;
  #state: 'stacking' | 'running' | 'over' = 'stacking';
  #hasBegun = false;
  #isDeclined = false;
  #said: ContentVerdict = SILENT;
  #outputLength: number | undefined;
  #sentBytes = 0;
  #keptAlive = 0;
  #outcome: BodyOutcome | undefined;

  constructor(plan: TransferPlan, wire: Wire) {
    const { child, from, length, format, timeoutMs, completeCopy, preamble, keepAlive } = plan;
    this.#plan = plan;
    this.#wire = wire;
    this.#to = otherSide(from);
    this.#left = length;
    this.#transfer = new StackTransfer({
      child,
      hint: length === Infinity ? { format } : { format, length },
      source: from,
      idleTimeoutMs: timeoutMs,
      completeCopy,
      pausesAtBegin: preamble === 'by-script',
      ...(keepAlive === undefined ? {} : { progressMs: keepAlive.everyMs }),
    });
  }

  /** Whose body it is. */
  get from(): PeerName {
    return this.#plan.from;
  }

  /** Whether the body is to be announced now, or was. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** What came of it; undefined before. */
  get outcome(): BodyOutcome | undefined {
    return this.#outcome;
  }

  /** How long the child says its output will be. */
  get outputLength(): number | undefined {
    return this.#outputLength;
  }

  get isOver(): boolean {
    return this.#outcome !== undefined;
  }

  get isHalfDone(): boolean {
    if (this.#outcome !== undefined) return this.#outcome.outcome === 'aborted';
    return this.#hasBegun && !this.#isDeclined;
  }

  get reads(): readonly PeerName[] {
    return this.#state === 'running' && this.#left > 0 ? [this.#plan.from] : [];
  }

  begin(): void {
    this.#wire.checkOpen(this.#to, 'sent to');
    this.#wire.checkThere(this.#plan.from, 'read from');
    this.#ask((out) => {
      this.#transfer.begin(out);
      return [];
    });
  }

  /** The script has announced the body; or not, and then nothing of it goes out. */
  announced(how: 'announced' | 'declined'): void {
    if (this.isOver) return;
    this.#isDeclined = how === 'declined' || this.#wire.isClosed(this.#to);
    this.#ask((out) =>
      this.#isDeclined ? this.#transfer.failDestination(out) : this.#transfer.resume(out),
    );
  }

  handle(event: ProxyEvent): undefined {
    if (event.type === 'stacked' && this.#state === 'stacking') this.#state = 'running';
    if (event.type === 'stack-content-verdict' && this.#state === 'running')
      this.#said = event.verdict;
    this.#ask((out) => this.#transfer.handle(event, out));
    this.flow();
  }

  flow(): void {
    if (this.#state !== 'running') return;
    const bytes = this.#wire.take(this.#plan.from, this.#left);
    this.#left -= bytes.length;
    this.#ask((out) => {
      if (bytes.length > 0) this.#transfer.give(bytes, out);
      const hasEnded = this.#wire.hasEnded(this.#plan.from);
      if (hasEnded && this.#left > 0 && this.#left < Infinity)
        return this.#transfer.failSource(out);
      if (hasEnded || this.#left === 0) this.#transfer.giveEnd(out);
      return [];
    });
  }

  /** Asks the transfer, and does what it says. */
  #ask(ask: (out: ProxyAction[]) => readonly TransferNews[]): void {
    const out: ProxyAction[] = [];
    const news = ask(out);
    // Whom the script does not read, the wire holds, and knows the reasons of both.
    const isOwnHold = (action: ProxyAction): boolean =>
      (action.type === 'hold' || action.type === 'release') && action.from === this.#plan.from;
    for (const action of out) if (!isOwnHold(action)) this.#wire.act(action);
    for (const one of news) this.#obey(one);
  }

  #obey(news: TransferNews): void {
    switch (news.type) {
      case 'begin':
        return this.#begin();
      case 'output':
        this.#sentBytes += news.bytes.length;
        return this.#wire.deliver(this.#to, news.bytes, 'contents');
      case 'length':
        this.#outputLength = news.length;
        return;
      case 'progress':
        return this.#keepAlive();
      case 'finished':
        return this.#end('finished', { reason: 'content.passed', content: this.#said });
      default:
        return this.#fail(news.type, news.failure);
    }
  }

  #begin(): void {
    const { preamble } = this.#plan;
    this.#hasBegun = true;
    if (preamble !== 'by-script') this.#wire.deliver(this.#to, preamble, 'words');
  }

  /** A word while the peer waits; in the middle of the body it would be a part of it. */
  #keepAlive(): void {
    const { keepAlive } = this.#plan;
    if (keepAlive === undefined || this.#hasBegun) return;
    this.#keptAlive++;
    this.#wire.deliver(this.#to, keepAlive.bytes, 'words');
  }

  #fail(how: 'refused' | 'aborted', failure: TransferFailure): void {
    if (this.#isDeclined)
      return this.#end('refused', { reason: 'custom.declined', content: this.#said });
    const word = failure.content?.word ?? 'error'; // what could not be checked is not accepted
    const content = { word, description: failure.message };
    this.#end(how, { reason: failure.reason, content });
  }

  #end(
    outcome: BodyOutcome['outcome'],
    { reason, content }: { readonly reason: string; readonly content: ContentVerdict },
  ): void {
    const { word: verdict } = content;
    const description = oneLine(content.description, this.#plan.encoding);
    this.#state = 'over';
    this.#outcome = Object.freeze<BodyOutcome>({
      outcome,
      verdict,
      description,
      reason,
      sentBytes: this.#sentBytes,
      keptAlive: this.#keptAlive,
    });
    if (outcome === 'aborted') this.#wire.cutOff(this.#to);
    this.#wire.drop(this.#plan.from, this.#left);
  }
}
