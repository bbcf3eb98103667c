// Moves one body from one side to the other. Small ones pass as sends; what is long and known is left to the pump.

import type { Bytes, Port, ProxyAction } from '../../../proxy/engine.ts';
import { Violation } from '../../../proxy/violation.ts';
import { CRLF } from '../heads/byte-text.ts';
import { ChunkParser } from './chunk-parser.ts';
import type { ChunkLimits } from './chunk-parser.ts';
import type { Framing } from './framing.ts';
import { hasBody } from './framing.ts';
import { GatheredBytes } from './gathered-bytes.ts';
import { LAST_CHUNK, sizeLine } from './size-line.ts';
import type { Trailers } from './trailer-fields.ts';

/** Bounds on a body; 0 is no bound. */
export interface BodyLimits extends ChunkLimits {
  readonly maxBodyLength: number;
  readonly bodyTooLong: 'refuse' | 'cut';
}

/** What takes a body in place of its receiver: a stacked child, or what keeps it to be sent again. */
export interface BodySink {
  /** Whether every byte must come by here; if not, the rest is relayed. */
  readonly wantsAll: boolean;
  /** Takes bytes, which are borrowed. */
  take(bytes: Bytes, out: ProxyAction[]): void;
}

/** Where a body comes from and how it leaves: chunked bodies leave in chunks, or `plain` to a reader of HTTP/1.0. */
export interface BodyRoute {
  readonly from: 'client' | 'server';
  readonly to: 'client' | 'server';
  readonly framing: Framing;
  readonly coding: 'same' | 'plain';
  readonly limits: BodyLimits;
  /** Default: `to`. */
  readonly sink?: BodySink | undefined;
  /** What trailers pass. Default: they are dropped. */
  readonly trailers?: Trailers | undefined;
}

/** Whether a body announces more than it may have, and is to be refused for it. */
export function isTooLong(framing: Framing, { maxBodyLength, bodyTooLong }: BodyLimits): boolean {
  return (
    framing.kind === 'length' &&
    maxBodyLength > 0 &&
    framing.length > maxBodyLength &&
    bodyTooLong === 'refuse'
  );
}

/** From here on a relay is cheaper than sends: it saves every further look at the bytes. */
const RELAY_FROM_BYTES = 16_384;

/** The movement of one body. */
export class BodyTransfer {
  /** Bytes of the body, without chunk sizes. */
  bodyBytes = 0;
  /** Bytes taken of the stream, with chunk sizes. */
  consumed = 0;
  isComplete: boolean;
  readonly framing: Framing;
  readonly #route: BodyRoute;
  readonly #chunks: ChunkParser | undefined;
  #isRelaying = false;
  /** Whether more data of a chunk is to come. */
  #isInChunk = false;

  constructor(route: BodyRoute) {
    this.#route = route;
    this.framing = route.framing;
    this.isComplete = !hasBody(route.framing);
    this.#chunks =
      route.framing.kind === 'chunked'
        ? new ChunkParser(route.from, route.limits, route.trailers?.names)
        : undefined;
  }

  /** Takes bytes of the body from `from` on; gives where the rest begins, which is no longer of the body. */
  take(bytes: Bytes, from: number, out: ProxyAction[]): number {
    if (this.isComplete) return from;
    if (this.#isRelaying) return this.#takeLost(bytes, from);
    if (this.#chunks !== undefined) return this.#takeChunks(this.#chunks, { bytes, from }, out);
    const length = Math.min(this.#expected(), bytes.length - from);
    if (length > 0) this.#send(bytes.subarray(from, from + length), out);
    this.consumed += length;
    this.bodyBytes += length;
    if (from + length < bytes.length && this.framing.kind === 'until-close') throw this.#tooLong();
    if (!this.#noteEnd()) this.#relay(this.#unseen(), out);
    return from + length;
  }

  /**
   * Takes what comes past a relay: its receiver was dropped, and nobody knows how far the body is. The rest goes nowhere, and
   * the body is never complete, so that nothing behind it is taken for a message.
   */
  #takeLost(bytes: Bytes, from: number): number {
    this.consumed += bytes.length - from;
    return bytes.length;
  }

  /** Bytes that a relay has moved. */
  relayed(bytes: number): void {
    this.#isRelaying = false;
    this.consumed += bytes;
    this.bodyBytes += bytes;
    if (this.#chunks === undefined) {
      this.#noteEnd();
      return;
    }
    this.#chunks.skip(bytes);
    this.#isInChunk = this.#chunks.remaining > 0;
    if (this.#chunks.remaining > 0 && this.#allowed() === 0) throw this.#tooLong();
  }

  /** How many bytes may still come, of a body that is not chunked. */
  #expected(): number {
    const { framing } = this;
    const announced = framing.kind === 'length' ? framing.length - this.bodyBytes : Infinity;
    return Math.min(announced, this.#allowed());
  }

  /**
   * How many of the bytes to come need not be seen. The last one of a response is read, and with it what stands behind the
   * response: whoever sends the next request first would take that for its answer (queue poisoning).
   */
  #unseen(): number {
    const { from, framing } = this.#route;
    if (from !== 'server' || framing.kind !== 'length') return this.#expected();
    return Math.min(framing.length - this.bodyBytes - 1, this.#allowed());
  }

  /** How many bytes the policy still permits. */
  #allowed(): number {
    const { maxBodyLength } = this.#route.limits;
    return maxBodyLength === 0 ? Infinity : maxBodyLength - this.bodyBytes;
  }

  /** Notes whether the body is complete, where its length was announced; where more was than may pass, it ends here. */
  #noteEnd(): boolean {
    const { framing } = this;
    if (framing.kind !== 'length') return false;
    this.isComplete = framing.length === this.bodyBytes;
    if (!this.isComplete && this.#allowed() === 0) throw this.#tooLong();
    return this.isComplete;
  }

  #takeChunks(
    chunks: ChunkParser,
    { bytes, from }: { bytes: Bytes; from: number },
    out: ProxyAction[],
  ): number {
    const gathered = new GatheredBytes(bytes, from, (some) => this.#send(some, out));
    chunks.at = from;
    try {
      this.#passWhole(chunks, bytes, gathered);
      while (!this.isComplete && this.#chunkStep(chunks, bytes, gathered));
    } finally {
      this.consumed += chunks.at - from;
      gathered.flush();
    }
    if (this.#isInChunk) this.#relay(Math.min(chunks.remaining, this.#allowed()), out);
    return chunks.at;
  }

  /** One step of a chunked body; false when there are no more bytes. */
  #chunkStep(chunks: ChunkParser, bytes: Bytes, gathered: GatheredBytes): boolean {
    const before = chunks.at;
    switch (chunks.read(bytes)) {
      case 'size':
        this.#beginChunk(chunks, before, gathered);
        return true;
      case 'data':
        this.#chunkData(before, chunks, gathered);
        return true;
      case 'chunk-end':
        if (this.#keepsChunks()) gathered.write(CRLF, before, chunks.at);
        this.#passWhole(chunks, bytes, gathered);
        return true;
      case 'complete':
        this.#endChunks(chunks, before, gathered);
        return true;
      case 'starved':
        return false;
    }
  }

  /** Whole chunks, of which there may be thousands: with as little as can be for each. */
  #passWhole(chunks: ChunkParser, bytes: Bytes, gathered: GatheredBytes): void {
    if (!this.#keepsChunks()) return;
    for (;;) {
      const before = chunks.at;
      this.bodyBytes += chunks.skipWhole(bytes, this.#allowed());
      const at = chunks.at;
      gathered.pass(before, at);
      const size = chunks.skipOdd(bytes, this.#allowed());
      if (size === 0) return;
      this.bodyBytes += size;
      const from = chunks.at - size - CRLF.length;
      gathered.write(sizeLine(size), at, from);
      gathered.pass(from, chunks.at);
    }
  }

  #beginChunk(chunks: ChunkParser, before: number, gathered: GatheredBytes): void {
    const { bodyTooLong } = this.#route.limits;
    const allowed = this.#allowed();
    if (chunks.remaining > allowed && (bodyTooLong === 'refuse' || allowed === 0))
      throw this.#tooLong();
    this.#isInChunk = true;
    if (this.#keepsChunks()) gathered.write(sizeLine(chunks.remaining), before, chunks.at);
  }

  #chunkData(before: number, chunks: ChunkParser, gathered: GatheredBytes): void {
    const length = chunks.at - before;
    const passed = Math.min(length, this.#allowed());
    gathered.pass(before, before + passed);
    this.bodyBytes += passed;
    if (passed < length) throw this.#tooLong();
    this.#isInChunk = chunks.remaining > 0;
  }

  #endChunks(chunks: ChunkParser, before: number, gathered: GatheredBytes): void {
    this.isComplete = true;
    if (!this.#keepsChunks()) return;
    const { trailers } = this.#route;
    if (trailers === undefined || chunks.trailers === undefined || chunks.trailers.count === 0)
      gathered.write(LAST_CHUNK, before, chunks.at);
    else gathered.add(trailers.write(chunks.trailers));
  }

  #keepsChunks(): boolean {
    return this.#route.coding === 'same';
  }

  #send(bytes: Bytes, out: ProxyAction[]): void {
    const { sink, to } = this.#route;
    if (sink === undefined) out.push({ type: 'send', to, bytes });
    else sink.take(bytes, out);
  }

  #relay(length: number, out: ProxyAction[]): void {
    const { sink } = this.#route;
    if (length < RELAY_FROM_BYTES || sink?.wantsAll === true) return;
    this.#isRelaying = true;
    const { from, to }: { from: Port; to: Port } = this.#route;
    out.push({ type: 'relay', from, to, length });
  }

  #tooLong(): Violation {
    return new Violation('http.body-too-long', this.#route.from, 'The body is longer than allowed');
  }
}
