// A body that a child looks at: what it gives goes on, once what announces it may go; what it refuses goes nowhere.

import type { ContentDecoding } from '../../../proxy/content-decoding.ts';
import type { Bytes, ProxyAction, ProxyEvent, Stackable } from '../../../proxy/engine.ts';
import type { TransferFailure, TransferNews } from '../../../proxy/stack-transfer.ts';
import { StackTransfer } from '../../../proxy/stack-transfer.ts';
import type { BodySink } from '../bodies/body-transfer.ts';
import type { OutputBody } from './output-body.ts';

/** Who announces a body, and is told of its end. */
export interface Announcer {
  /** The body is about to go, of this length if that is known. What announces it goes first; then comes `resume`. */
  announce(length: number | undefined, out: ProxyAction[]): void;
  /** The receiver has all. */
  finished(out: ProxyAction[]): void;
  /** It has nothing, or a part, and gets no more. */
  failed(failure: TransferFailure, out: ProxyAction[]): void;
}

/** A body and who looks at it. */
export interface StackedOptions {
  readonly child: Stackable;
  readonly source: 'client' | 'server';
  /** What comes before the body in MIME form: its header and an empty line. */
  readonly header: Bytes | undefined;
  readonly maxHeaderBytes: number;
  readonly decode: ContentDecoding | undefined;
  /** The length of the body, where it is known. */
  readonly length: number | undefined;
  readonly idleTimeoutMs: number;
}

/** One body on its way through a child. */
export class StackedBody implements BodySink {
  readonly wantsAll = true;
  readonly #transfer: StackTransfer;
  readonly #header: Bytes | undefined;
  readonly #announcer: Announcer;
  #length: number | undefined;
  #output: OutputBody | undefined;

  constructor(options: StackedOptions, announcer: Announcer) {
    const { child, source, header, decode, length, idleTimeoutMs } = options;
    const total = length === undefined ? undefined : length + (header?.length ?? 0);
    this.#header = header;
    this.#announcer = announcer;
    this.#transfer = new StackTransfer({
      ...{ child, source, decode, idleTimeoutMs },
      hint: total === undefined ? { format: 'file' } : { format: 'file', length: total },
      maxHeaderBytes: header === undefined ? undefined : options.maxHeaderBytes,
      pausesAtBegin: true,
    });
  }

  /** Whether it is all over with the child. */
  get isOver(): boolean {
    return this.#transfer.isOver;
  }

  /** Bytes that went to the receiver. */
  get sentBytes(): number {
    return this.#output?.bytes ?? 0;
  }

  /** Asks for the child; in MIME form it is given the header. */
  begin(out: ProxyAction[]): void {
    this.#transfer.begin(out);
    if (this.#header !== undefined) this.#transfer.give(this.#header, out);
  }

  take(bytes: Bytes, out: ProxyAction[]): void {
    this.#transfer.give(bytes, out);
  }

  /** The whole body has been taken. */
  complete(out: ProxyAction[]): void {
    this.#transfer.giveEnd(out);
  }

  /** What announces the body has gone: it follows. */
  resume(output: OutputBody, out: ProxyAction[]): void {
    this.#output = output;
    this.#obey(this.#transfer.resume(out), out);
  }

  /** Takes an event, if it is about the child. */
  handle(event: ProxyEvent, out: ProxyAction[]): boolean {
    if (!isOfChild(event)) return false;
    this.#obey(this.#transfer.handle(event, out), out);
    return true;
  }

  /** The connection of the source is dropped, after the whole body has been taken. */
  forgetSource(): void {
    this.#transfer.forgetSource();
  }

  /** The child is not needed any more. */
  abandon(out: ProxyAction[]): void {
    this.#transfer.failSource(out);
  }

  #obey(news: readonly TransferNews[], out: ProxyAction[]): void {
    for (const one of news) this.#obeyOne(one, out);
  }

  #obeyOne(news: TransferNews, out: ProxyAction[]): void {
    switch (news.type) {
      case 'length':
        this.#length = news.length;
        return;
      case 'begin':
        this.#announcer.announce(this.#length, out);
        return;
      case 'output':
        this.#write(news.bytes, out);
        return;
      case 'finished':
        this.#finish(out);
        return;
      case 'refused':
      case 'aborted':
        this.#announcer.failed(news.failure, out);
        return;
      case 'progress':
    }
  }

  #write(bytes: Bytes, out: ProxyAction[]): void {
    if (this.#output?.write(bytes, out) !== false) return;
    this.abandon(out);
    this.#announcer.failed(WRONG_LENGTH, out);
  }

  #finish(out: ProxyAction[]): void {
    if (this.#output?.end(out) === false) this.#announcer.failed(WRONG_LENGTH, out);
    else this.#announcer.finished(out);
  }
}

/** Whether an event is about a child that looks at a body. */
function isOfChild(event: ProxyEvent): boolean {
  if (event.type === 'elapsed') return event.timer.startsWith('transfer.');
  if (event.type === 'received' || event.type === 'ended')
    return event.from === 'stack-client' || event.from === 'stack-server';
  return event.type.startsWith('stack');
}

const WRONG_LENGTH: TransferFailure = {
  verdict: 'denied-by-unknown-fail',
  reason: 'content.wrong-length',
  message: 'What checks the contents gave another length than it had promised',
};
