// Reads what the client sends: heads and bodies of requests, one at a time. While the client is busy nothing is read,
// and what comes then waits.

import type { Bytes, ProxyAction } from '../../proxy/engine.ts';
import type { BodyTransfer } from './bodies/body-transfer.ts';
import type { ClientSide } from './client-side.ts';
import type { Head } from './heads/head.ts';
import type { HeadParser } from './heads/head-parser.ts';
import type { Direction } from './http-plan.ts';
import type { RequestLine } from './heads/request-line.ts';

/** Who is told what was read. */
export interface RequestConsumer {
  /** A head has come. It is valid within the event. */
  head(head: Head<RequestLine>, out: ProxyAction[]): void;
  /** The body that is passing, if there is one. */
  body(): BodyTransfer | undefined;
  /** The whole body has been read. */
  bodyComplete(out: ProxyAction[]): void;
}

/** Where reading stands: in the bytes at hand, whose first one is number `offset` of the stream. */
interface Place {
  readonly at: number;
  readonly offset: number;
}

/** The reader of one client connection. */
export class ClientReader {
  readonly #client: ClientSide;
  readonly #direction: Pick<Direction<RequestLine>, 'parsers'>;
  /** Taken for each head: a client that is idle has none. */
  #parser: HeadParser<RequestLine> | undefined;
  readonly #consumer: RequestConsumer;
  #lastMethod: string | undefined;

  constructor(
    client: ClientSide,
    direction: Pick<Direction<RequestLine>, 'parsers'>,
    consumer: RequestConsumer,
  ) {
    this.#client = client;
    this.#direction = direction;
    this.#consumer = consumer;
  }

  /** Whether a part of a head has come. */
  get isInsideHead(): boolean {
    return this.#parser?.isInside === true;
  }

  /** The method of the request that was read last, or is being read; undefined if its first line has not come, or is none. */
  get method(): string | undefined {
    return this.#parser === undefined ? this.#lastMethod : this.#parser.line?.method;
  }

  /** Takes bytes of the client. */
  received(bytes: Bytes, out: ProxyAction[]): void {
    this.#read(bytes, this.#client.unread.received(bytes), out);
  }

  /** Notes bytes of a body that a relay has moved. */
  relayed(bytes: number, out: ProxyAction[]): void {
    this.#client.unread.relayed(bytes);
    const body = this.#consumer.body();
    body?.relayed(bytes);
    if (body?.isComplete === true) this.#consumer.bodyComplete(out);
  }

  /** Reads on in bytes that came while the client was busy, once it is not. */
  goOn(out: ProxyAction[]): void {
    while (this.#client.isReading) {
      const waiting = this.#client.unread.take();
      if (waiting === undefined) break;
      this.#read(waiting.bytes, waiting.offset, out);
    }
  }

  #read(bytes: Bytes, offset: number, out: ProxyAction[]): void {
    let at = 0;
    while (at < bytes.length && this.#client.isReading)
      at =
        this.#client.state === 'head'
          ? this.#readHead(bytes, { at, offset }, out)
          : this.#readBody(bytes, { at, offset }, out);
    if (at < bytes.length && this.#client.state === 'busy') this.#client.unread.keep(bytes, at);
  }

  #readHead(bytes: Bytes, { at, offset }: Place, out: ProxyAction[]): number {
    const { parsers } = this.#direction;
    const parser = (this.#parser ??= parsers.take());
    const head = parser.read(bytes, at);
    if (head === undefined) return bytes.length;
    this.#parser = undefined;
    const { next } = parser;
    parsers.giveBack(parser);
    this.#client.unread.consumed = offset + next;
    this.#client.requestCount++;
    this.#lastMethod = head.line.method;
    this.#consumer.head(head, out);
    return next;
  }

  #readBody(bytes: Bytes, { at, offset }: Place, out: ProxyAction[]): number {
    const body = this.#consumer.body();
    if (body === undefined) return bytes.length;
    const before = body.consumed;
    try {
      return body.take(bytes, at, out);
    } finally {
      this.#client.unread.consumed = offset + at + body.consumed - before;
      if (body.isComplete) this.#consumer.bodyComplete(out);
    }
  }
}
